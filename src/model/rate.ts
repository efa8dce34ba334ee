// A rate: so many starts in so much time. Which starts are counted together, and from when the next is free. What was started is the
// survey's affair, who starts the plan's.
import { type Bytes, textOfName } from './bytes.ts';
import { jobOf } from './job-of.ts';
import { durationMsFromText } from './time.ts';

/** So many starts in any stretch of time that is so long. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
  /** As it was written: `10/m`. */
  readonly text: string;
}

/** A rate, and the starts that count for it. */
export interface Rated extends Rate {
  readonly of: StartKey;
}

/** Which starts are counted together, for people too: `group api`. */
export type StartKey = string & { readonly __startKey: unique symbol };

/** When something was started of each key, oldest first. Epoch milliseconds. */
export type Starts = ReadonlyMap<StartKey, readonly number[]>;

/** More starts than these in a stretch are a typing error: so many are kept. */
const greatestCount = 10_000;
/** No rate is about more time. */
export const longestRateMs: number = 7 * 86_400_000;

/** How to write a rate, for whoever wrote something else. */
export const rateRemedy = 'write so many starts per time, such as 10/m, 100/h or 1/15m: 1 to 10000, in 7d at most';

/** Gives the rate of `10/m`, `100/h`, `1/15m`; undefined if the text is none. */
export function rateFromText(text: string): Rate | undefined {
  const [, digits = '', per = ''] = /^(\d{1,5})\s*\/\s*(\S.*)$/.exec(text.trim()) ?? [];
  const count = Number(digits);
  const perMs = durationMsFromText(/^(ms|[smhdw])$/.test(per) ? `1${per}` : per) ?? 0;
  if (!(count >= 1 && count <= greatestCount) || perMs < 1 || perMs > longestRateMs) return undefined;
  // A number alone would be seconds, and nobody means that by 10/60.
  return /^\d+(\.\d+)?$/.test(per) ? undefined : { count, perMs, text: text.trim().replace(/\s*\/\s*/, '/') };
}

/** What tells which starts count for one another. */
export interface StartOf {
  readonly name: Bytes;
  readonly schedule?: string;
  readonly group?: string;
  /** With its version or without. */
  readonly jobType?: string;
}

/** Gives the key of a group's starts. */
export function groupKey(group: string): StartKey {
  return `group ${group}` as StartKey;
}

/** Gives all the keys that a start counts for; the first is the one that a `rate` in the header is about: the job type, else the group, else the job. */
export function startKeysOf({ name, schedule, group, jobType }: StartOf): readonly [StartKey, ...StartKey[]] {
  const job = `job ${jobOf(textOfName(name), schedule)}` as StartKey;
  const ofGroup = group === undefined ? [] : [groupKey(group)];
  return jobType === undefined
    ? ofGroup[0] === undefined
      ? [job]
      : [ofGroup[0], job]
    : [`job type ${jobType.replace(/@.*$/, '')}` as StartKey, ...ofGroup, job];
}

/** Gives from when on one more may start, after these starts, oldest first, and so many `now`. -Infinity for at once. */
export function freeAt(
  { count, perMs }: Rate,
  {
    starts = [],
    startedNow = 0,
    now,
  }: { readonly starts?: readonly number[]; readonly startedNow?: number; readonly now: number },
): number {
  const decides = startedNow >= count ? now : starts.at(startedNow - count);
  return decides === undefined ? -Infinity : decides + perMs;
}
