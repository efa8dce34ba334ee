// A file kept open for reading while its name moves from queue to queue: the log of a job that somebody follows. What only needs
// a path and a moment is files.ts.
import fs from 'node:fs';
import { type Bytes, bufferFromBytes } from '../model/bytes.ts';
import { errnoOf } from '../model/errno.ts';

/** An open regular file. It stays the same file whatever becomes of its names. */
export interface OpenFile {
  readonly ino: number;
  readonly dev: number;
  /** Gives its size now and how many names it has. */
  facts(): { readonly sizeBytes: number; readonly links: number };
  /** Gives at most `lengthBytes` from `offset`; fewer only where the file ends. */
  read(offset: number, lengthBytes: number): Buffer;
  close(): void;
}

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;

/** Opens a regular file; undefined if there is none (nothing, a directory, a symlink, a FIFO). @throws errno errors, such as EACCES */
export function openFile(path: Bytes): OpenFile | undefined {
  let fd: number;
  try {
    fd = fs.openSync(bufferFromBytes(path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
  const stat = fs.fstatSync(fd);
  if (!stat.isFile()) {
    fs.closeSync(fd);
    return undefined;
  }
  return {
    ino: stat.ino,
    dev: stat.dev,
    facts() {
      const { size, nlink } = fs.fstatSync(fd);
      return { sizeBytes: size, links: nlink };
    },
    read(offset, lengthBytes) {
      const buffer = Buffer.allocUnsafe(lengthBytes);
      let filled = 0;
      while (filled < lengthBytes) {
        const got = fs.readSync(fd, buffer, filled, lengthBytes - filled, offset + filled);
        if (got === 0) break;
        filled += got;
      }
      return buffer.subarray(0, filled);
    },
    close: () => fs.closeSync(fd),
  };
}
