import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Bytes, bufferFromBytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { type Watch, type WatchFault, realWatcher } from '../../src/system/watch.ts';
import { eventually } from '../support/eventually.ts';
import { scratchFolder } from '../support/scratch.ts';

interface Seen {
  readonly hints: (Bytes | undefined)[];
  readonly faults: WatchFault[];
  readonly watch: Watch;
}

function closing(watch: Watch): Watch {
  onTestFinished(() => {
    watch.close();
  });
  return watch;
}

function watchDirectory(dir: string): Seen {
  const hints: (Bytes | undefined)[] = [];
  const faults: WatchFault[] = [];
  const path = dir as Bytes;
  const watch = closing(
    realWatcher.watchDirectory(
      path,
      (name) => hints.push(name),
      (fault) => faults.push(fault),
    ),
  );
  return { hints, faults, watch };
}

/** Watches files and waits until the watches are in place. */
async function watchFiles(paths: readonly string[]): Promise<Seen> {
  const hints: (Bytes | undefined)[] = [];
  const faults: WatchFault[] = [];
  const watch = closing(
    realWatcher.watchFiles(
      paths as Bytes[],
      (path) => hints.push(path),
      (fault) => faults.push(fault),
    ),
  );
  await eventually(() => hints.includes(undefined), { what: 'the watches were in place' });
  hints.length = 0;
  return { hints, faults, watch };
}

async function hinted(seen: Seen, name: string, what: string): Promise<void> {
  await eventually(() => seen.hints.includes(name as Bytes), { what: `a hint came that ${what}` });
  seen.hints.length = 0;
}

function inotifyWatches(): number {
  const infos = readdirSync('/proc/self/fdinfo').map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  return infos.join('').match(/^inotify wd:/gm)?.length ?? 0;
}

describe('watchDirectory', () => {
  it('hints at files that are made, written, renamed and deleted, by name', async () => {
    const dir = scratchFolder();
    const seen = watchDirectory(dir);
    writeFileSync(join(dir, 'a'), '');
    await hinted(seen, 'a', 'a was made');
    appendFileSync(join(dir, 'a'), 'x');
    await hinted(seen, 'a', 'a was written');
    renameSync(join(dir, 'a'), join(dir, 'b'));
    await hinted(seen, 'b', 'b came by rename');
    unlinkSync(join(dir, 'b'));
    await hinted(seen, 'b', 'b was deleted');
    expect(seen.faults).toEqual([]);
  });

  it('tells names that are not UTF-8 byte for byte', async () => {
    const dir = scratchFolder();
    const seen = watchDirectory(dir);
    const name = 'odd\xff\xfename' as Bytes;
    writeFileSync(bufferFromBytes(`${bytesFromUtf8(dir)}/${name}`), '');
    await hinted(seen, name, 'the odd name was made');
  });

  it('takes one inotify watch, however many files there are', () => {
    const dir = scratchFolder();
    for (let count = 0; count < 200; count++) writeFileSync(join(dir, String(count)), '');
    const before = inotifyWatches();
    watchDirectory(dir);
    expect(inotifyWatches() - before).toBe(1);
  });

  it.each([
    ['deleted', (dir: string) => rmSync(dir, { recursive: true })],
    ['moved away', (dir: string) => renameSync(dir, `${dir}-moved`)],
    [
      'replaced',
      (dir: string) => {
        renameSync(dir, `${dir}-moved`);
        mkdirSync(dir);
      },
    ],
  ])('says once that the directory is gone when it is %s', async (_how, remove) => {
    const dir = join(scratchFolder(), 'queue');
    mkdirSync(dir);
    writeFileSync(join(dir, 'a'), '');
    const seen = watchDirectory(dir);
    remove(dir);
    await eventually(() => seen.faults.length > 0, { what: 'the fault was told' });
    expect(seen.faults.map(({ kind, path }) => ({ kind, path }))).toEqual([{ kind: 'gone', path: dir }]);

    // Nothing more comes from the old one: seen by another watch that is told the same events.
    mkdirSync(dir, { recursive: true });
    const other = watchDirectory(dir);
    seen.hints.length = 0;
    writeFileSync(join(dir, 'b'), '');
    await hinted(other, 'b', 'b was made in the new directory');
    expect(seen.hints).toEqual([]);
    expect(seen.faults).toHaveLength(1);
  });

  it('takes a file that has the directory’s own name for a file', async () => {
    const dir = join(scratchFolder(), 'queue');
    mkdirSync(dir);
    const seen = watchDirectory(dir);
    writeFileSync(join(dir, 'queue'), '');
    await hinted(seen, 'queue', 'the file was made');
    expect(seen.faults).toEqual([]);
  });

  it('tells later, and does not throw, that there is no such directory', async () => {
    const seen = watchDirectory(join(scratchFolder(), 'none'));
    expect(seen.faults).toEqual([]);
    await eventually(() => seen.faults[0]?.kind === 'gone', { what: 'the fault was told' });
  });

  it('is silent after close, of hints and of faults', async () => {
    const dir = join(scratchFolder(), 'queue');
    mkdirSync(dir);
    const closed = watchDirectory(dir);
    const failing = watchDirectory(`${dir}-none`);
    const open = watchDirectory(dir);
    writeFileSync(join(dir, 'a'), '');
    closed.watch.close();
    closed.watch.close();
    failing.watch.close();
    await hinted(open, 'a', 'a was made');
    rmSync(dir, { recursive: true });
    await eventually(() => open.faults.length > 0, { what: 'the open watch told its fault' });
    expect([closed.hints, closed.faults, failing.faults]).toEqual([[], [], []]);
  });
});

