// A disk of one file, which notes in what order it is written and flushed, or shows what a power cut left of it. Speaks the
// kernel's FUSE protocol itself (include/uapi/linux/fuse.h): one regular file, mounted over FOLDER/disk, that a loop device lies
// on. A process of its own that only ever waits for the kernel, so that nobody who waits for the disk can keep it from answering.
//
//   node disk.mjs record FOLDER BYTES LOG   an empty disk; each write and flush goes to LOG (16 bytes: 1 or 2, length, offset; then
//                                           the data), their number to FOLDER/witness/index
//   node disk.mjs replay FOLDER BYTES LOG   the disk as FOLDER/state says (write-log.ts), from the next utimes() of the file on;
//                                           what is written to it is gone with the next state
import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { openSync, readFileSync, readSync, writeFileSync, writeSync, writevSync } from 'node:fs';
import { join } from 'node:path';

const [mode, folder, bytes, logPath] = process.argv.slice(2);
const sizeBytes = Number(bytes);
const pageBytes = 4096;
const maxWriteBytes = 1024 * 1024;

/** What is on the disk for good; the kernel gives its pages only when they are written. */
const image = Buffer.alloc(sizeBytes);
const disk = mode === 'record' ? recorded() : replayed();

const fuse = mounted(join(folder, 'disk'));
const request = Buffer.alloc(maxWriteBytes + pageBytes);
const headBytes = 40;
const noSuchCall = 38;
const faulty = 5;

for (;;) {
  const length = nextRequest();
  if (length === undefined) break;
  const opcode = request.readUInt32LE(4);
  const unique = request.readBigUInt64LE(8);
  const body = request.subarray(headBytes, length);
  answer(opcode, unique, body);
}

/** A disk that starts empty. A flush makes durable what was answered before it: this process does one thing at a time. */
function recorded() {
  const log = openSync(logPath, 'w');
  const index = openSync(join(folder, 'witness/index'), 'w');
  let count = 0;
  const note = (kind, offset, data) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(kind, 0);
    head.writeUInt32LE(data.length, 4);
    head.writeBigUInt64LE(BigInt(offset), 8);
    writevSync(log, [head, data]);
    count += 1;
    // Eight bytes in place: whoever reads meanwhile sees the old number or the new one. Before the answer, so that who was told
    // that something is durable finds it counted.
    writeSync(index, `${String(count).padStart(7, '0')}\n`, 0);
  };
  writeSync(index, '0000000\n', 0);
  return {
    read: (offset, length) => image.subarray(offset, offset + length),
    write(offset, data) {
      data.copy(image, offset);
      note(1, offset, data);
    },
    flush: () => note(2, 0, Buffer.alloc(0)),
    change: () => undefined,
  };
}

/** A disk as a power cut left it. `image` has what was flushed; the rest, and all that is written from then on, lies in pages above it. */
function replayed() {
  const log = openSync(logPath, 'r');
  const pages = new Map();
  const dataOf = ([position, , length]) => {
    const data = Buffer.alloc(length);
    readSync(log, data, 0, length, position);
    return data;
  };
  const write = (offset, data) => {
    for (let at = 0; at < data.length;) {
      const page = Math.floor((offset + at) / pageBytes);
      const within = (offset + at) % pageBytes;
      const length = Math.min(pageBytes - within, data.length - at);
      if (!pages.has(page)) pages.set(page, Buffer.from(image.subarray(page * pageBytes, (page + 1) * pageBytes)));
      data.copy(pages.get(page), within, at, at + length);
      at += length;
    }
  };
  return {
    read(offset, length) {
      const data = Buffer.from(image.subarray(offset, offset + length));
      for (let at = 0; at < data.length;) {
        const within = (offset + at) % pageBytes;
        pages.get(Math.floor((offset + at) / pageBytes))?.copy(data, at, within);
        at += pageBytes - within;
      }
      return data;
    },
    write,
    flush: () => undefined,
    change() {
      const { isAnew, flushed, also } = JSON.parse(readFileSync(join(folder, 'state'), 'utf8'));
      pages.clear();
      if (isAnew) image.fill(0);
      for (const piece of flushed) dataOf(piece).copy(image, piece[1]);
      for (const piece of also) write(piece[1], dataOf(piece));
    },
  };
}

