// The file system as the program sees it: one small port and its real implementation. Nobody else imports node:fs, so that a
// test can fail or "crash" any call. Paths are byte strings. Calls are synchronous because in batches that is far faster than
// promises (facts.md); what may be slow (syncing a big log) has a promise. Long because it is one
// port, each call beside its words.
import fs from 'node:fs';
import { errnoOf } from '../model/errno.ts';
import { type OpenFile, openFile } from './open-file.ts';
import { type Bytes, bufferFromBytes, bytesFromBuffer } from '../model/bytes.ts';

/** What lstat tells. Times are epoch milliseconds with fractions. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly ino: number;
  readonly dev: number;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * The calls the program makes on a file system. A call that meets a missing path says so in its value (`undefined`, `gone`,
 * `exists`); every other fault is thrown as node's errno error. Nothing follows a symlink in the last component.
 */
export interface Files {
  /** Gives the names in a directory in no order; undefined if there is no such directory. */
  list(dir: Bytes): readonly Bytes[] | undefined;
  /** Gives what lstat says of a path; undefined if it is not there. */
  stat(path: Bytes): FileStat | undefined;
  /** Gives at most `lengthBytes` from `offset` of a regular file; undefined if there is none. Never blocks on a FIFO. */
  read(path: Bytes, offset: number, lengthBytes: number): Bytes | undefined;
  /** Opens a regular file to be read for longer, whatever becomes of its name; undefined if there is none. */
  open(path: Bytes): OpenFile | undefined;
  /** Creates a file that must not exist and writes it whole, synced if asked. `exists` if the name is taken; a file that could not be written whole is removed again. */
  create(path: Bytes, content: Bytes, options: { readonly mode?: number; readonly sync: boolean }): 'ok' | 'exists';
  /** Overwrites bytes in place through an own r+ descriptor (never `a`: pwrite would go to the end). */
  overwrite(path: Bytes, offset: number, content: Bytes, options: { readonly sync: boolean }): 'ok' | 'gone';
  /** Appends whole, creating the file if need be. */
  append(path: Bytes, content: Bytes, options: { readonly sync: boolean }): void;
  /** Makes a second name. Never replaces. */
  link(from: Bytes, to: Bytes): 'ok' | 'exists' | 'gone';
  unlink(path: Bytes): 'ok' | 'gone';
  /** Renames; replaces what stands at `to`, so only used with names that are the program's own. */
  rename(from: Bytes, to: Bytes): 'ok' | 'gone';
  makeDirectory(path: Bytes, mode: number): 'ok' | 'exists';
  removeDirectory(path: Bytes): 'ok' | 'gone' | 'not-empty';
  /** Removes a directory with all that is in it, following nothing, also what its owner closed to himself. For the monitor's own. */
  removeTree(path: Bytes): void;
  setOwner(path: Bytes, uid: number, gid: number): void;
  setMode(path: Bytes, mode: number): void;
  /** Makes names in a directory durable. */
  syncDirectory(dir: Bytes): void;
  /** Makes the content of a file durable, in the thread pool. Resolves also if it is gone. */
  syncFile(path: Bytes): Promise<void>;
  /** Gives the path with every symlink resolved; undefined if it leads nowhere. */
  realPath(path: Bytes): Bytes | undefined;
  /** Gives what a symlink says; undefined if it is none. */
  readLink(path: Bytes): Bytes | undefined;
  /** Gives the kernel's number for the kind of file system that a path lies on. @see statfs(2), f_type */
  fileSystemType(path: Bytes): number;
  /** Gives the bytes free for this user on the file system of `path`. */
  freeBytes(path: Bytes): number;
  /** True if this process may write to the path. */
  canWrite(path: Bytes): boolean;
}

/** Linux' O_PATH, which node does not name: opens the thing itself, whatever its mode, to name it and no more. @see open(2) */
const O_PATH = 0o10000000;
const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NONBLOCK, O_NOFOLLOW, O_DIRECTORY } = fs.constants;

