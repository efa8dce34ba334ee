// How long jobs usually take, for the estimate of their end: kept in memory, filled from the end of history.jsonl at the start and by
// each line that is written, so that no wake reads the history.
import { type Took, tookFromHistory, tookFromTail } from '../../format/history-durations.ts';
import { type Bytes, textOfName } from '../../model/bytes.ts';
import { jobOf } from '../../model/job-of.ts';
import type { RunRecord } from '../../model/run.ts';
import type { Context } from '../context.ts';
import type { Picture } from '../survey/picture.ts';

/** So much of the end of the history is read at the start: some thousand lines. */
const tailBytes = 2 * 1024 * 1024;
/** So many runs of a job are remembered, and so many jobs: those that ran last. */
const runsKept = 9;
const jobsKept = 2000;

/** Fills the picture from the history. */
export function loadUsual({ machine, paths, picture }: Pick<Context, 'machine' | 'paths' | 'picture'>): void {
  const { files } = machine;
  const path = files.realPath(paths.history) ?? paths.history;
  const from = Math.max(0, (files.stat(path)?.sizeBytes ?? 0) - tailBytes);
  for (const took of tookFromTail(files.read(path, from, tailBytes) ?? ('' as Bytes))) note(picture, took);
}

/** Notes an entry of the history that was just written. */
export function noteUsual(picture: Picture, written: Readonly<Record<string, unknown>>): void {
  const took = tookFromHistory(written);
  if (took) note(picture, took);
}

/** Gives how long the last runs of an attempt's job took. */
export function earlierRunsMs({ tookMs }: Picture, { name, schedule }: RunRecord): readonly number[] {
  return tookMs.get(jobOf(textOfName(name), schedule)) ?? [];
}

function note({ tookMs }: Picture, { job, durationMs }: Took): void {
  const runs = [...(tookMs.get(job) ?? []), durationMs].slice(-runsKept);
  // Set anew it is the youngest of the map.
  tookMs.delete(job);
  tookMs.set(job, runs);
  const [oldest] = tookMs.keys();
  if (tookMs.size > jobsKept && oldest !== undefined) tookMs.delete(oldest);
}
