// Reading what a person named on the command line: a file of any kind, or standard input.
import fs from 'node:fs';

/** Gives the whole content of a file, a pipe or (`-`) standard input. Waits for its end. @throws errno errors */
export function readInput(file: string): Buffer {
  return fs.readFileSync(file === '-' ? 0 : file);
}