/** Runs `act`; gives `values[code]` for an expected errno, rethrows everything else. */
function expecting<T, V>(values: Readonly<Record<string, V>>, act: () => T): T | V {
  try {
    return act();
  } catch (error) {
    const code = errnoOf(error);
    if (code !== undefined && Object.hasOwn(values, code)) return values[code] as V;
    throw error;
  }
}

const gone = { ENOENT: 'gone', ENOTDIR: 'gone' } as const;
const nothing = { ENOENT: undefined, ENOTDIR: undefined } as const;

function withOpen<T>(path: Bytes, flags: number, mode: number, use: (fd: number) => T): T {
  const fd = fs.openSync(bufferFromBytes(path), flags, mode);
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function writeWhole(fd: number, content: Bytes, position: number | null): void {
  const buffer = bufferFromBytes(content);
  let written = 0;
  while (written < buffer.length) {
    written += fs.writeSync(
      fd,
      buffer,
      written,
      buffer.length - written,
      position === null ? null : position + written,
    );
  }
}

/**
 * Makes a tree this user's alone, from the top down, with all rights to its directories, which a job may have closed. Removing
 * another user's by its paths meanwhile could be led elsewhere: he may put a symlink in the place of a directory that was just
 * looked at.
 */
function takeOver(path: Buffer): void {
  if (fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  if (process.geteuid?.() === 0) fs.lchownSync(path, 0, 0);
  fs.chmodSync(path, 0o700);
  for (const entry of fs.readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) takeOver(Buffer.concat([path, Buffer.from('/'), entry.name]));
  }
}

/** The real file system. */
export const realFiles: Files = {
  list(dir) {
    // Of 100,000 names half the time that a Buffer each takes.
    return expecting(nothing, () => fs.readdirSync(bufferFromBytes(dir), { encoding: 'latin1' }) as Bytes[]);
  },
  stat(path) {
    const stat = expecting(nothing, () => fs.lstatSync(bufferFromBytes(path), { throwIfNoEntry: false }));
    if (!stat) return undefined;
    const kind = stat.isFile()
      ? 'file'
      : stat.isDirectory()
        ? 'directory'
        : stat.isSymbolicLink()
          ? 'symlink'
          : 'other';
    const { ino, dev, mtimeMs, ctimeMs, uid, gid } = stat;
    return {
      kind,
      ino,
      dev,
      sizeBytes: stat.size,
      mtimeMs,
      ctimeMs,
      links: stat.nlink,
      uid,
      gid,
      mode: stat.mode & 0o7777,
    };
  },
  open: openFile,
  read(path, offset, lengthBytes) {
    return expecting({ ...nothing, ELOOP: undefined, ENXIO: undefined }, () =>
      withOpen(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {
        const stat = fs.fstatSync(fd);
        if (!stat.isFile()) return undefined;
        // No more than there is, and one byte that tells whether it grows: callers ask for megabytes of what is mostly small, and
        // one more call would ask whether the end is the end.
        const leftBytes = Math.max(0, stat.size - offset);
        const buffer = Buffer.allocUnsafe(Math.min(lengthBytes, leftBytes + 1));
        let filled = 0;
        while (filled < Math.min(lengthBytes, leftBytes)) {
          const got = fs.readSync(fd, buffer, filled, buffer.length - filled, offset + filled);
          if (got === 0) break;
          filled += got;
        }
        return buffer.toString('latin1', 0, filled) as Bytes;
      }),
    );
  },
  create(path, content, { mode = 0o644, sync }) {
    return expecting({ EEXIST: 'exists' as const }, () =>
      // Appending: where others append too (a message file) one may be faster between making the file and writing it.
      withOpen(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, mode, (fd) => {
        try {
          writeWhole(fd, content, null);
          if (sync) fs.fsyncSync(fd);
        } catch (error) {
          // A full disk leaves a created but empty file behind: it must not be mistaken for a whole one.
          fs.unlinkSync(bufferFromBytes(path));
          throw error;
        }
        return 'ok' as const;
      }),
    );
  },
  overwrite(path, offset, content, { sync }) {
    return expecting(gone, () =>
      withOpen(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {
        writeWhole(fd, content, offset);
        if (sync) fs.fdatasyncSync(fd);
        return 'ok' as const;
      }),
    );
  },
  append(path, content, { sync }) {
    withOpen(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOFOLLOW, 0o644, (fd) => {
      writeWhole(fd, content, null);
      if (sync) fs.fdatasyncSync(fd);
    });
  },
  link(from, to) {
    return expecting({ ...gone, EEXIST: 'exists' as const }, () => {
      fs.linkSync(bufferFromBytes(from), bufferFromBytes(to));
      return 'ok' as const;
    });
  },
  unlink(path) {
    return expecting(gone, () => {
      fs.unlinkSync(bufferFromBytes(path));
      return 'ok' as const;
    });
  },
  rename(from, to) {
    return expecting(gone, () => {
      fs.renameSync(bufferFromBytes(from), bufferFromBytes(to));
      return 'ok' as const;
    });
  },
  makeDirectory(path, mode) {
    return expecting({ EEXIST: 'exists' as const }, () => {
      fs.mkdirSync(bufferFromBytes(path), { mode });
      return 'ok' as const;
    });
  },
  removeDirectory(path) {
    return expecting({ ...gone, ENOTEMPTY: 'not-empty' as const, EEXIST: 'not-empty' as const }, () => {
      fs.rmdirSync(bufferFromBytes(path));
      return 'ok' as const;
    });
  },
  removeTree(path) {
    const tree = bufferFromBytes(path);
    takeOver(tree);
    fs.rmSync(tree, { recursive: true, force: true });
  },
  setOwner(path, uid, gid) {
    fs.lchownSync(bufferFromBytes(path), uid, gid);
  },
  setMode(path, mode) {
    // Linux has no chmod that stops at a symlink. This way one answers ENOTSUP.
    withOpen(path, O_PATH | O_NOFOLLOW, 0, (fd) => {
      fs.chmodSync(`/proc/self/fd/${fd}`, mode);
    });
  },
  syncDirectory(dir) {
    withOpen(dir, O_RDONLY | O_DIRECTORY, 0, (fd) => {
      fs.fsyncSync(fd);
    });
  },
  async syncFile(path) {
    let handle: fs.promises.FileHandle;
    try {
      // Reading is enough to sync, and a job may have taken the write permission away.
      handle = await fs.promises.open(bufferFromBytes(path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    } catch (error) {
      if (Object.hasOwn(gone, errnoOf(error) ?? '')) return;
      throw error;
    }
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  },
  realPath(path) {
    // Not fs.realpathSync: that is written in JavaScript and makes a string of the path, so an odd name is not found.
    return expecting({ ...nothing, ELOOP: undefined }, () =>
      bytesFromBuffer(fs.realpathSync.native(bufferFromBytes(path), { encoding: 'buffer' })),
    );
  },
  readLink(path) {
    return expecting({ ...nothing, EINVAL: undefined }, () =>
      bytesFromBuffer(fs.readlinkSync(bufferFromBytes(path), { encoding: 'buffer' })),
    );
  },
  fileSystemType: (path) => fs.statfsSync(bufferFromBytes(path)).type,
  freeBytes(path) {
    const stat = fs.statfsSync(bufferFromBytes(path));
    return stat.bavail * stat.bsize;
  },
  canWrite(path) {
    return expecting({ EACCES: false, EROFS: false, ENOENT: false, EPERM: false }, () => {
      fs.accessSync(bufferFromBytes(path), fs.constants.W_OK);
      return true;
    });
  },
};
