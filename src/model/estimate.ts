// When a running attempt will be over: by what its job says of its progress, else by how long its like took before. A function of
// what was told and when, not of the time it is read, so that all who tell of it at different times say the same.
import { textFromDurationMs } from './time.ts';

/** When it will be over. `usualMs`, the median of its last runs, is there if it is known, whatever the estimate is made from. */
export interface Estimate {
  readonly endAt: number;
  readonly from: 'progress' | 'history';
  readonly usualMs?: number;
}

/** What an estimate is made from. Instants in epoch milliseconds. */
export interface EstimateFacts {
  readonly since: number;
  /** 0 to 100, and when its job said so. */
  readonly percent?: number;
  readonly toldAt?: number;
  /** How long it took before, in no order. */
  readonly earlierMs: readonly number[];
}

/** What lies further ahead is no estimate: a job that has done a millionth in a second. */
const longestMs = 366 * 86_400_000;
/** Progress told so soon tells of the start of a program and not of its work. */
const soonestMs = 1000;

/** Gives the estimate; undefined where nothing tells. */
export function estimateOf({ since, percent, toldAt, earlierMs }: EstimateFacts): Estimate | undefined {
  const usualMs = earlierMs.length > 0 ? medianOf(earlierMs) : undefined;
  const usual = usualMs === undefined ? {} : { usualMs };
  const spentMs = (toldAt ?? since) - since;
  if (percent !== undefined && percent > 0 && spentMs >= soonestMs) {
    const tookMs = Math.round((spentMs * 100) / percent);
    if (tookMs <= longestMs) return { endAt: since + tookMs, from: 'progress', ...usual };
  }
  return usualMs === undefined ? undefined : { endAt: since + usualMs, from: 'history', usualMs };
}

/** Gives it for people, at that time: `about 12m05s left`; nothing once a progress that stands still has been overtaken. */
export function textFromEstimate({ endAt, from, usualMs = 0 }: Estimate, at: number): string {
  if (endAt > at) {
    const leftMs = Math.ceil((endAt - at) / 1000) * 1000;
    return `about ${textFromDurationMs(leftMs).replace(/\.0s$/, 's')} left`;
  }
  return from === 'history' ? `longer than usual (${textFromDurationMs(usualMs)})` : '';
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : Math.round(((sorted[middle - 1] ?? 0) + upper) / 2);
}
