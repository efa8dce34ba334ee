// GNU parallel: no queue that outlives it, but what many feed their jobs to.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, expectEqual, loop, slots } from '../jobs.ts';
import type { Does } from '../queues.ts';
import { sh } from '../run.ts';

export const fed: Does = async (folder, job, count) => {
  const log = join(folder, 'log');
  const startedAt = Date.now();
  await sh(`${loop(count, `echo '${commandOf[job]}'`)} | parallel --will-cite -j${slots} --joblog ${log}`, {
    env: { HOME: folder },
  });
  const tookMs = Date.now() - startedAt;
  const lines = readFileSync(log, 'utf8').split('\n').slice(1, -1);
  const ended = lines.filter((line) => line.split('\t')[6] === '0').length;
  expectEqual('parallel', ended, count, 'jobs that ended well are');
  rmSync(folder, { recursive: true });
  return tookMs;
};
