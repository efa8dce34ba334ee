import { describe, expect, it } from 'vitest';
import { baseName } from '../../../src/model/queue.ts';
import { freeName, isNameTaken, linkFree, suffixed } from '../../../src/monitor/apply/names.ts';
import { bytes } from '../../support/builders.ts';
import { testContext } from '../../support/context.ts';

describe('a suffix', () => {
  it('makes ~2, ~3 of a name, and 1 is the name itself', () => {
    expect([1, 2, 30].map((suffix) => suffixed('a', suffix))).toEqual(['a', 'a~2', 'a~30']);
    expect(baseName(suffixed('backup', 7))).toBe('backup');
  });

  it('never makes a name that no file can have: a long one loses the end of its base', () => {
    for (const length of [252, 253, 255]) {
      const name = suffixed('x'.repeat(length), 12);
      expect(name.length).toBeLessThanOrEqual(255);
      expect(name.endsWith('x~12')).toBe(true);
    }
  });
});

describe('a name', () => {
  it('is taken by a UOW in any queue or in the archive, and by a flow; not by what lies in trash', () => {
    for (const place of [
      'wait-q',
      'priority-q',
      'currently-executing',
      'done-q',
      'error-q',
      'fail-q',
      'archive',
      'flows',
    ]) {
      const { context, write } = testContext();
      expect(isNameTaken(context, bytes('a'))).toBe(false);
      write(`${place}/a`, '');
      expect(isNameTaken(context, bytes('a')), place).toBe(true);
    }
    const { context, write } = testContext();
    write('trash/a', '');
    expect(isNameTaken(context, bytes('a'))).toBe(false);
  });

  it('is not taken by the newcomer itself', () => {
    const { context, write } = testContext();
    write('wait-q/a', '');
    const own = context.machine.files.stat(bytes(`${context.paths.queue.wait}/a`));
    expect(freeName(context, bytes('a'), own?.ino)).toBe('a');
    expect(freeName(context, bytes('a'))).toBe('a~2');
  });

  it('is found free with few looks, though a thousand of its kind stand there', () => {
    const taken = new Set(['a', ...Array.from({ length: 999 }, (_, at) => `a~${at + 2}`)]);
    let looks = 0;
    const { context } = testContext();
    const stat = (path: string) => {
      looks += 1;
      const isThere = path.includes('/done-q/') && taken.has(path.slice(path.lastIndexOf('/') + 1));
      return isThere ? context.machine.files.stat(context.paths.root) : undefined;
    };
    const machine = { ...context.machine, files: { ...context.machine.files, stat } };
    expect(freeName({ machine, paths: context.paths }, bytes('a'))).toBe('a~1001');
    expect(looks).toBeLessThan(300);
  });

  it('is linked as the first free one, and a file that has it already keeps it', () => {
    const { context, write } = testContext();
    const { files } = context.machine;
    const dir = context.paths.queue.wait;
    write('done-q/a', 'other');
    write('.sjq/intake/new/a', 'mine');
    const from = bytes(`${context.paths.copies}/a`);
    const ino = files.stat(from)?.ino ?? 0;
    expect(linkFree(context, { from, ino }, dir, bytes('a'))).toBe('a~2');
    // Once more, as after a crash.
    expect(linkFree(context, { from, ino }, dir, bytes('a'))).toBe('a~2');
    expect(files.list(dir)).toEqual(['a~2']);
    files.unlink(from);
    expect(linkFree(context, { from, ino }, dir, bytes('b'))).toBeUndefined();
  });
});
