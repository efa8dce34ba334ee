import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { moveToTrash } from '../../../src/monitor/apply/trash.ts';
import { realFiles } from '../../../src/system/files.ts';
import { bytes } from '../../support/builders.ts';
import { testContext } from '../../support/context.ts';

it('what goes to trash replaces nothing that lies there: it gets a name of its own', () => {
  const { context, path, write } = testContext();
  const read = (name: string): string => readFileSync(path('trash', name), 'latin1');
  for (const text of ['first', 'second', 'third']) {
    write('wait-q/a', text);
    const from = bytes(path('wait-q/a'));
    moveToTrash(context, from, bytes('a'), realFiles.stat(from)?.ino ?? 0);
  }
  expect(['a', 'a~2', 'a~3'].map(read)).toEqual(['first', 'second', 'third']);
});
