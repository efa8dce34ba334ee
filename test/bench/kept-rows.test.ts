import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putRows } from '../support/kept-rows.mjs';
import { scratchFolder } from '../support/scratch.ts';

test('rows that ran take the place of their old ones, and those that did not stay', () => {
  const page = join(scratchFolder(), 'page.md');
  writeFileSync(page, 'before\n<!-- figures -->\n<!-- end -->\nafter\n');
  const put = (above: string, ...rows: readonly (readonly string[])[]): void =>
    putRows({ page, markers: ['<!-- figures -->', '<!-- end -->'], above, head: ['row', 'figure'], rows });
  put('Monday', ['tee', 'slow'], ['tee', 'slower'], ['no-op', 'fast']);
  put('Tuesday', ['tee', 'quick']);
  expect(readFileSync(page, 'utf8').split('\n')).toEqual([
    ...['before', '<!-- figures -->', '', 'Tuesday', '', '| row | figure |', '| --- | --- |'],
    ...['| no-op | fast |', '| tee | quick |', '', '<!-- end -->', 'after', ''],
  ]);
});
