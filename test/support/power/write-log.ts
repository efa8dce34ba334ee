// What a disk was asked to do, in order, and which states of it a power cut can leave: everything up to the last flush is there;
// of what was written since, any part may be, and of one write any sectors.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A write or a flush. */
export interface LogEntry {
  readonly kind: 'write' | 'flush';
  readonly offset: number;
  readonly lengthBytes: number;
  /** Where its data stands in the log. */
  readonly position: number;
}

/** A disk after a power cut. */
export interface CutState {
  /** The cut came behind so many entries. */
  readonly at: number;
  /** Entries before this one are durable. */
  readonly flushed: number;
  /** Of those behind it, the writes that reached the disk all the same, in any order that leaves this. */
  readonly also: readonly Piece[];
  /** How it was made, for whoever has to look at it again. */
  readonly how: string;
}

/** Data of the log, and its place on the disk: position, offset, length. */
export type Piece = readonly [position: number, offset: number, lengthBytes: number];

const headBytes = 16;

/** Gives the entries of a log that a disk wrote. */
export function readWriteLog(path: string): readonly LogEntry[] {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const head = Buffer.alloc(headBytes);
    const entries: LogEntry[] = [];
    for (let position = 0; position + headBytes <= size;) {
      readSync(fd, head, 0, headBytes, position);
      const lengthBytes = head.readUInt32LE(4);
      const kind = head.readUInt32LE(0) === 1 ? 'write' : 'flush';
      position += headBytes;
      entries.push({ kind, offset: Number(head.readBigUInt64LE(8)), lengthBytes, position });
      position += lengthBytes;
    }
    return entries;
  } finally {
    closeSync(fd);
  }
}

/** Gives the pieces of the writes among the entries. */
export function piecesOf(entries: readonly LogEntry[]): readonly Piece[] {
  return entries.filter(({ kind }) => kind === 'write').map(wholePiece);
}

function wholePiece({ position, offset, lengthBytes }: LogEntry): Piece {
  return [position, offset, lengthBytes];
}

/** What states are made from: the log, from which entry on, and how much a disk writes whole at least. */
export interface CutLog {
  readonly entries: readonly LogEntry[];
  readonly from: number;
  readonly sectorBytes: number;
}

/**
 * Gives `count` states of cuts behind the first `from` entries, in the order of their cuts: one in two as if the disk had written in
 * order (each cut once before any comes twice), the others with some of what was not flushed.
 */
export function cutStates(log: CutLog, count: number, random: (below: number) => number): readonly CutState[] {
  const { entries, from } = log;
  const places = entries.length + 1 - from;
  let unused: number[] = [];
  const nextPrefix = (): number => {
    if (unused.length === 0) unused = Array.from({ length: places }, (_, at) => from + at);
    const [place = from] = unused.splice(random(unused.length), 1);
    return place;
  };
  const behindWrites = entries.flatMap(({ kind }, at) => (at >= from && kind === 'write' ? [at + 1] : []));
  const states = Array.from({ length: count }, (_, number) => {
    const behind = behindWrites[random(behindWrites.length)];
    if (number % 2 === 0 || behind === undefined) return cutAt(log, nextPrefix(), 'all', random);
    const ways = ['none', 'half', 'half', 'all but one', 'one', 'torn'] as const;
    return cutAt(log, behind, ways[random(ways.length)] ?? 'none', random);
  });
  return states.toSorted((a, b) => a.at - b.at);
}

type Way = 'all' | 'none' | 'half' | 'all but one' | 'one' | 'torn';

function cutAt({ entries, sectorBytes }: CutLog, at: number, way: Way, random: (below: number) => number): CutState {
  const flushed = entries.slice(0, at).findLastIndex(({ kind }) => kind === 'flush') + 1;
  const loose = entries.slice(flushed, at);
  const chosen = random(Math.max(1, loose.length));
  const also = loose.flatMap((entry, index): readonly Piece[] => {
    const isHere = {
      all: true,
      none: false,
      half: random(2) === 0,
      'all but one': index !== chosen,
      one: index === chosen,
      torn: index <= chosen,
    }[way];
    if (!isHere) return [];
    return way === 'torn' && index === chosen
      ? sectorsOf(entry, sectorBytes).filter(() => random(2) === 0)
      : [wholePiece(entry)];
  });
  return { at, flushed, also, how: `cut at ${at}, flushed to ${flushed}, ${way} of ${loose.length} loose writes` };
}

function sectorsOf({ position, offset, lengthBytes }: LogEntry, sectorBytes: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < lengthBytes;) {
    const length = Math.min(sectorBytes - ((offset + at) % sectorBytes), lengthBytes - at);
    pieces.push([position + at, offset + at, length]);
    at += length;
  }
  return pieces;
}
