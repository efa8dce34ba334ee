// sjq init DIR: makes a root.
import { relative, resolve } from 'node:path';
import { bytesFromUtf8, shownFromName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { makeRoot } from '../../monitor/root.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { realFiles } from '../../system/files.ts';
import { writeReadmes } from '../readmes.ts';
import { shellLine } from '../shell-line.ts';

/** Makes the directories of a root, with a README in each that has none; what is there already stays as it is. */
export function init(dir: string | undefined): void {
  if (dir === undefined || dir === '') throw new SjqError('usage', 'say where: sjq init DIR');
  const root = bytesFromUtf8(resolve(dir));
  const config = readConfig(realFiles, root);
  const made = makeRoot(realFiles, root, config);
  writeReadmes(root, config);
  const shown = shownFromName(root);
  process.stdout.write(made.length > 0 ? `${shown} is a queue root now\n` : `${shown} was a queue root already\n`);
  const fromHere = relative('', dir);
  const typed = fromHere === '' || fromHere.startsWith('..') ? resolve(dir) : fromHere;
  process.stderr.write(`start its monitor with: sjq monitor --root ${shellLine([typed])}\n`);
}
