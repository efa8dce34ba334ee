import fs from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { errnoOf } from '../../src/model/errno.ts';
import { realFiles } from '../../src/system/files.ts';
import { builtSource } from '../support/built-source.ts';
import { scratchFolder } from '../support/scratch.ts';

/** The bytes of a name that no UTF-8 text can be. */
const odd = 'odd\xff\xfe name\n' as Bytes;

let folder: string;
beforeEach(() => {
  folder = scratchFolder();
});

function at(...parts: string[]): Bytes {
  return [bytesFromUtf8(folder), ...parts].join('/') as Bytes;
}

const text = (content: string): Bytes => content as Bytes;
const plain = { sync: false };

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return errnoOf(error);
  }
}

describe('a path that is not there', () => {
  it('is a value and not an error', async () => {
    const none = at('none');
    const below = at('none', 'below');
    for (const path of [none, below]) {
      expect(realFiles.list(path)).toBeUndefined();
      expect(realFiles.stat(path)).toBeUndefined();
      expect(realFiles.read(path, 0, 10)).toBeUndefined();
      expect(realFiles.overwrite(path, 0, text('x'), plain)).toBe('gone');
      expect(realFiles.link(path, at('new'))).toBe('gone');
      expect(realFiles.unlink(path)).toBe('gone');
      expect(realFiles.rename(path, at('new'))).toBe('gone');
      expect(realFiles.removeDirectory(path)).toBe('gone');
      expect(realFiles.realPath(path)).toBeUndefined();
      expect(realFiles.readLink(path)).toBeUndefined();
      expect(realFiles.canWrite(path)).toBe(false);
      await realFiles.syncFile(path);
    }
  });

  it('is also what lies below a file', async () => {
    realFiles.create(at('file'), text(''), plain);
    const below = at('file', 'below');
    expect(realFiles.list(at('file'))).toBeUndefined();
    expect(realFiles.stat(below)).toBeUndefined();
    expect(realFiles.read(below, 0, 10)).toBeUndefined();
    expect(realFiles.unlink(below)).toBe('gone');
    expect(realFiles.realPath(below)).toBeUndefined();
    await realFiles.syncFile(below);
  });
});

describe('names that are not UTF-8', () => {
  it('go through every call byte for byte', async () => {
    realFiles.makeDirectory(at(odd), 0o755);
    const file = at(odd, odd);
    expect(realFiles.create(file, text('one'), plain)).toBe('ok');
    expect(realFiles.list(at(odd))).toEqual([odd]);
    expect(realFiles.stat(file)?.kind).toBe('file');
    expect(realFiles.read(file, 0, 10)).toBe('one');
    realFiles.append(file, text('two'), plain);
    expect(realFiles.overwrite(file, 0, text('1'), plain)).toBe('ok');
    expect(realFiles.link(file, at(odd, `${odd}2`))).toBe('ok');
    expect(realFiles.rename(file, at(odd, `${odd}3`))).toBe('ok');
    expect(realFiles.realPath(at(odd, `${odd}3`))).toBe(`${String(realFiles.realPath(at()))}/${odd}/${odd}3`);
    expect(realFiles.read(at(odd, `${odd}3`), 0, 10)).toBe('1netwo');
    realFiles.setMode(at(odd, `${odd}3`), 0o600);
    realFiles.syncDirectory(at(odd));
    await realFiles.syncFile(at(odd, `${odd}3`));
    expect(realFiles.unlink(at(odd, `${odd}2`))).toBe('ok');
    expect(realFiles.list(at(odd))).toEqual([`${odd}3`]);
  });
});

