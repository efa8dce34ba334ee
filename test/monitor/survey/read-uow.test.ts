import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headLimitBytes } from '../../../src/model/uow.ts';
import { type ReadHead, readHead } from '../../../src/monitor/survey/read-uow.ts';
import { realFiles } from '../../../src/system/files.ts';
import { bytes } from '../../support/builders.ts';
import { scratchFolder } from '../../support/scratch.ts';

function read(text: string | Buffer): ReadHead | undefined {
  const path = join(scratchFolder(), 'uow');
  writeFileSync(path, text, 'latin1');
  return readHead(realFiles, bytes(path), text.length);
}

const title = '==== UNIT OF WORK\ncommand :: true\n';
const logTitle = '==== JOB LOG\n';

describe('a head', () => {
  it('ends with the title of the log, however much stands behind that', () => {
    for (const logBytes of [0, 10, 4096, 5_000_000]) {
      const found = read(title + logTitle + 'x'.repeat(logBytes));
      expect(found?.bytes).toBe(title + logTitle);
      expect(found?.parsed).toMatchObject({
        kind: 'uow',
        head: { layout: { logOffset: title.length + logTitle.length } },
      });
    }
  });

  it('is the whole file where there is no log', () => {
    expect(read(title)).toMatchObject({ bytes: title, parsed: { kind: 'uow' } });
    expect(read('')).toMatchObject({ bytes: '', parsed: { kind: 'invalid' } });
  });

  it('is read on when it is longer than the first look, at every length around that', () => {
    for (let length = 4080; length < 4115; length++) {
      const head = title + '#'.repeat(length - title.length - 1) + '\n';
      expect(read(head)?.parsed.kind, `${length} bytes`).toBe('uow');
      expect(read(head + logTitle + 'log')).toMatchObject({ bytes: head + logTitle, parsed: { kind: 'uow' } });
    }
  });

  it('may be 64 KiB long and no longer', () => {
    const fill = (length: number): string =>
      title + '#'.repeat(length - title.length - logTitle.length - 1) + '\n' + logTitle;
    expect(read(fill(headLimitBytes))?.parsed.kind).toBe('uow');
    expect(read(fill(headLimitBytes + 1))?.parsed.kind).toBe('invalid');
    expect(read(Buffer.alloc(3_000_000, 'x'))?.parsed.kind).toBe('invalid');
  });

  it('is what is there, though the file has grown since it was looked at', () => {
    const path = join(scratchFolder(), 'uow');
    writeFileSync(path, title);
    appendFileSync(path, logTitle);
    expect(readHead(realFiles, bytes(path), title.length)?.parsed.kind).toBe('uow');
  });

  it('is none of what is no regular file or is gone, and a FIFO holds nobody up', () => {
    const folder = scratchFolder();
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    mkdirSync(join(folder, 'dir'));
    writeFileSync(join(folder, 'file'), title);
    symlinkSync('file', join(folder, 'link'));
    for (const name of ['fifo', 'dir', 'link', 'none']) {
      expect(readHead(realFiles, bytes(join(folder, name)), 100), name).toBeUndefined();
    }
  });
});
