// Reading what a person named on the command line: a file of any kind, or standard input.
import fs from 'node:fs';

/** Gives the whole content of a file, a pipe or (`-`) standard input. Waits for its end. @throws errno errors */
export function readInput(file: string): Buffer {
  return fs.readFileSync(file === '-' ? 0 : file);
}

/** Gives the size of standard input, if it is a file. */
export function inputSizeBytes(): number | undefined {
  const stat = fs.fstatSync(0);
  return stat.isFile() ? stat.size : undefined;
}
