// Searching a job's output for a pattern: grep does it, from an offset on, at the disk's speed and in no memory of ours.
import { execa } from 'execa';
import { type Bytes, bufferFromBytes, utf8FromBytes } from '../model/bytes.ts';
import { once } from 'node:events';
import fs from 'node:fs';

/** True if a line from `offset` on matches the extended regular expression. @throws Error with grep's words if the pattern is none. */
export async function grepFrom(path: Bytes, offset: number, pattern: string): Promise<boolean> {
  const input = fs.createReadStream(bufferFromBytes(path), { start: offset });
  await once(input, 'open');
  const { exitCode, stderr } = await execa('grep', ['-a', '-E', '-q', '-e', pattern], {
    stdin: input,
    reject: false,
    env: { LC_ALL: 'C.UTF-8' },
  });
  input.destroy();
  if (exitCode === 0 || exitCode === 1) return exitCode === 0;
  throw new Error(`${stderr.trim() || 'grep could not be run'} (${utf8FromBytes(path)})`);
}
