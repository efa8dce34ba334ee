// A small file system of a test's own: ext4 with a journal in a loop device on a file. It can be filled to the last byte or the last
// name, remounted read-only, and its device can be made to refuse writes. Needs root and loop devices; else the test is skipped, aloud.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { afterwards } from './afterwards.ts';
import { eventually } from './eventually.ts';
import { scratchFolder } from './scratch.ts';

/** What a disk can run out of. */
export type Shortage = 'bytes' | 'names';

export interface SmallDisk {
  /** Where it is mounted: an empty folder at first. */
  readonly dir: string;
  /** Takes all that is left. */
  fill(of?: Shortage): void;
  /** Gives back what was taken. */
  free(): void;
  mountAs(how: 'ro' | 'rw'): void;
  /** The device takes no block from now on that it has not had before, and says so when they are flushed. */
  breakDevice(): void;
  /** The device takes nothing from now on, and works again as it was when it had last taken something. Whoever uses the disk is dead by then. */
  keepState(): () => Promise<void>;
  /** The device works again; the file system is checked and mounted anew, as after a restart of the host. */
  repair(): Promise<void>;
}

const megabyte = 1024 * 1024;

/** Gives a disk of 16 MB. */
export async function smallDisk(context: TestContext): Promise<SmallDisk> {
  const folder = scratchFolder();
  const [below, dir, image] = [join(folder, 'below'), join(folder, 'disk'), join(folder, 'below/image')];
  const filler = join(dir, '.filler');
  mkdirSync(below);
  mkdirSync(dir);
  const skip = (why: string): never => {
    console.log(`SKIPPED: ${context.task.name}: ${why}`);
    return context.skip(why);
  };
  if (process.getuid?.() !== 0) skip('only root can mount a disk');
  // The file of the device lies in memory of a size that can be changed: that is how it runs out of blocks.
  const under = run('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', below);
  if (under !== '') skip(`nothing can be mounted here: ${under}`);
  afterwards(() => unmount(below));
  run('truncate', '-s', '16M', image);
  const made = run('mkfs.ext4', '-q', '-F', '-m', '0', '-N', '512', image);
  if (made !== '') skip(`no ext4 can be made here: ${made}`);
  const mounted = run('mount', '-o', 'loop', image, dir);
  if (mounted !== '') skip(`no loop device is to be had: ${mounted}`);
  afterwards(() => unmount(dir));
  rmSync(join(dir, 'lost+found'), { recursive: true });

  function checkAndMount(): void {
    const code = spawnSync('e2fsck', ['-fy', image]).status ?? 8;
    if (code >= 4) throw new Error(`e2fsck ends with ${code}`);
    const refused = run('mount', '-o', 'loop', image, dir);
    if (refused !== '') throw new Error(refused);
  }

  return {
    dir,
    fill(of = 'bytes') {
      mkdirSync(filler, { recursive: true });
      untilFull((count) => {
        if (of === 'names') writeFileSync(join(filler, `name-${count}`), '');
        else append(join(filler, 'bytes'), megabyte);
      });
      if (of === 'bytes') for (const size of [65_536, 1024, 1]) untilFull(() => append(join(filler, 'bytes'), size));
    },
    free() {
      mkdirSync(filler, { recursive: true });
      for (const name of readdirSync(filler)) unlinkSync(join(filler, name));
    },
    mountAs(how) {
      // Refused while somebody has a file open to write into, as the monitor has now and then.
      let refused = '';
      for (let tries = 0; tries < 100; tries++) {
        refused = run('mount', '-o', `remount,${how}`, dir);
        if (refused === '') return;
        run('sleep', '0.05');
      }
      throw new Error(refused);
    },
    breakDevice() {
      const used = Number(spawnSync('stat', ['-c', '%b', image], { encoding: 'utf8' }).stdout) * 512;
      run('mount', '-o', `remount,size=${used}`, below);
    },
    keepState() {
      const kept = `${image}.kept`;
      run('cp', image, kept);
      return async () => {
        await unmount(dir);
        renameSync(kept, image);
        checkAndMount();
      };
    },
    async repair() {
      run('mount', '-o', 'remount,size=64m', below);
      await unmount(dir);
      checkAndMount();
    },
  };
}

function append(path: string, sizeBytes: number): void {
  const fd = openSync(path, 'a');
  try {
    writeSync(fd, Buffer.alloc(sizeBytes, 'x'));
  } finally {
    closeSync(fd);
  }
}

function untilFull(take: (count: number) => void): void {
  try {
    for (let count = 0; count < 20_000; count++) take(count);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
    throw error;
  }
  throw new Error('it is not to be filled');
}

/** Runs a program; gives what it complained about, nothing if it went well. */
function run(program: string, ...args: readonly string[]): string {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? '' : (error?.message ?? stderr).trim() || `${program} ends with ${status}`;
}

/** Unmounts when the last process that was killed has let go; one that does not is left with it. */
async function unmount(dir: string): Promise<void> {
  const isGone = (): boolean => !readFileSync('/proc/self/mounts', 'utf8').includes(` ${dir} `);
  await eventually(() => isGone() || run('umount', dir) === '', {
    withinMs: 10_000,
    what: `${dir} is unmounted`,
  }).catch(() => run('umount', '-l', dir));
}