describe('create', () => {
  it('never touches a file that is there', () => {
    expect(realFiles.create(at('a'), text('first'), { sync: true })).toBe('ok');
    expect(realFiles.create(at('a'), text('second'), { sync: true })).toBe('exists');
    expect(realFiles.read(at('a'), 0, 10)).toBe('first');
  });

  it('takes a dangling symlink for a name that is taken', () => {
    fs.symlinkSync(at('target'), at('a'));
    expect(realFiles.create(at('a'), text('x'), plain)).toBe('exists');
    expect(realFiles.stat(at('target'))).toBeUndefined();
  });

  it('gives the file its mode', () => {
    realFiles.create(at('a'), text(''), { mode: 0o600, sync: false });
    expect(realFiles.stat(at('a'))?.mode).toBe(0o600);
  });

  it('leaves nothing behind when the file cannot be written whole', () => {
    // A limit on the size of files is a full disk for one process: the write that passes it says EFBIG.
    const built = builtSource();
    onTestFinished(() => {
      built.remove();
    });
    const script = `
      const { realFiles } = await import(${JSON.stringify(pathToFileURL(join(built.folder, 'system/files.js')).href)});
      try {
        realFiles.create(process.argv[1], 'x'.repeat(100_000), { sync: false });
      } catch (error) {
        console.log(error.code);
      }`;
    const shell = 'ulimit -f 8; exec "$0" --input-type=module -e "$1" "$2"';
    const said = execFileSync('sh', ['-c', shell, process.execPath, script, at('a')], { encoding: 'utf8' });
    expect(said).toBe('EFBIG\n');
    expect(realFiles.list(at())).toEqual([]);
  });
});

describe('read', () => {
  it('gives what is there of what was asked for', () => {
    realFiles.create(at('a'), text('0123456789'), plain);
    expect(realFiles.read(at('a'), 0, 4)).toBe('0123');
    expect(realFiles.read(at('a'), 8, 100)).toBe('89');
    expect(realFiles.read(at('a'), 100, 4)).toBe('');
    expect(realFiles.read(at('a'), 0, 0)).toBe('');
  });

  it('gives every byte as one character', () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    realFiles.create(at('a'), text(all), plain);
    expect(realFiles.read(at('a'), 0, 1000)).toBe(all);
    expect(fs.readFileSync(at('a'))).toEqual(Buffer.from(all, 'latin1'));
  });

  it('reads no FIFO, directory or symlink, and does not wait for one', () => {
    execFileSync('mkfifo', [at('fifo')]);
    fs.mkdirSync(at('dir'));
    fs.writeFileSync(at('file'), 'x');
    fs.symlinkSync(at('file'), at('link'));
    const writer = lateWriter('fifo');
    for (const name of ['fifo', 'dir', 'link']) expect(realFiles.read(at(name), 0, 10)).toBeUndefined();
    expect(writer.hasCome()).toBe(false);
  });
});

describe('overwrite and append', () => {
  it('overwrites in place, with the same inode and the rest kept', () => {
    realFiles.create(at('a'), text('STATUS waiting\nrest'), plain);
    const before = realFiles.stat(at('a'));
    expect(realFiles.overwrite(at('a'), 7, text('running'), { sync: true })).toBe('ok');
    expect(realFiles.read(at('a'), 0, 100)).toBe('STATUS running\nrest');
    expect(realFiles.stat(at('a'))?.ino).toBe(before?.ino);
  });

  it('overwrites where it was told while another descriptor appends', () => {
    realFiles.create(at('a'), text('....\n'), plain);
    const appender = fs.openSync(at('a'), 'a');
    fs.writeSync(appender, 'one\n');
    realFiles.overwrite(at('a'), 0, text('done'), plain);
    fs.writeSync(appender, 'two\n');
    fs.closeSync(appender);
    expect(realFiles.read(at('a'), 0, 100)).toBe('done\none\ntwo\n');
  });

  it('appends, and makes the file first if need be', () => {
    realFiles.append(at('a'), text('one\n'), { sync: true });
    realFiles.append(at('a'), text('two\n'), plain);
    expect(realFiles.read(at('a'), 0, 100)).toBe('one\ntwo\n');
  });

  it('follow no symlink', () => {
    fs.writeFileSync(at('target'), 'kept');
    fs.symlinkSync(at('target'), at('link'));
    fs.symlinkSync(at('new'), at('dangling'));
    expect(codeOf(() => realFiles.overwrite(at('link'), 0, text('lost'), plain))).toBe('ELOOP');
    expect(codeOf(() => realFiles.append(at('link'), text('lost'), plain))).toBe('ELOOP');
    expect(codeOf(() => realFiles.append(at('dangling'), text('lost'), plain))).toBe('ELOOP');
    expect(fs.readFileSync(at('target'), 'utf8')).toBe('kept');
    expect(realFiles.stat(at('new'))).toBeUndefined();
  });
});

