// Which root a command means: --root, else SJQ_ROOT, else the nearest directory upward that holds a root, else ./queue-root.
import { resolve, dirname } from 'node:path';
import { type Bytes, bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import { SjqError } from '../model/errors.ts';
import { join } from '../model/paths.ts';
import { realFiles } from '../system/files.ts';

/** True if the directory looks like a root: it has `.sjq`, or the queues of a fresh one. */
export function isRoot(dir: Bytes): boolean {
  const isDirectory = (name: string): boolean => realFiles.stat(join(dir, name))?.kind === 'directory';
  return isDirectory('.sjq') || (isDirectory('wait-q') && isDirectory('done-q'));
}

/** Gives the root as an absolute path. It need not exist when it was named. */
export function rootOf(named: string | undefined): Bytes {
  const wanted = named ?? process.env['SJQ_ROOT'];
  if (wanted !== undefined && wanted !== '') {
    const path = bytesFromUtf8(resolve(wanted));
    return realFiles.realPath(path) ?? path;
  }
  for (let dir = process.cwd(); ; dir = dirname(dir)) {
    if (isRoot(bytesFromUtf8(dir))) return bytesFromUtf8(dir);
    if (dirname(dir) === dir) break;
  }
  return bytesFromUtf8(resolve('queue-root'));
}

/** Gives the root, which must be there: a mistyped name must not become a new, empty queue. @throws SjqError `cannot-write-root` */
export function existingRoot(named: string | undefined): Bytes {
  const root = rootOf(named);
  if (isRoot(root)) return root;
  const shown = shownFromName(root);
  const message = `${shown} is no queue root: make it one with sjq init ${shown}, or name another with --root or SJQ_ROOT`;
  throw new SjqError('cannot-write-root', message);
}
