// The README of each directory of a root: the same texts that the repository's queue-root holds.
import { type Bytes, bytesFromUtf8 } from '../model/bytes.ts';
import type { Config } from '../model/config.ts';
import { join, rootPaths } from '../model/paths.ts';
import { queueKinds } from '../model/queue.ts';
import { realFiles } from '../system/files.ts';
import { fileURLToPath } from 'node:url';

/** Writes a README into every directory of a root that has none. */
export function writeReadmes(root: Bytes, config: Config): void {
  const paths = rootPaths(root, config);
  const packaged = bytesFromUtf8(fileURLToPath(new URL('../../queue-root', import.meta.url)));
  const standard: Readonly<Record<(typeof queueKinds)[number], string>> = {
    wait: 'wait-q',
    priority: 'priority-q',
    executing: 'currently-executing',
    done: 'done-q',
    error: 'error-q',
    fail: 'fail-q',
    archive: 'archive',
    trash: 'trash',
  };
  const places: (readonly [Bytes, string])[] = queueKinds.map((queue) => [paths.queue[queue], standard[queue]]);
  places.push([paths.schedules, 'schedules'], [paths.flows, 'flows'], [paths.jobTypes, 'job-types']);
  for (const [dir, name] of places) {
    const text = realFiles.read(join(packaged, `${name}/README`), 0, 64 * 1024);
    if (text !== undefined) realFiles.create(join(dir, 'README'), text, { sync: false });
  }
}
