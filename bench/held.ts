// What each queue holds of the machine's memory while so many jobs wait in it, all its processes together, in MB.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { crowdedRoot, startPaused } from './crowded.ts';
import { loop, slots } from './jobs.ts';
import { worker } from './peers/bullmq.ts';
import { surroundings } from './peers/task-spooler.ts';
import { memoryOfAllMb } from './process.ts';
import { end, run, sh, started } from './run.ts';

/** Gives the memory with so many waiting; `folder` is new and goes. */
export type Holds = (folder: string, count: number) => Promise<number>;

export const ourHolds: Holds = async (folder, count) => {
  const crowd = { waiting: count, done: 0 };
  const root = crowdedRoot(folder, crowd);
  await startPaused(root, crowd);
  // The launcher, whose environment is its own, is not among them: 3 MB.
  const mb = memoryOfAllMb(`SJQ_BENCH=${folder}`);
  await root.remove();
  return mb;
};

export const taskSpoolerHolds: Holds = async (folder, count) => {
  const { env } = surroundings(folder);
  const around = { env: { ...env, SJQ_BENCH: folder } };
  const fifo = join(folder, 'fifo');
  await sh(`tsp -S ${slots}; mkfifo ${fifo}; ${loop(slots, `tsp cat ${fifo} > /dev/null`)}`, around);
  await sh(loop(count, 'tsp /bin/true > /dev/null'), around);
  const mb = memoryOfAllMb(`SJQ_BENCH=${folder}`);
  await sh(`: > ${fifo}; tsp -w; sleep 0.5; tsp -K`, around);
  rmSync(folder, { recursive: true });
  return mb;
};

export const nqHolds: Holds = async (folder, count) => {
  const queue = join(folder, 'q');
  const fifo = join(folder, 'fifo');
  mkdirSync(queue);
  const around = { env: { NQDIR: queue, SJQ_BENCH: folder } };
  await sh(`mkfifo ${fifo}; nq cat ${fifo} > /dev/null; ${loop(count, 'nq /bin/true > /dev/null')}`, around);
  const mb = memoryOfAllMb(`SJQ_BENCH=${folder}`);
  await sh(`: > ${fifo}; nq -w`, around);
  rmSync(folder, { recursive: true });
  return mb;
};

export const bullmqHolds: Holds = async (folder, count) => {
  const socket = join(folder, 'redis');
  const around = { env: { SJQ_BENCH: folder } };
  const redis = started('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], around);
  await run(process.execPath, [worker, 'add', socket, String(count)]);
  // A worker that is to run nothing: it is there, as it would be.
  const idle = started(process.execPath, [worker, 'idle', socket], around);
  await wait(3000);
  const mb = memoryOfAllMb(`SJQ_BENCH=${folder}`);
  await end(idle, 'SIGKILL');
  await end(redis);
  rmSync(folder, { recursive: true });
  return mb;
};
