import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scheduleFieldTable } from '../../src/format/schedule-docs.ts';

const page = join(import.meta.dirname, '../../docs/schedules.md');

// `npx vitest run test/format/schedule-docs.test.ts -u` writes the table anew.

test('the table in docs/schedules.md is what the table of a schedule’s fields says', async () => {
  const written = readFileSync(page, 'utf8');
  const generated = written.replace(
    /(<!-- from here .* -->\n)[^]*?(\n<!-- end of the table -->)/,
    (_whole, begin: string, end: string) => `${begin}\n${scheduleFieldTable()}${end}`,
  );
  expect(generated).toContain('| `every` |');
  await expect(generated).toMatchFileSnapshot(page);
});
