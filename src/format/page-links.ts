// Where the names and counts of index.html lead to. Relative always, so that the page works from file:// and at whatever address
// a web server shows it.
import { createHash } from 'node:crypto';
import { bufferFromBytes, type Bytes, bytesFromUtf8 } from '../model/bytes.ts';
import type { Posted } from '../model/posted.ts';
import type { Queue } from '../model/queue.ts';
import type { UowName } from '../model/uow.ts';

/** Gives the address of a UOW that stands in a queue, and of a queue; undefined where there is nothing to lead to. */
export interface PageLinks {
  readonly uow: (name: UowName, queue: Queue) => string | undefined;
  readonly queue: (queue: Queue) => string | undefined;
}

/** Gives the links of a page that stands `depth` directories below the root: to the files themselves. */
export function linksInRoot(depth: number, queues: Posted['queues']): PageLinks {
  const address = (queue: Queue): string => '../'.repeat(depth) + uriFromBytes(bytesFromUtf8(queues[queue].dir)) + '/';
  return { queue: address, uow: (name, queue) => address(queue) + uriFromBytes(name) };
}

/** Gives the links of a page that stands elsewhere: to the copies beside it of those UOWs that have one. */
export function linksToCopies(copied: ReadonlySet<UowName>): PageLinks {
  return {
    queue: () => undefined,
    uow: (name) => (copied.has(name) ? `uow/${uriFromBytes(copyName(name))}` : undefined),
  };
}

/** Gives a name as one part of an address: every byte that is not plain is percent-encoded. */
export function uriFromBytes(name: string): string {
  return name.replace(/[^A-Za-z0-9._~-]/g, (byte) => `%${hex(byte)}`);
}

/** A file's name may have 255 bytes; this leaves room for the ending, the hash and a temporary name. */
const encodedLimit = 200;

/**
 * Gives the name of a UOW's copy: the UOW's own with `.txt`, and `=XX` for every byte that a web server or a shell might take
 * for something else. A long one is cut and told from others by a hash; no two names have the same.
 */
export function copyName(name: UowName): Bytes {
  const encoded = name.replace(/[^A-Za-z0-9._~@+-]|^\./g, (byte) => `=${hex(byte)}`);
  if (encoded.length <= encodedLimit) return `${encoded}.txt` as Bytes;
  const hash = createHash('sha256').update(bufferFromBytes(name)).digest('hex').slice(0, 32);
  // A `==` is in no encoded name.
  return `${encoded.slice(0, encodedLimit - hash.length)}==${hash}.txt` as Bytes;
}

function hex(byte: string): string {
  return byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
}
