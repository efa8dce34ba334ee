import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fieldTable, laterFieldTable } from '../../src/format/uow-docs.ts';
import { headerFields } from '../../src/model/header.ts';

const reference = join(import.meta.dirname, '../../docs/uow-format.md');

// `npx vitest run test/format/uow-docs.test.ts -u` writes the tables anew.

test('the tables in docs/uow-format.md are what the table of header fields says', async () => {
  const tables = [fieldTable(), laterFieldTable()];
  const written = readFileSync(reference, 'utf8');
  const generated = written.replace(
    /(<!-- from here .* -->\n)[^]*?(\n<!-- end of the table -->)/g,
    (_whole, begin: string, end: string) => `${begin}\n${tables.shift() ?? ''}${end}`,
  );
  expect(tables).toEqual([]);
  await expect(generated).toMatchFileSnapshot(reference);
});

test('every header field stands in exactly one of the tables', () => {
  const names = [...(fieldTable() + laterFieldTable()).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(names.toSorted()).toEqual(headerFields.map(({ name }) => name.replace('.*', '.NAME')).sort());
});

test('only what this version acts on stands in the first table', () => {
  expect(fieldTable()).toContain('| `timeout` | a duration |');
  expect(fieldTable()).not.toContain('| `hosts` |');
  expect(laterFieldTable()).toContain('| `hosts` | text |');
});
