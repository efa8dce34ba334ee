// Dropping many UOWs so that they are acknowledged together: all are written beside, made durable by as few syncs as can be, then
// entered one by one, and their directory is synced once. Each takes the steps of submit.ts in their order.
import type { Bytes } from '../model/bytes.ts';
import type { RootPaths } from '../model/paths.ts';
import { suffixOf } from './apply/names.ts';
import type { SyncFiles } from '../system/sync-files.ts';
import {
  enter,
  type Entered,
  isTakenBack,
  type Submission,
  type SubmitMachine,
  writeBeside,
  type Written,
} from './submit.ts';

/** What became of a batch: the name of each, by its place, that is acknowledged, and what kept the others from it. */
export interface Batch {
  readonly names: readonly (Bytes | undefined)[];
  readonly error?: unknown;
}

/** All of them go into one queue. */
export type BatchOf = Omit<Submission, 'name' | 'text' | 'stamp'>;

/** Submits a series of batches. */
export interface Submitter {
  /** Gives the names when they are as safe as `durability` says; after a fault those of the UOWs before it. */
  submit(drops: readonly Pick<Submission, 'name' | 'text'>[]): Promise<Batch>;
}

/** Gives what submits into one queue, and remembers from batch to batch which suffix a name had last. */
export function createSubmitter(
  machine: SubmitMachine & { readonly syncFiles: SyncFiles },
  paths: RootPaths,
  of: BatchOf,
): Submitter {
  const { files } = machine;
  const dir = paths.queue[of.queue];
  const sync = of.durability === 'power';
  const nextSuffix = new Map<Bytes, number>();

  function enterAs(written: Written): Entered {
    const entered = enter({ machine, paths }, written, nextSuffix.get(written.name));
    nextSuffix.set(written.name, suffixOf(written.name, entered.name) + 1);
    return entered;
  }

  /** Gives those that entered before one could not. */
  function enterAll(all: readonly Written[]): { readonly entered: readonly Entered[]; readonly error?: unknown } {
    const entered: Entered[] = [];
    try {
      for (const written of all) entered.push(enterAs(written));
      return { entered };
    } catch (error) {
      return { entered, error };
    }
  }

  function removeHidden(all: readonly Written[]): void {
    for (const { beside } of all) files.unlink(beside);
  }

  return {
    async submit(drops) {
      const all: Written[] = [];
      try {
        for (const drop of drops) all.push(writeBeside(machine, paths, { ...drop, ...of }, { sync: false }));
        if (sync)
          await machine.syncFiles(
            dir,
            all.map(({ beside }) => beside),
          );
      } catch (error) {
        removeHidden(all);
        return { names: [], error };
      }
      const { entered, ...fault } = enterAll(all);
      removeHidden(all.slice(entered.length));
      try {
        if (sync) files.syncDirectory(dir);
        return { names: entered.map(({ name }) => name), ...fault };
      } catch (error) {
        const names = entered.map((each, at) => (isTakenBack(files, all[at] as Written, each) ? undefined : each.name));
        removeHidden(all);
        return { names, error };
      }
    },
  };
}
