// nq: no server; a process for each job waits for the locks of those before it. One runs at a time in a directory, so as many
// directories as slots are filled in turn. It writes each job's output straight into a file, and syncs nothing.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argvOf, expectEqual, loop, slots } from '../jobs.ts';
import type { Does } from '../queues.ts';
import { sh } from '../run.ts';

export const fed: Does = async (folder, job, count) => {
  const line = argvOf[job].map((word) => `'${word}'`).join(' ');
  const all = Array.from({ length: slots }, (_, at) => join(folder, `q${at}`));
  const startedAt = Date.now();
  await sh(
    `${loop(count, `NQDIR=${folder}/q$((i % ${slots})) nq ${line} > /dev/null`)}; ${all.map((dir) => `NQDIR=${dir} nq -w`).join('; ')}`,
  );
  const tookMs = Date.now() - startedAt;
  const logs = all.flatMap((dir) => readdirSync(dir).map((name) => readFileSync(join(dir, name), 'latin1')));
  const ended = logs.filter((log) => log.endsWith('[exited with status 0.]\n')).length;
  expectEqual('nq', ended, count, 'jobs that ended well are');
  rmSync(folder, { recursive: true });
  return tookMs;
};