describe('watchFiles', () => {
  it('hints at a file that was not there yet, its writes and its end', async () => {
    const file = join(scratchFolder(), 'config.yaml');
    const seen = await watchFiles([file]);
    writeFileSync(file, 'a');
    await hinted(seen, file, 'it was made');
    appendFileSync(file, 'b');
    await hinted(seen, file, 'it was written');
    unlinkSync(file);
    await hinted(seen, file, 'it was deleted');
    writeFileSync(file, 'c');
    await hinted(seen, file, 'it was made again');
  });

  it('hints at every save of an editor that renames its new copy over the file', async () => {
    const folder = scratchFolder();
    const file = join(folder, 'config.yaml');
    writeFileSync(file, '');
    const seen = await watchFiles([file]);
    for (let save = 1; save <= 4; save++) {
      writeFileSync(join(folder, '.config.yaml.swp'), `save ${save}`);
      renameSync(join(folder, '.config.yaml.swp'), file);
      await hinted(seen, file, `save ${save} was done`);
    }
  });

  it('hints at every message when the file is renamed aside each time, with other places watched', async () => {
    const folder = scratchFolder();
    const other = join(scratchFolder(), 'other');
    writeFileSync(other, '');
    const file = join(folder, 'monitor_reads');
    const seen = await watchFiles([file, other]);
    for (let message = 1; message <= 4; message++) {
      appendFileSync(file, `STATUS ${message}\n`);
      await hinted(seen, file, `message ${message} was written`);
      renameSync(file, join(folder, `aside-${message}`));
      await hinted(seen, file, `message ${message} was taken`);
    }
    writeFileSync(other, 'x');
    await hinted(seen, other, 'the other file was written');
  });

  it('hints at files in a watched directory, also one that is made later', async () => {
    const folder = scratchFolder();
    const types = join(folder, 'job-types');
    const seen = await watchFiles([types]);
    mkdirSync(types);
    await hinted(seen, types, 'the directory was made');
    writeFileSync(join(types, 'backup.yaml'), 'a');
    await hinted(seen, types, 'a type was made');
    writeFileSync(join(types, 'backup.yaml'), 'ab');
    await hinted(seen, types, 'a type was changed');
    unlinkSync(join(types, 'backup.yaml'));
    await hinted(seen, types, 'a type was deleted');
  });

  it('hints at files in a watched directory that was removed and made again', async () => {
    const types = join(scratchFolder(), 'job-types');
    mkdirSync(types);
    const seen = await watchFiles([types]);
    rmSync(types, { recursive: true });
    await hinted(seen, types, 'the directory was removed');
    mkdirSync(types);
    await hinted(seen, types, 'the directory was made again');
    writeFileSync(join(types, 'backup.yaml'), 'a');
    await hinted(seen, types, 'a type was made');
  });

  it('says nothing of what lies beside', async () => {
    const folder = scratchFolder();
    const file = join(folder, 'config.yaml');
    mkdirSync(join(folder, 'wait-q'));
    const seen = await watchFiles([file]);
    writeFileSync(join(folder, 'beside'), '');
    writeFileSync(join(folder, 'wait-q', 'config.yaml'), '');
    writeFileSync(file, '');
    await eventually(() => seen.hints.includes(file as Bytes), { what: 'a hint came' });
    expect(seen.hints.filter((path) => path !== file)).toEqual([]);
  });

  it('sees the target of a symlink that was resolved first', async () => {
    const folder = scratchFolder();
    const target = join(scratchFolder(), 'target.yaml');
    writeFileSync(target, '');
    symlinkSync(target, join(folder, 'config.yaml'));
    const seen = await watchFiles([target]);
    writeFileSync(target, 'x');
    await hinted(seen, target, 'the target was written');
  });

  it('hints at a file whose name is not UTF-8', async () => {
    const folder = scratchFolder();
    const file = `${bytesFromUtf8(folder)}/odd\xff`;
    const seen = await watchFiles([file, join(folder, 'config.yaml')]);
    writeFileSync(bufferFromBytes(file), 'x');
    await hinted(seen, file, 'it was made');
  });

  it('is silent after close', async () => {
    const file = join(scratchFolder(), 'config.yaml');
    const closed = await watchFiles([file]);
    const open = await watchFiles([file]);
    closed.watch.close();
    closed.watch.close();
    writeFileSync(file, 'x');
    await hinted(open, file, 'it was made');
    expect(closed.hints).toEqual([]);
  });
});
