// The lines of history.jsonl: one for every attempt that ended and every start and stop of the monitor.
import { type Bytes, bytesFromUtf8, nameFromShown, utf8FromBytes } from '../model/bytes.ts';
import type { PostedEnded } from '../model/posted.ts';

const endedWords: readonly PostedEnded['outcome'][] = ['done', 'error', 'fail', 'skipped', 'cancelled'];

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

/** What of an entry the posted status tells: how an attempt, or a UOW that waited, ended. `stamp` says which UOW of that name. */
export interface EndedEntry {
  readonly name: Bytes;
  readonly outcome: PostedEnded['outcome'];
  readonly reason?: string;
  readonly attempt?: number;
  readonly endedAt: number;
  readonly durationMs?: number;
  readonly stamp?: string;
}

/** Gives what an entry says of an end; undefined if it is about something else, or of a later version. Never throws. */
export function endedFromHistory(entry: Readonly<Record<string, unknown>>): EndedEntry | undefined {
  const { kind, name, reason, attempt, duration_ms: durationMs, stamp } = entry;
  const word = kind === 'attempt' ? entry['outcome'] : kind;
  const outcome = endedWords.find((each) => each === word);
  const at = entry['ended_at'] ?? entry['at'];
  const endedAt = typeof at === 'string' ? Date.parse(at) : NaN;
  if (outcome === undefined || typeof name !== 'string' || !Number.isFinite(endedAt)) return undefined;
  return {
    ...{ name: nameFromShown(name), outcome, endedAt },
    ...(typeof reason === 'string' && { reason }),
    ...(typeof attempt === 'number' && { attempt }),
    ...(typeof durationMs === 'number' && { durationMs }),
    ...(typeof stamp === 'string' && { stamp }),
  };
}

/** Gives the last `count` ends that the tail of a history tells of, oldest first. What is no whole line is passed over. */
export function endedFromTail(tail: Bytes, count: number): readonly EndedEntry[] {
  const found: EndedEntry[] = [];
  const lines = tail.split('\n');
  for (let at = lines.length - 1; at >= 0 && found.length < count; at--) {
    const line = lines[at] ?? '';
    if (!line.startsWith('{') || !line.endsWith('}')) continue;
    try {
      const ended = endedFromHistory(JSON.parse(utf8FromBytes(line)) as Record<string, unknown>);
      if (ended) found.unshift(ended);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return found;
}
