import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { syncFiles } from '../../src/system/sync-files.ts';
import { scratchFolder } from '../support/scratch.ts';

it.each([1, 40])('%i files are synced, in a directory of any name', async (count) => {
  const dir = Buffer.from(`${scratchFolder()}/odd\xff`, 'latin1');
  mkdirSync(dir);
  const paths = Array.from({ length: count }, (_, at) => `${dir.toString('latin1')}/${at}` as Bytes);
  for (const path of paths) writeFileSync(Buffer.from(path, 'latin1'), 'x');
  await syncFiles(dir.toString('latin1') as Bytes, paths);
});

it('a directory that is not there is an error', async () => {
  const dir = bytesFromUtf8(join(scratchFolder(), 'absent'));
  const paths = Array.from({ length: 40 }, () => dir);
  await expect(syncFiles(dir, paths)).rejects.toMatchObject({ code: 'ENOENT' });
});
