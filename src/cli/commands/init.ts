// sjq init DIR: makes a root.
import { resolve } from 'node:path';
import { bytesFromUtf8, shownFromName } from '../../model/bytes.ts';
import { makeRoot } from '../../monitor/root.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { realFiles } from '../../system/files.ts';
import { writeReadmes } from '../readmes.ts';

/** Makes the directories of a root, with a README in each that has none; what is there already stays as it is. */
export function init(dir: string): void {
  const root = bytesFromUtf8(resolve(dir));
  const config = readConfig(realFiles, root);
  const made = makeRoot(realFiles, root, config);
  writeReadmes(root, config);
  const shown = shownFromName(root);
  process.stdout.write(made.length > 0 ? `${shown} is a queue root now\n` : `${shown} was a queue root already\n`);
  process.stderr.write(`start its monitor with: sjq monitor --root ${shown}\n`);
}
