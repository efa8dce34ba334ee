// Whether an attempt that ended is to be tried again, and when. Decided from its record and its end alone, so that a crash in the
// midst of going back decides the same once more.
import type { Header } from '../model/header.ts';
import type { Outcome, Return } from '../model/outcome.ts';
import { backoffFromText, isRetriedOn, retryDelayMs, retryOnFromText } from '../model/retry.ts';
import type { Judging, RunRecord } from '../model/run.ts';
import { textFromStamp } from '../model/stamp.ts';

/** Gives what the header asks for, as an attempt carries it that is the retry `made`; nothing if it is not to be tried again. */
export function retryingOf(header: Header, made: number): Pick<Judging, 'retrying'> {
  const atMost = header.whole('retries') ?? 0;
  const delayMs = header.durationMs('retry-delay');
  const backoff = backoffFromText(header.text('backoff') ?? '');
  const on = retryOnFromText(header.text('retry-on') ?? '');
  if (atMost === 0 || delayMs === undefined || !backoff || !on) return {};
  return { retrying: { made, atMost, delayMs, backoff, on } };
}

/** Gives how the UOW goes back to its queue for the next attempt; undefined if this was its last one. */
export function retryAfter(record: RunRecord, outcome: Outcome, endedAt: number): Return | undefined {
  const { attempt, stamp, queue } = record;
  const { retrying } = record.judging;
  if (!retrying || retrying.made >= retrying.atMost || !isRetriedOn(retrying.on, outcome)) return undefined;
  const number = retrying.made + 1;
  const delayMs = retryDelayMs(retrying, number, `${textFromStamp(stamp)} ${attempt + 1}`);
  // STATUS tells whole seconds: never sooner than said, and without a delay at once.
  const at = delayMs === 0 ? endedAt : Math.ceil((endedAt + delayMs) / 1000) * 1000;
  return { to: queue, attempts: attempt, why: 'retry', retry: { number, at } };
}

/** Gives the return of an attempt that was a retry and took no end of its own: the next one is the same retry, due now. */
export function stillRetry({ judging }: RunRecord, back: Return, now: number): Return {
  const made = judging.retrying?.made ?? 0;
  return made > 0 ? { ...back, retry: { number: made, at: now } } : back;
}
