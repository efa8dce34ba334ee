// A root in which very many UOWs stand, with a monitor that knows them all and starts none.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type OurRoot, ourRoot } from './ours.ts';
import { until } from './run.ts';
import { store } from './stored.ts';

/** So many are many, unless `--scale` says otherwise. */
export const many = 100_000;

export interface Crowd {
  readonly waiting: number;
  readonly done: number;
}

/** Makes the root; no monitor serves it yet. */
export function crowdedRoot(folder: string, { waiting, done }: Crowd): OurRoot {
  const root = ourRoot(folder, [`slots: 2`]);
  store(root.dir, 'wait-q', 'w', waiting);
  store(root.dir, 'done-q', 'd', done);
  return root;
}

/** Starts a monitor that is paused; resolves when it knows them all and has come to rest. */
export async function startPaused(root: OurRoot, { waiting, done }: Crowd): Promise<void> {
  root.message('PAUSE');
  await root.start();
  const posted = join(root.dir, 'status/status.json');
  const isAll = (): boolean => {
    if (!existsSync(posted)) return false;
    const { counts, paused } = JSON.parse(readFileSync(posted, 'utf8')) as {
      readonly paused: boolean;
      readonly counts: Readonly<Record<string, number>>;
    };
    return paused && counts['wait-q'] === waiting && counts['done-q'] === done;
  };
  await until(isAll, 'the monitor knows them all', 250, 900_000);
  await wait(5000);
}