describe('a write that the kernel cuts short', () => {
  it('goes on where it was cut, in create, append and overwrite', () => {
    const { writeSync } = fs;
    const lengths: number[] = [];
    fs.writeSync = ((fd: number, buffer: Buffer, offset: number, length: number, position: number | null) => {
      lengths.push(length);
      return writeSync(fd, buffer, offset, Math.min(length, 3), position);
    }) as typeof fs.writeSync;
    onTestFinished(() => {
      fs.writeSync = writeSync;
    });
    const path = at('short');
    realFiles.create(path, text('0123456789'), plain);
    realFiles.append(path, text('abcdefg\n'), plain);
    realFiles.overwrite(path, 2, text('HELLO'), plain);
    expect(fs.readFileSync(path, 'latin1')).toBe('01HELLO789abcdefg\n');
    expect(lengths).toEqual([10, 7, 4, 1, 8, 5, 2, 5, 2]);
  });
});

describe('names', () => {
  it('link makes a second name of the same inode and never replaces one', () => {
    realFiles.create(at('a'), text('a'), plain);
    realFiles.create(at('b'), text('b'), plain);
    expect(realFiles.link(at('a'), at('b'))).toBe('exists');
    expect(realFiles.link(at('a'), at('c'))).toBe('ok');
    expect(realFiles.stat(at('c'))).toMatchObject({ ino: realFiles.stat(at('a'))?.ino ?? 0, links: 2 });
    expect(realFiles.read(at('b'), 0, 10)).toBe('b');
  });

  it('link makes a second name of a symlink, not of what it leads to', () => {
    fs.writeFileSync(at('target'), '');
    fs.symlinkSync(at('target'), at('link'));
    expect(realFiles.link(at('link'), at('second'))).toBe('ok');
    expect(realFiles.stat(at('second'))?.kind).toBe('symlink');
  });

  it('rename replaces what is there', () => {
    realFiles.create(at('a'), text('a'), plain);
    realFiles.create(at('b'), text('b'), plain);
    expect(realFiles.rename(at('a'), at('b'))).toBe('ok');
    expect(realFiles.list(at())).toEqual(['b']);
    expect(realFiles.read(at('b'), 0, 10)).toBe('a');
  });

  it('list gives every name, unlink takes one', () => {
    for (const name of ['.hidden', 'b', 'a b']) realFiles.create(at(name), text(''), plain);
    expect([...(realFiles.list(at()) ?? [])].sort()).toEqual(['.hidden', 'a b', 'b']);
    expect(realFiles.unlink(at('b'))).toBe('ok');
    expect([...(realFiles.list(at()) ?? [])].sort()).toEqual(['.hidden', 'a b']);
  });

  it('directories are made once and removed when empty', () => {
    expect(realFiles.makeDirectory(at('dir'), 0o711)).toBe('ok');
    expect(realFiles.makeDirectory(at('dir'), 0o711)).toBe('exists');
    expect(realFiles.stat(at('dir'))).toMatchObject({ kind: 'directory', mode: 0o711 });
    realFiles.create(at('dir', 'a'), text(''), plain);
    expect(realFiles.removeDirectory(at('dir'))).toBe('not-empty');
    realFiles.unlink(at('dir', 'a'));
    expect(realFiles.removeDirectory(at('dir'))).toBe('ok');
  });
});

describe('stat', () => {
  it('tells the kind of what stands there, not of what it leads to', () => {
    fs.writeFileSync(at('file'), 'four');
    fs.symlinkSync(at('file'), at('symlink'));
    execFileSync('mkfifo', [at('other')]);
    fs.mkdirSync(at('directory'));
    for (const kind of ['file', 'symlink', 'other', 'directory']) expect(realFiles.stat(at(kind))?.kind).toBe(kind);
    const told = fs.lstatSync(at('file'));
    expect(realFiles.stat(at('file'))).toEqual({
      kind: 'file',
      ino: told.ino,
      dev: told.dev,
      sizeBytes: 4,
      mtimeMs: told.mtimeMs,
      ctimeMs: told.ctimeMs,
      links: 1,
      uid: told.uid,
      gid: told.gid,
      mode: told.mode & 0o7777,
    });
  });
});

