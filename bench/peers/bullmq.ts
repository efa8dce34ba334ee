// BullMQ on a Redis of its own that keeps nothing on disk: a worker in one Node (bullmq-worker.mjs), a loop that adds one job after
// another in a second one.
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { argvOf, expectEqual, slots } from '../jobs.ts';
import type { Does } from '../queues.ts';
import { end, run, started, until } from '../run.ts';

export const worker = join(import.meta.dirname, 'bullmq-worker.mjs');

/** Gives why it cannot be measured; undefined if it can. */
export function whyNoBullmq(): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  try {
    for (const name of ['bullmq', 'ioredis']) resolve(name);
    return undefined;
  } catch (error) {
    return String(error).split('\n')[0];
  }
}

export const fed: Does = async (folder, job, count) => {
  const socket = join(folder, 'redis');
  const redis = started('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder]);
  const working = started(process.execPath, [worker, 'work', socket, String(slots), String(count), ...argvOf[job]]);
  let said = '';
  let complained = '';
  working.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  working.stderr?.setEncoding('utf8').on('data', (text: string) => (complained += text));
  await until(
    () => {
      if (working.exitCode !== null) throw new Error(complained);
      return said.includes('ready');
    },
    'the worker of BullMQ is ready',
    5,
  );
  const startedAt = Number(await run(process.execPath, [worker, 'add', socket, String(count)]));
  await until(() => said.includes('ended'), 'all jobs of BullMQ have ended');
  const [, endedAt, ran] = /ended (\S+) (\d+)/.exec(said) ?? [];
  expectEqual('BullMQ', Number(ran), count, 'jobs that ran and ended well are');
  await end(working, 'SIGKILL');
  await end(redis);
  rmSync(folder, { recursive: true });
  return Number(endedAt) - startedAt;
};
