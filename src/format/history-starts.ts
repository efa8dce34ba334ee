// When attempts were started, from the lines of history.jsonl.
import { type Bytes, nameFromShown } from '../model/bytes.ts';
import type { StartOf } from '../model/rate.ts';
import { entryFromLine } from './history-line.ts';

/** An attempt that began, at the time of its claim. */
export interface StartedAttempt extends StartOf {
  readonly id: string;
  readonly at: number;
}

/** What a piece of a history tells. */
export interface TailStarts {
  readonly starts: readonly StartedAttempt[];
  /** What the piece begins with: the end of a line. Empty in the first piece of a file. */
  readonly head: Bytes;
  /** It tells of an end before that time; so all that stands before it is older. */
  readonly hasOlder: boolean;
}

/** Gives the starts after `since` that the tail of a history tells of, the newest first. Never throws. */
export function startsFromTail(tail: Bytes, since: number, isWhole: boolean): TailStarts {
  const lines = tail.split('\n');
  const head = (isWhole ? '' : (lines.shift() ?? '')) as Bytes;
  const starts: StartedAttempt[] = [];
  for (const line of lines.reverse()) {
    const entry = entryFromLine(line);
    if (entry?.['kind'] !== 'attempt') continue;
    if (timeOf(entry['ended_at']) <= since) return { starts, head, hasOlder: true };
    const start = startOf(entry);
    if (start && start.at > since) starts.push(start);
  }
  return { starts, head, hasOlder: false };
}

function startOf(entry: Readonly<Record<string, unknown>>): StartedAttempt | undefined {
  const { id, name, group, schedule, job_type: jobType } = entry;
  const at = timeOf(entry['claimed_at']);
  // What could not start, or expired, did not.
  if (entry['started_at'] === undefined || typeof id !== 'string' || typeof name !== 'string' || !Number.isFinite(at))
    return undefined;
  return {
    ...{ id, at, name: nameFromShown(name) },
    ...(typeof group === 'string' && { group }),
    ...(typeof schedule === 'string' && { schedule }),
    ...(typeof jobType === 'string' && { jobType }),
  };
}

function timeOf(text: unknown): number {
  return typeof text === 'string' ? Date.parse(text) : NaN;
}
