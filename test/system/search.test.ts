import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bufferFromBytes, bytesFromUtf8, type Bytes } from '../../src/model/bytes.ts';
import { grepFrom } from '../../src/system/search.ts';
import { scratchFolder } from '../support/scratch.ts';

function fileWith(text: string, name = 'log' as Bytes): Bytes {
  const path = (bytesFromUtf8(join(scratchFolder(), '/')) + name) as Bytes;
  writeFileSync(bufferFromBytes(path), text);
  return path;
}

it('what stands before the offset is not searched', async () => {
  const path = fileWith('error-when :: BAD\nall is well\nBAD at last\n');
  expect(await grepFrom(path, 0, 'BAD')).toBe(true);
  expect(await grepFrom(path, 18, '^BAD')).toBe(true);
  expect(await grepFrom(path, 18, 'error-when')).toBe(false);
  expect(await grepFrom(path, 30, 'BAD')).toBe(true);
  expect(await grepFrom(path, 42, '.')).toBe(false);
  expect(await grepFrom(path, 4200, '')).toBe(false);
});

it('the pattern is grep’s extended expression, whatever bytes the log holds and however the file is called', async () => {
  const path = fileWith('\0\x1b[31mfailed\x1b[0m after 12 tries', '-e odd\n\xff name' as Bytes);
  expect(await grepFrom(path, 0, 'after [0-9]{2} (tries|times)$')).toBe(true);
  expect(await grepFrom(path, 0, '-q')).toBe(false);
});

it('a pattern that is none is an error with grep’s words', async () => {
  await expect(grepFrom(fileWith('text\n'), 0, '(unclosed')).rejects.toThrow(/grep: .*\(/);
});

it('a pattern that asks for all memory there is an error, and takes no more than a GiB', async () => {
  const all = '(((a{1,255}){1,255}){1,255}){1,255}';
  await expect(grepFrom(fileWith('text\n'), 0, all)).rejects.toThrow(/memory exhausted|could not be run/i);
});

it('a log of one line of 100 MB is searched', async () => {
  const path = fileWith('');
  truncateSync(bufferFromBytes(path), 100_000_000);
  expect(await grepFrom(path, 0, 'BAD')).toBe(false);
});
