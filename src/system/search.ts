// Searching a job's output for a pattern: tail and grep do it, from an offset on, at the disk's speed and in no memory of ours.
import fs from 'node:fs';
import { type Bytes, bufferFromBytes, utf8FromBytes } from '../model/bytes.ts';

/** A pattern of a few bytes can ask for any amount of either; a log at the disk's speed takes minutes, and memory for its longest line. */
const limits = 'ulimit -v 1048576; ulimit -t 600';

/** True if a line from `offset` on matches the extended regular expression. @throws Error with grep's words if the pattern is none. */
export async function grepFrom(path: Bytes, offset: number, pattern: string): Promise<boolean> {
  const handle = await fs.promises.open(bufferFromBytes(path));
  try {
    const { execa } = await import('execa');
    // The child gets the descriptor itself, at 0 whatever was read of it: so tail finds the offset, and seeks to it.
    const { exitCode, stderr } = await execa(
      '/bin/sh',
      ['-c', `${limits}; tail -c "+$0" | grep -a -E -q -e "$1"`, String(offset + 1), pattern],
      // execa's types know descriptors up to 9 only; it passes any.
      { stdin: handle.fd as 0, reject: false, env: { LC_ALL: 'C.UTF-8' } },
    );
    if (exitCode === 0 || exitCode === 1) return exitCode === 0;
    throw new Error(`${stderr.trim() || 'grep could not be run'} (${utf8FromBytes(path)})`);
  } finally {
    await handle.close();
  }
}
