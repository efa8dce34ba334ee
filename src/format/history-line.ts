// The lines of history.jsonl: one for every attempt that ended and every start and stop of the monitor.
import { type Bytes, bytesFromUtf8, nameFromShown, utf8FromBytes } from '../model/bytes.ts';

/** One line's content; `kind` first. Instants are RFC 3339 UTC, durations milliseconds. */
export interface HistoryEntry {
  readonly kind: 'attempt' | 'monitor-started' | 'monitor-stopped' | 'cancelled' | 'skipped';
  readonly [key: string]: string | number | boolean | readonly string[] | undefined;
}

/** Gives the line with its newline. JSON escapes every newline, so a line is always one entry. */
export function lineFromHistory(entry: HistoryEntry): Bytes {
  return bytesFromUtf8(JSON.stringify(entry) + '\n');
}

/** True if the text, the tail of a history file, holds a whole entry for which `isIt` is true of the line. */
export function hasEntry(tail: Bytes, isIt: (line: string) => boolean): boolean {
  // A piece of a line, which a kill left, is none.
  return tail.split('\n').some((line) => line.endsWith('}') && isIt(line));
}

/** Gives what tells the line of that attempt. */
export function isOfRun(id: string): (line: string) => boolean {
  const needle = `"id":${JSON.stringify(id)}`;
  return (line) => line.includes(needle);
}

/** Gives the name that the newest attempt with this stamp had, from a tail of the history; undefined if it is not in it. */
export function nameOfStamp(tail: Bytes, stamp: string): Bytes | undefined {
  const at = tail.lastIndexOf(`"stamp":${JSON.stringify(stamp)}`);
  if (at < 0) return undefined;
  const from = tail.lastIndexOf('\n', at) + 1;
  const to = tail.indexOf('\n', at);
  const line = tail.slice(from, to < 0 ? undefined : to);
  const match = /"name":("(?:[^"\\]|\\.)*")/.exec(line);
  return match?.[1] === undefined ? undefined : nameFromShown(JSON.parse(utf8FromBytes(match[1])) as string);
}