describe('owners and modes', () => {
  it('setMode changes a file without read permission, and a directory', () => {
    realFiles.create(at('a'), text(''), { mode: 0o200, sync: false });
    realFiles.setMode(at('a'), 0o640);
    expect(realFiles.stat(at('a'))?.mode).toBe(0o640);
    realFiles.makeDirectory(at('dir'), 0o700);
    realFiles.setMode(at('dir'), 0o1777);
    expect(realFiles.stat(at('dir'))?.mode).toBe(0o1777);
  });

  it('setMode and setOwner leave alone what a symlink leads to', () => {
    fs.writeFileSync(at('target'), '', { mode: 0o600 });
    fs.symlinkSync(at('target'), at('link'));
    expect(codeOf(() => realFiles.setMode(at('link'), 0o666))).toBe('ENOTSUP');
    expect(realFiles.stat(at('target'))?.mode).toBe(0o600);
    const before = realFiles.stat(at('target'));
    realFiles.setOwner(at('link'), before?.uid ?? 0, before?.gid ?? 0);
    expect(realFiles.stat(at('target'))?.ctimeMs).toBe(before?.ctimeMs);
  });
});

describe('symlinks', () => {
  it('realPath resolves all of them, readLink says what one says', () => {
    fs.mkdirSync(at('dir'));
    fs.writeFileSync(at('dir', 'file'), '');
    fs.symlinkSync('dir', at('link'));
    fs.symlinkSync('loop', at('loop'));
    expect(realFiles.realPath(at('link', 'file'))).toBe(realFiles.realPath(at('dir', 'file')));
    expect(realFiles.realPath(at('loop'))).toBeUndefined();
    expect(realFiles.readLink(at('link'))).toBe('dir');
    expect(realFiles.readLink(at('dir'))).toBeUndefined();
  });
});

describe('syncing', () => {
  it('syncs a file that its job has made read-only, and a directory', async () => {
    realFiles.create(at('a'), text('x'), { mode: 0o444, sync: false });
    await asUser(65534, () => realFiles.syncFile(at('a')));
    realFiles.syncDirectory(at());
    expect(realFiles.read(at('a'), 0, 10)).toBe('x');
  });

  it('syncFile does not wait at a FIFO', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    await expect(realFiles.syncFile(at('fifo'))).rejects.toMatchObject({ code: 'EINVAL' });
  });
});

describe('the disk', () => {
  it('has free bytes, and a folder of one’s own may be written to', () => {
    expect(realFiles.freeBytes(at())).toBeGreaterThan(0);
    expect(realFiles.canWrite(at())).toBe(true);
  });
});

/** Starts somebody who opens a FIFO for writing after a while, so that whoever waits for that does not do so for ever and is found out. */
function lateWriter(fifo: string): { readonly hasCome: () => boolean } {
  const script = 'sleep 15; : > "$1.opened"; : > "$1"';
  const writer = spawn('sh', ['-c', script, 'sh', at(fifo)], { detached: true, stdio: 'ignore' });
  onTestFinished(() => {
    if (writer.pid !== undefined && writer.exitCode === null) process.kill(-writer.pid, 'SIGKILL');
  });
  return { hasCome: () => fs.existsSync(at(`${fifo}.opened`)) };
}

/** Runs `act` with another user's rights if the tests run as root, who may open everything. */
async function asUser(uid: number, act: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return act();
  fs.chownSync(at(), uid, uid);
  fs.chownSync(at('a'), uid, uid);
  process.seteuid?.(uid);
  try {
    await act();
  } finally {
    process.seteuid?.(0);
  }
}

it('a tree is removed whole, whoever it belongs to, and what its symlinks lead to stays', () => {
  fs.mkdirSync(at('tree/a/b'), { recursive: true });
  fs.writeFileSync(at('tree/a/b/file'), '');
  fs.writeFileSync(at('kept'), 'kept');
  fs.symlinkSync(folder, at('tree/a/link'));
  if (process.getuid?.() === 0)
    for (const path of ['tree', 'tree/a', 'tree/a/b']) fs.chownSync(at(path), 65_534, 65_534);
  realFiles.removeTree(at('tree'));
  expect(fs.readdirSync(folder)).toEqual(['kept']);
  realFiles.removeTree(at('tree'));
});