function mounted(path) {
  writeFileSync(path, '');
  const fd = openSync('/dev/fuse', 'r+');
  // rootmode: the root of this file system is no directory but a regular file.
  const options = 'fd=3,rootmode=100000,user_id=0,group_id=0,allow_other';
  const { status } = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'sjq-power', path], {
    stdio: ['ignore', 'inherit', 'inherit', fd],
  });
  if (status !== 0) process.exit(1);
  writeSync(1, 'ready\n');
  return fd;
}

/** Waits for a request and gives its length; undefined when the file was unmounted. */
function nextRequest() {
  for (;;) {
    try {
      return readSync(fuse, request);
    } catch (error) {
      if (error.code === 'ENODEV') return undefined;
      // ENOENT: the one who asked was interrupted and took its question back.
      if (!['EINTR', 'EAGAIN', 'ENOENT'].includes(error.code)) throw error;
    }
  }
}

function answer(opcode, unique, body) {
  const reply = (data = Buffer.alloc(0), error = 0) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(16 + data.length, 0);
    head.writeInt32LE(-error, 4);
    head.writeBigUInt64LE(unique, 8);
    writevSync(fuse, [head, data]);
  };
  const words = (length, set) => {
    const data = Buffer.alloc(length);
    set(data);
    reply(data);
  };
  const [offset, length] =
    opcode === 15 || opcode === 16 ? [Number(body.readBigUInt64LE(8)), body.readUInt32LE(16)] : [];
  switch (opcode) {
    case 26: // INIT: version 7.31, big writes of up to a megabyte. Not the writeback cache: that would change the order of writes.
      return words(64, (data) => {
        data.writeUInt32LE(7, 0);
        data.writeUInt32LE(31, 4);
        data.writeUInt32LE((1 << 5) | (1 << 22), 12);
        data.writeUInt16LE(16, 16);
        data.writeUInt16LE(12, 18);
        data.writeUInt32LE(maxWriteBytes, 20);
        data.writeUInt32LE(1, 24);
        data.writeUInt16LE(maxWriteBytes / pageBytes, 28);
      });
    case 4: // SETATTR
      try {
        disk.change();
      } catch (error) {
        writeSync(2, `${error.stack}\n`);
        return reply(undefined, faulty);
      }
      return words(104, writeAttributes);
    case 3: // GETATTR
      return words(104, writeAttributes);
    case 14: // OPEN, with FOPEN_DIRECT_IO: nothing is kept by the kernel that the next state would not know of
      return words(16, (data) => data.writeUInt32LE(1, 8));
    case 15: // READ
      return reply(disk.read(offset, length));
    case 16: // WRITE
      disk.write(offset, body.subarray(40, 40 + length));
      return words(8, (data) => data.writeUInt32LE(length, 0));
    case 20: // FSYNC, which is what a loop device makes of a flush
      disk.flush();
      return reply();
    case 17: // STATFS
      return words(80, () => undefined);
    case 18: // RELEASE
    case 25: // FLUSH, at a close
    case 38: // DESTROY
      return reply();
    case 2: // FORGET
    case 36: // INTERRUPT
    case 42: // BATCH_FORGET
      return undefined;
    default:
      return reply(undefined, noSuchCall);
  }
}

/** What stat tells, behind the 16 bytes that say for how long it may be believed. */
function writeAttributes(data) {
  data.writeBigUInt64LE(1_000_000n, 0);
  data.writeBigUInt64LE(1n, 16);
  data.writeBigUInt64LE(BigInt(sizeBytes), 24);
  data.writeBigUInt64LE(BigInt(sizeBytes / 512), 32);
  data.writeUInt32LE(0o100600, 76);
  data.writeUInt32LE(1, 80);
  data.writeUInt32LE(pageBytes, 96);
}
