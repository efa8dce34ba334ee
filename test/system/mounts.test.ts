// Which mount of a file system it is: asked on real ones in loop devices.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { mountIdOf } from '../../src/system/mounts.ts';
import { afterwards } from '../support/afterwards.ts';
import { fileSystems } from '../support/power/disk.ts';
import { installMs, needPrograms } from '../support/programs.ts';
import { scratchFolder } from '../support/scratch.ts';

const packages = { ext4: 'e2fsprogs', xfs: 'xfsprogs', btrfs: 'btrfs-progs' };

function idOf(path: string): string {
  return mountIdOf(bytesFromUtf8(path));
}

function isOk(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}

it.for(fileSystems)(
  'a mount of $name is one while it lasts, wherever it is seen from, and another when it is mounted anew',
  { timeout: installMs + 60_000 },
  ({ name, sizeBytes, make: [mkfs = '', ...options] }, context) => {
    const skip = (why: string): never => {
      console.log(`SKIPPED: ${context.task.name}: ${why}`);
      return context.skip(why);
    };
    if (process.getuid?.() !== 0) skip('only root can mount a disk');
    needPrograms(context, { [mkfs]: packages[name] });
    const folder = scratchFolder();
    const [image, dir, bound] = [join(folder, 'image'), join(folder, 'a disk'), join(folder, 'bound')];
    for (const path of [dir, bound]) mkdirSync(path);
    isOk('truncate', '-s', String(sizeBytes), image);
    if (!isOk(mkfs, ...options, image) || !isOk('mount', '-o', 'loop', image, dir))
      skip(`no ${name} can be mounted here`);
    afterwards(() => void spawnSync('umount', ['-l', dir]));
    const inner = join(dir, 'root');
    mkdirSync(inner);

    const first = idOf(inner);
    expect(first).toMatch(new RegExp(`^${name}/\\S+ \\d+$`));
    expect(isOk('mount', '-o', 'remount,ro', dir) && isOk('mount', '-o', 'remount,rw', dir)).toBe(true);
    expect(idOf(inner)).toBe(first);
    // A service that is walled off by systemd sees it through a bind mount in its own namespace.
    expect(isOk('mount', '--bind', inner, bound)).toBe(true);
    afterwards(() => void spawnSync('umount', ['-l', bound]));
    expect(idOf(bound)).toBe(first);
    expect(isOk('umount', bound) && isOk('umount', dir) && isOk('mount', '-o', 'loop', image, dir)).toBe(true);
    const second = idOf(inner);
    expect(second).toMatch(new RegExp(`^${name}/`));
    expect(second).not.toBe(first);
  },
);

it('where the kernel tells of no mount, and where there is nothing, it is a word without letters', () => {
  expect(idOf('/proc')).toBe('');
  expect(idOf(join(scratchFolder(), 'nothing'))).toBe('');
});
