// task-spooler (Debian's `tsp`): a server process, and a client process for each job that waits. It writes each job's output
// straight into a file, and syncs nothing.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argvOf, expectEqual, type Job, loop, slots } from '../jobs.ts';
import type { Does } from '../queues.ts';
import { sh, type Surroundings } from '../run.ts';

/** More than these cannot wait: each holds a descriptor of the server's. */
export const waitingAtMost = 900;

/** Gives the surroundings in which `tsp` has a server of its own. */
export function surroundings(folder: string): Surroundings {
  mkdirSync(join(folder, 'out'));
  // It keeps the last 1,000 that ended unless told otherwise; the blocker of `filled` is one more.
  return { env: { TS_SOCKET: join(folder, 'socket'), TMPDIR: join(folder, 'out'), TS_MAXFINISHED: '10000' } };
}

export const fed: Does = async (folder, job, count) => {
  const around = surroundings(folder);
  await sh(`tsp -S ${slots}`, around);
  const startedAt = Date.now();
  await sh(`${loop(count, `tsp ${line(job)} > /dev/null`)}; tsp -w`, around);
  const tookMs = Date.now() - startedAt;
  await check(folder, count, around);
  return tookMs;
};

/** The slots are taken by jobs that wait for a FIFO's end while it is filled. */
export const filled: Does = async (folder, job, count) => {
  const around = surroundings(folder);
  const fifo = join(folder, 'fifo');
  await sh(`tsp -S ${slots}; mkfifo ${fifo}; ${loop(slots, `tsp cat ${fifo} > /dev/null`)}`, around);
  await sh(loop(count, `tsp ${line(job)} > /dev/null`), around);
  const startedAt = Date.now();
  await sh(`: > ${fifo}; tsp -w`, around);
  const tookMs = Date.now() - startedAt;
  await check(folder, count + slots, around);
  return tookMs;
};

function line(job: Job): string {
  return argvOf[job].map((word) => `'${word}'`).join(' ');
}

async function check(folder: string, count: number, around: Surroundings): Promise<void> {
  // The other slot may have been at work when the last job ended.
  const ended = `tsp -l | awk '$2 == "finished" && $4 == 0' | wc -l`;
  const said = await sh(
    `for _ in 1 2 3 4 5; do [ $(${ended}) -lt ${count} ] || break; sleep 0.2; done; ${ended}; tsp -K`,
    around,
  );
  expectEqual('task-spooler', Number(said), count, 'jobs that ended well are');
  rmSync(folder, { recursive: true });
}
