// All of a root on disk, for the tests of commands that only look.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that a look must not change: names, contents, times. */
export function everything(dir: string): readonly unknown[] {
  return ['', ...readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
    const { mtimeMs, ctimeMs, ino, mode } = lstatSync(join(dir, name));
    const isFile = lstatSync(join(dir, name)).isFile();
    return { name, mtimeMs, ctimeMs, ino, mode, text: isFile ? readFileSync(join(dir, name), 'latin1') : '' };
  });
}
