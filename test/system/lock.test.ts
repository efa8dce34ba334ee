import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { isRootLocked, lockRoot } from '../../src/system/lock.ts';
import { realProcesses } from '../../src/system/processes.ts';
import { builtSource } from '../support/built-source.ts';
import { eventually } from '../support/eventually.ts';
import { type Started, killAfterTest, killIfThere, scratchFolder, start } from '../support/scratch.ts';

let built: { readonly folder: string; remove(): void };
beforeAll(() => {
  built = builtSource();
});
afterAll(() => {
  built.remove();
});

/** Starts a process that locks the root, says how that went and, if it holds it, stays until killed. */
function startLocker(root: string, whenHeld: string = ''): Started {
  const script = `
    import { spawn } from 'node:child_process';
    const { lockRoot } = await import(${JSON.stringify(pathToFileURL(join(built.folder, 'system/lock.js')).href)});
    const lock = await lockRoot(${JSON.stringify(root)});
    if (lock.kind === 'held') { ${whenHeld}; setInterval(() => lock.isCurrent(), 60_000); }
    console.log(lock.kind);
  `;
  return start(process.execPath, ['--input-type=module', '-e', script]);
}

/** Puts a program of the test before all others, or instead of them, until the test is over. */
function setPath(path: string): void {
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  onTestFinished(() => {
    process.env['PATH'] = before;
  });
}

describe('lockRoot', () => {
  it('lets one of 20 processes that start at once have the root', async () => {
    const root = scratchFolder();
    const lockers = Array.from({ length: 20 }, () => startLocker(root));
    await eventually(() => lockers.every(({ lines }) => lines.length > 0), {
      withinMs: 25_000,
      what: 'all 20 knew whether they have the lock',
    });
    const answers = lockers.map(({ lines }) => lines[0]);
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(19);
  });

  it('is freed by the kernel when the holder is killed, also if a child of the holder lives on', async () => {
    const root = scratchFolder();
    const holder = startLocker(root, `console.log(spawn('sleep', ['600'], { stdio: 'ignore', detached: true }).pid)`);
    const [child] = await eventually(() => holder.lines.length === 2 && holder.lines.map(Number), {
      what: 'the holder had the lock and a child',
    });
    killAfterTest(child ?? 0);
    expect(await isRootLocked(bytesFromUtf8(root))).toBe(true);

    killIfThere(holder.pid);
    await eventually(async () => !(await isRootLocked(bytesFromUtf8(root))), { what: 'the lock was free' });
    expect(realProcesses.isAlive(child ?? 0)).toBe(true);
    const mine = await lockRoot(bytesFromUtf8(root));
    expect(mine.kind).toBe('held');
    if (mine.kind === 'held') mine.release();
  });

  it('can be had again after release, which may be called twice', async () => {
    const root = bytesFromUtf8(scratchFolder());
    for (let round = 0; round < 2; round++) {
      const lock = await lockRoot(root);
      expect(lock.kind).toBe('held');
      expect(await isRootLocked(root)).toBe(true);
      if (lock.kind === 'held') {
        lock.release();
        lock.release();
        expect(lock.isCurrent()).toBe(false);
      }
      expect(await isRootLocked(root)).toBe(false);
    }
  });

  it('is not found locked by those who only ask, however many at once', async () => {
    const root = bytesFromUtf8(scratchFolder());
    expect(await Promise.all(Array.from({ length: 10 }, () => isRootLocked(root)))).toEqual(Array(10).fill(false));
  });

  it('waits for a prober that holds it shared for a moment', async () => {
    const root = scratchFolder();
    const prober = start('flock', ['-s', root, 'sh', '-c', 'echo probing; sleep 0.3']);
    await eventually(() => prober.lines.length > 0, { what: 'the prober held the lock' });
    const lock = await lockRoot(bytesFromUtf8(root));
    expect(lock.kind).toBe('held');
    if (lock.kind === 'held') lock.release();
  });

  it('tells when the root was deleted and made again, and the new one is another lock', async () => {
    const folder = scratchFolder();
    const root = bytesFromUtf8(join(folder, 'root'));
    mkdirSync(root);
    const old = await lockRoot(root);
    if (old.kind !== 'held') throw new Error('not held');
    expect(old.isCurrent()).toBe(true);

    renameSync(root, join(folder, 'moved'));
    expect(old.isCurrent()).toBe(false);
    expect(await isRootLocked(root)).toBe(false);
    mkdirSync(root);
    expect(old.isCurrent()).toBe(false);
    const fresh = await lockRoot(root);
    expect(fresh.kind).toBe('held');
    expect(await isRootLocked(bytesFromUtf8(join(folder, 'moved')))).toBe(true);
    old.release();
    if (fresh.kind === 'held') fresh.release();
  });

  it('locks what is there now if the root was replaced while it was being locked', async () => {
    const folder = scratchFolder();
    const root = join(folder, 'root');
    const bin = join(folder, 'bin');
    mkdirSync(root);
    mkdirSync(bin);
    const real = (process.env['PATH'] ?? '').split(':').join(' ');
    writeFileSync(
      join(bin, 'flock'),
      `#!/bin/sh
       [ -d ${root}.old ] || { mv ${root} ${root}.old; mkdir ${root}; }
       for dir in ${real}; do [ -x $dir/flock ] && exec $dir/flock "$@"; done`,
    );
    chmodSync(join(bin, 'flock'), 0o755);
    setPath(`${bin}:${process.env['PATH'] ?? ''}`);
    const lock = await lockRoot(bytesFromUtf8(root));
    if (lock.kind !== 'held') throw new Error('not held');
    expect(lock.isCurrent()).toBe(true);
    expect(await isRootLocked(bytesFromUtf8(`${root}.old`))).toBe(false);
    lock.release();
  });

  it('says what to install when flock is missing, and leaves no descriptor open', async () => {
    const root = scratchFolder();
    setPath(root);
    await expect(lockRoot(bytesFromUtf8(root))).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringMatching(/flock is missing.*install util-linux/) as string,
    });
    const { dev, ino } = await import('node:fs').then(({ statSync }) => statSync(root));
    expect(realProcesses.hasOpen(process.pid, { dev, ino })).toBe(false);
  });

  it('names a root that is not there, or is no directory', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(lockRoot(bytesFromUtf8(join(folder, 'none')))).rejects.toMatchObject({
      code: 'cannot-write-root',
      message: expect.stringContaining('there is no root directory') as string,
    });
    await expect(lockRoot(bytesFromUtf8(join(folder, 'file')))).rejects.toMatchObject({
      code: 'cannot-write-root',
      message: expect.stringContaining('is no directory') as string,
    });
  });
});
