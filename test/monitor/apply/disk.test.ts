import { describe, expect, it } from 'vitest';
import { lookAtDisk, noteDisk } from '../../../src/monitor/apply/disk.ts';
import { reportFault } from '../../../src/monitor/apply/fault.ts';
import { realFiles } from '../../../src/system/files.ts';
import { testContext } from '../../support/context.ts';

const fault = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });

/** A root whose disk takes no new file while `disk.refuses` is set. */
function rig() {
  const disk: { refuses?: string | undefined } = {};
  const create: typeof realFiles.create = (...args) => {
    if (disk.refuses !== undefined) throw fault(disk.refuses);
    return realFiles.create(...args);
  };
  const test = testContext({ files: { create } });
  const texts = (): readonly (string | undefined)[] => test.notices.map(({ text }) => text);
  return { ...test, disk, texts };
}

describe('a disk that takes nothing', () => {
  it('is said once, whatever meets it, and once when it is well; then anew', () => {
    const { context, clock, disk, texts } = rig();
    for (const times of [1, 2]) {
      disk.refuses = 'ENOSPC';
      reportFault(context, 'sync', fault('ENOSPC'));
      expect(noteDisk(context, fault('ENOSPC'), 'post the status')).toBe(true);
      for (let looks = 0; looks < 20; looks++) {
        clock.pass(5000);
        expect(lookAtDisk(context)).toBe(clock.now() + 5000);
        reportFault(context, 'sync', fault('ENOSPC'));
        expect(context.picture.trouble?.until).toBe(clock.now() + 5000);
      }
      expect(texts()).toHaveLength(times * 2 - 1);
      disk.refuses = undefined;
      clock.pass(5000);
      expect(lookAtDisk(context)).toBe(clock.now() + 10_000);
      expect(context.picture.trouble).toBeUndefined();
      clock.pass(10_000);
      expect(lookAtDisk(context)).toBe(Infinity);
      expect(texts()).toHaveLength(times * 2);
    }
    expect(texts()[0]).toMatch(/^cannot sync: ENOSPC: injected: the disk is full: make room/);
    expect(texts()[1]).toMatch(/^the disk takes what is written again/);
  });

  it('and is all but full is one incident for as long as it wavers', () => {
    const { context, clock, disk, texts } = rig();
    for (let times = 0; times < 10; times++) {
      disk.refuses = 'ENOSPC';
      reportFault(context, 'sync', fault('ENOSPC'));
      disk.refuses = undefined;
      clock.pass(5000);
      lookAtDisk(context);
      clock.pass(9000);
      lookAtDisk(context);
    }
    expect(texts()).toHaveLength(1);
  });

  it('is said anew when it is another trouble: full, then read-only', () => {
    const { context, clock, disk, texts } = rig();
    disk.refuses = 'ENOSPC';
    reportFault(context, 'sync', fault('ENOSPC'));
    disk.refuses = 'EROFS';
    clock.pass(5000);
    lookAtDisk(context);
    expect(texts()).toHaveLength(2);
    expect(texts()[1]).toContain('read-only');
    expect(context.picture.trouble?.text).toContain('EROFS');
  });

  it('is tried at once when the clock was set back', () => {
    const { context, clock, disk } = rig();
    disk.refuses = 'ENOSPC';
    reportFault(context, 'sync', fault('ENOSPC'));
    disk.refuses = undefined;
    // As the survey does with times that lie ahead.
    delete context.picture.trouble;
    clock.set(clock.now() - 86_400_000);
    expect(lookAtDisk(context)).toBe(clock.now() + 10_000);
  });
});

it('one write that is refused is no such disk: it is the caller’s to say', () => {
  const { context, texts } = rig();
  expect(noteDisk(context, fault('EIO'), 'sync')).toBe(false);
  expect(noteDisk(context, fault('EACCES'), 'sync')).toBe(false);
  expect(texts()).toEqual([]);
  reportFault(context, 'sync', fault('EIO'));
  expect(texts()[0]).toContain('look at the kernel log');
  expect(context.picture.trouble).toBeDefined();
  expect(context.picture.disk).toBeUndefined();
});
