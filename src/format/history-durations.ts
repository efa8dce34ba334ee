// How long jobs took, from the lines of history.jsonl. Only those that were done and took a while: nobody asks when a job of a
// second will be over.
import type { Bytes } from '../model/bytes.ts';
import { jobOf } from '../model/job-of.ts';
import { entryFromLine } from './history-line.ts';

/** One run of a job. `job` is the same for all runs that are compared. */
export interface Took {
  readonly job: string;
  readonly jobType?: string;
  readonly durationMs: number;
}

/** Which of the runs that a history tells of are wanted. */
export interface Wanted {
  /** Shorter ones are left out. */
  readonly shortestMs: number;
  /** The newest so many. */
  readonly atMost: number;
}

/** Of a running job: a shorter run tells nobody when it will be over, and each costs the reading of a line. */
const usual: Wanted = { shortestMs: 2000, atMost: 2000 };

/** Gives how long the attempt of an entry took; undefined if it was not done, or short. Never throws. */
export function tookFromHistory(
  entry: Readonly<Record<string, unknown>>,
  { shortestMs }: Pick<Wanted, 'shortestMs'> = usual,
): Took | undefined {
  const { kind, outcome, name, schedule, duration_ms: durationMs, job_type: jobType } = entry;
  if (kind !== 'attempt' || outcome !== 'done' || typeof name !== 'string') return undefined;
  if (typeof durationMs !== 'number' || !(durationMs >= shortestMs)) return undefined;
  const job = jobOf(name, typeof schedule === 'string' ? schedule : undefined);
  return { job, durationMs, ...(typeof jobType === 'string' && { jobType }) };
}

/** Gives those that the tail of a history tells of, oldest first. Of lines about short runs no more is read than that. */
export function tookFromTail(tail: Bytes, wanted: Wanted = usual): readonly Took[] {
  const found: Took[] = [];
  const needle = '"duration_ms":';
  let at = tail.lastIndexOf(needle);
  while (at >= 0 && found.length < wanted.atMost) {
    const from = tail.lastIndexOf('\n', at) + 1;
    const tookMs = parseInt(tail.slice(at + needle.length, at + needle.length + 16), 10);
    if (tookMs >= wanted.shortestMs) {
      const to = tail.indexOf('\n', at);
      const entry = to < 0 ? undefined : entryFromLine(tail.slice(from, to));
      const took = entry && tookFromHistory(entry, wanted);
      if (took) found.push(took);
    }
    at = from > 0 ? tail.lastIndexOf(needle, from - 1) : -1;
  }
  return found.reverse();
}
