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

/** True if the text, the tail of a history file, holds the entry of that attempt. */
export function hasRun(tail: Bytes, id: string): boolean {
  const needle = `"id":${JSON.stringify(id)}`;
  // A piece of a line, which a kill left, is none.
  return tail.split('\n').some((line) => line.includes(needle) && line.endsWith('}'));
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

/** What the history tells of an attempt that ended. `logBytes` is the length of what the job itself printed. */
export interface PastAttempt {
  readonly outcome: string;
  readonly reason: string;
  readonly logBytes: number;
}

/** Gives what the newest line of that attempt in a tail of the history tells; undefined if it is not in it. */
export function attemptFromHistory(tail: Bytes, stamp: string, attempt: number): PastAttempt | undefined {
  const needle = `"stamp":${JSON.stringify(stamp)}`;
  for (let at = tail.lastIndexOf(needle); at >= 0; at = at > 0 ? tail.lastIndexOf(needle, at - 1) : -1) {
    const to = tail.indexOf('\n', at);
    const entry = to < 0 ? undefined : entryFromLine(tail.slice(tail.lastIndexOf('\n', at) + 1, to));
    if (entry?.['kind'] !== 'attempt' || entry['stamp'] !== stamp || entry['attempt'] !== attempt) continue;
    const { outcome, reason, log_bytes: logBytes } = entry;
    if (typeof outcome !== 'string' || typeof reason !== 'string' || typeof logBytes !== 'number') continue;
    return { outcome, reason, logBytes };
  }
  return undefined;
}

/** Undefined for a piece of a line, which a tail begins with and a kill leaves. */
function entryFromLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(utf8FromBytes(line)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
