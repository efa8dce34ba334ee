// How long a job is to take in a simulation: as its like did before, by the history.
import { tookFromTail } from '../../format/history-durations.ts';
import { jobOf } from '../../model/job-of.ts';
import { type Bytes, textOfName } from '../../model/bytes.ts';
import { estimateOf } from '../../model/estimate.ts';
import type { WaitingUow } from '../../model/seen.ts';
import type { Context } from '../context.ts';

/** A job that is of no schedule and whose name nobody knows takes as long as others of its type. */
export interface Duration {
  readonly ms: number;
  readonly from: 'history' | 'job-type' | 'default';
}

/** So much of the end of the history is read, so many lines of it, and so many of the last runs of a job count. */
const tailBytes = 16 * 1024 * 1024;
const linesAtMost = 50_000;
const runsKept = 9;

/** Gives what tells how long a UOW takes: the median of the last runs of its schedule or name, else of its job type, else the default. */
export function durationsFrom(
  { machine, paths }: Pick<Context, 'machine' | 'paths'>,
  defaultMs: number,
): (uow: WaitingUow) => Duration {
  const { files } = machine;
  const path = files.realPath(paths.history) ?? paths.history;
  const from = Math.max(0, (files.stat(path)?.sizeBytes ?? 0) - tailBytes);
  const tail = files.read(path, from, tailBytes) ?? ('' as Bytes);
  const byJob = new Map<string, number[]>();
  const byType = new Map<string, number[]>();
  for (const { job, jobType, durationMs } of tookFromTail(tail, { shortestMs: 0, atMost: linesAtMost })) {
    note(byJob, job, durationMs);
    if (jobType !== undefined) note(byType, jobType, durationMs);
  }
  return ({ name, schedule, jobType }) => {
    const ms = medianOf(byJob.get(jobOf(textOfName(name), schedule)));
    if (ms !== undefined) return { ms, from: 'history' };
    const ofType = jobType === undefined ? undefined : medianOf(byType.get(jobType.replace(/@.*/, '')));
    return ofType === undefined ? { ms: defaultMs, from: 'default' } : { ms: ofType, from: 'job-type' };
  };
}

function note(runs: Map<string, number[]>, key: string, durationMs: number): void {
  const known = runs.get(key) ?? [];
  runs.set(key, known);
  known.push(durationMs);
  if (known.length > runsKept) known.shift();
}

function medianOf(earlierMs: readonly number[] = []): number | undefined {
  return estimateOf({ since: 0, earlierMs })?.usualMs;
}
