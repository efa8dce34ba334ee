// Which times of a schedule are due, which of them are made up for, and which were missed.
import type { Schedule } from '../../model/schedule.ts';
import { dueAt, nextOccurrence, occurrencesIn } from './occurrences.ts';

/** Times that nothing was made for, and how many; of more than {@link countedAtMost} only that there were as many. */
export interface Missed {
  readonly first: number;
  readonly count: number;
}

/** What is due, in order; everything up to `after` has then been dealt with. */
export interface Due {
  readonly times: readonly number[];
  readonly missed?: Missed;
  readonly after: number;
}

/** A monitor that is busy, or a machine that sleeps for a moment, has missed nothing yet. */
const lateMs = 60_000;
/** So many at most in one wake. */
const madeUpAtMost = 100;
export const countedAtMost = 1000;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const looksBackMs = [60_000, hourMs, dayMs, 31 * dayMs, 366 * dayMs, Infinity];

/** Gives what is due at `now` of the times behind `after`; undefined if nothing is. */
export function dueTimes(schedule: Schedule, name: string, after: number, now: number): Due | undefined {
  // What would be made of earlier times would expire at once.
  const worthFrom = schedule.ttlMs === undefined ? -Infinity : now - schedule.ttlMs;
  if (schedule.catchUp === 'all') {
    const from = Math.max(after, worthFrom - 1);
    const missed = from > after ? missedBefore(schedule, after, from + 1) : undefined;
    const times = untilFirstLater(schedule, name, occurrencesIn(schedule, from, now, madeUpAtMost), now);
    const last = times.at(-1) ?? (missed && from);
    return last === undefined ? undefined : { times, after: last, ...(missed && { missed }) };
  }
  const latest = latestDue(schedule, name, after, now);
  if (latest === undefined) return undefined;
  // A ttl says itself how late is too late.
  const isLate = schedule.ttlMs === undefined && now - dueAt(schedule, name, latest) > lateMs;
  const isMade = latest >= worthFrom && (schedule.catchUp === 'last' || !isLate);
  const missed = missedBefore(schedule, after, isMade ? latest : latest + 1);
  return { times: isMade ? [latest] : [], ...(missed && { missed }), after: latest };
}

/** Gives the last time that is due. Looks back a little first: of a year of seconds nobody needs more than the last. */
function latestDue(schedule: Schedule, name: string, after: number, now: number): number | undefined {
  for (const back of looksBackMs) {
    const from = Math.max(after, now - schedule.jitterMs - back);
    const due = untilFirstLater(schedule, name, occurrencesIn(schedule, from, now, Infinity), now);
    const last = due.at(-1);
    if (last !== undefined) return last;
    if (from === after) return undefined;
  }
  return undefined;
}

/** A time whose jitter is longer than that of the one behind it goes first all the same. */
function untilFirstLater(schedule: Schedule, name: string, times: readonly number[], now: number): readonly number[] {
  const at = times.findIndex((time) => dueAt(schedule, name, time) > now);
  return at < 0 ? times : times.slice(0, at);
}

function missedBefore(schedule: Schedule, after: number, before: number): Missed | undefined {
  const times = occurrencesIn(schedule, after, before - 1, countedAtMost);
  const first = times[0];
  if (first === undefined) return undefined;
  return { first, count: times.length };
}

/** Gives when the next UOW of the schedule is due; undefined if there will be none. */
export function nextDueAt(schedule: Schedule, name: string, after: number): number | undefined {
  const next = nextOccurrence(schedule, after);
  return next === undefined ? undefined : dueAt(schedule, name, next);
}
