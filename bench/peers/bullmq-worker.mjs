// The two programs of a queue on BullMQ, each in a Node of its own, as an application would write them:
//
//   node bullmq-worker.mjs work SOCKET SLOTS COUNT PROGRAM ARGUMENT…   runs PROGRAM for each job, tells when COUNT have ended
//   node bullmq-worker.mjs idle SOCKET                                 a worker that is paused
//   node bullmq-worker.mjs add SOCKET COUNT                            adds jobs one after another, prints when it began
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const { Queue, Worker } = require('bullmq');
const { Redis } = require('ioredis');
const [role, path, ...rest] = process.argv.slice(2);
const connection = new Redis({ path, maxRetriesPerRequest: null });

if (role === 'work') {
  const [slots, count, program, ...args] = rest;
  const execute = promisify(execFile);
  const worker = new Worker('bench', () => execute(program, args).then(() => 'ok'), {
    connection,
    concurrency: Number(slots),
  });
  const ended = new Set();
  worker.on('completed', ({ id }) => {
    ended.add(id);
    if (ended.size === Number(count)) console.log(`ended ${Date.now()} ${ended.size}`);
  });
  worker.on('failed', (_, error) => console.error(error));
  await worker.waitUntilReady();
  console.log('ready');
} else if (role === 'idle') {
  const worker = new Worker('bench', () => Promise.resolve(), { connection, autorun: false });
  await worker.waitUntilReady();
} else {
  const queue = new Queue('bench', { connection });
  await queue.waitUntilReady();
  const startedAt = Date.now();
  for (let id = 0; id < Number(rest[0]); id++) await queue.add('no-op', {});
  console.log(startedAt);
  await queue.close();
  connection.disconnect();
}
