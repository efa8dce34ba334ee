// Which jobs ended badly the last time, from the lines of history.jsonl.
import type { Bytes } from '../model/bytes.ts';
import { jobOf } from '../model/job-of.ts';
import { entryFromLine } from './history-line.ts';

/** Gives the jobs of which the last end that the tail of a history tells of is error or fail. Never throws. */
export function failingFromTail(tail: Bytes): Set<string> {
  const failing = new Set<string>();
  // Where nothing ended badly no line is read.
  if (!/"outcome":"(error|fail)"/.test(tail)) return failing;
  for (const line of tail.split('\n')) {
    const entry = entryFromLine(line);
    if (entry?.['kind'] !== 'attempt' || entry['retry_at'] !== undefined) continue;
    const { name, schedule, outcome } = entry;
    if (typeof name !== 'string') continue;
    const job = jobOf(name, typeof schedule === 'string' ? schedule : undefined);
    if (outcome === 'error' || outcome === 'fail') failing.add(job);
    else if (outcome === 'done') failing.delete(job);
  }
  return failing;
}
