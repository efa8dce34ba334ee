// Making many small files durable. A sync of each waits for the disk as often as there are files; one of their whole file system
// waits once, whatever else it has to write.
import fs from 'node:fs';
import { type Bytes, bufferFromBytes } from '../model/bytes.ts';
import { SjqError } from '../model/errors.ts';
import { realFiles } from './files.ts';

/** Makes the contents of files in `dir` durable. Their names are not: that is a sync of the directory. */
export type SyncFiles = (dir: Bytes, paths: readonly Bytes[]) => Promise<void>;

/** So many are synced one by one. */
const few = 16;

/**
 * The real one. A failure is told once, by the kernel too (5.8 and newer): what was written before it may be gone, so nothing is
 * synced again and believed.
 *
 * @throws SjqError `cannot-write-root`, or an errno error
 * @see syncfs(2)
 */
export const syncFiles: SyncFiles = async (dir, paths) => {
  if (paths.length <= few) {
    await Promise.all(paths.map((path) => realFiles.syncFile(path)));
    return;
  }
  // Lent as a descriptor: the path may hold bytes that no argument of a program can.
  const fd = fs.openSync(bufferFromBytes(dir), fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    const { execa } = await import('execa');
    // execa's types know descriptors up to 3 only.
    const ran = await execa('sync', ['-f', '/proc/self/fd/0'], { stdin: fd as 3, stdout: 'ignore', reject: false });
    if (ran.exitCode === 0) return;
    const why = ran.stderr || ran.shortMessage || 'no reason given';
    throw new SjqError('cannot-write-root', `the disk cannot be synced (${why}): look at the kernel log (dmesg)`);
  } finally {
    fs.closeSync(fd);
  }
};
