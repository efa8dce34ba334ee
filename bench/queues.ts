// A queue under test, ours or a peer's: fed by its own submit from a loop of the shell, or filled first and then let go.
import { commandOf, type Job, loop, slots } from './jobs.ts';
import { type OurRoot, ourRoot } from './ours.ts';
import { sh } from './run.ts';

/** How our monitor is set up. */
export interface Manner {
  readonly output: 'append' | 'tee';
  readonly durability: 'process' | 'power';
}

/** Does so many no-op jobs in a new folder; gives milliseconds, checked. */
export type Does = (folder: string, job: Job, count: number) => Promise<number>;

/** Puts UOWs into wait-q; the stage holds so many at rest, u0 and on. */
export type Feed = (root: OurRoot, job: Job, count: number) => Promise<void>;

/** One `mv` each, in a loop of the shell. */
export const byMv: Feed = async ({ stage, dir }, _, count) => {
  await sh(loop(count, `mv ${stage}/u$i ${dir}/wait-q/`));
};

/** One `sjq-submit` each, in the same loop; what is on the stage stays there. `path` is the program's. */
export function bySubmit(path: string): Feed {
  return async ({ dir }, job, count) => {
    await sh(loop(count, `${path} --root ${dir} -n u$i -- '${commandOf[job]}' > /dev/null`));
  };
}

/** Moved in one after another without a process each. */
export const atOnce: Feed = async (root) => root.dropAll();

/** Ours, from the first drop to the last file in done-q. */
export function oursFed(manner: Manner, feed = byMv): Does {
  return async (folder, job, count) => {
    const root = ourRoot(folder, settingsOf(manner));
    root.prepare(count, [`command :: ${commandOf[job]}`]);
    await root.start();
    const startedAt = Date.now();
    await feed(root, job, count);
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
