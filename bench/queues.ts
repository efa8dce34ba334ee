// A queue under test, ours or a peer's: fed by its own submit from a loop of the shell, or filled first and then let go.
import { commandOf, type Job, loop, slots } from './jobs.ts';
import { ourRoot } from './ours.ts';
import { sh } from './run.ts';

/** How our monitor is set up. */
export interface Manner {
  readonly output: 'append' | 'tee';
  readonly durability: 'process' | 'power';
}

/** Does so many no-op jobs in a new folder; gives milliseconds, checked. */
export type Does = (folder: string, job: Job, count: number) => Promise<number>;

/** Ours, from the first drop to the last file in done-q, dropped by one `mv` each in a loop of the shell. */
export function oursFed(manner: Manner): Does {
  return async (folder, job, count) => {
    const root = ourRoot(folder, settingsOf(manner));
    root.prepare(count, [`command :: ${commandOf[job]}`]);
    await root.start();
    const startedAt = Date.now();
    await sh(loop(count, `mv ${root.stage}/u$i ${root.dir}/wait-q/`));
    const tookMs = (await root.done(count)) - startedAt;
    await root.check(count);
    await root.remove();
    return tookMs;
  };
}

/** Ours, from the first drop to the last file in done-q, all moved in one after another without a process each. */
export function oursAtOnce(manner: Manner): Does {
  return async (folder, job, count) => {
    const root = ourRoot(folder, settingsOf(manner));
    root.prepare(count, [`command :: ${commandOf[job]}`]);
    await root.start();
    const startedAt = Date.now();
    root.dropAll();
    const tookMs = (await root.done(count)) - startedAt;
    await root.check(count);
    await root.remove();
    return tookMs;
  };
}

/** Ours, all taken in before the first may start. */
export function oursFilled(manner: Manner): Does {
  return async (folder, job, count) => {
    const root = ourRoot(folder, settingsOf(manner));
    root.prepare(count, [`command :: ${commandOf[job]}`]);
    await root.start();
    root.message('PAUSE');
    root.dropAll();
    await root.takenIn();
    const startedAt = Date.now();
    root.message('RESUME');
    const tookMs = (await root.done(count)) - startedAt;
    await root.check(count);
    await root.remove();
    return tookMs;
  };
}

export function settingsOf({ output, durability }: Manner): readonly string[] {
  return [`slots: ${slots}`, `output: ${output}`, `durability: ${durability}`];
}
