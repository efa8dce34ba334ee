// The times of a schedule: the next one behind an instant, and those in a stretch of time. A local time that does not exist is the
// first moment after the gap; one that comes twice is the first of the two; intervals are of elapsed time.
import type { CronTimes, Schedule } from '../../model/schedule.ts';
import { spread } from '../../model/spread.ts';
import { instantFromWall, latestWallBy, type Zone } from '../../model/zone.ts';

/** Gives the first time of the schedule behind `after`; undefined if there is none any more. */
export function nextOccurrence(schedule: Schedule, after: number): number | undefined {
  const { from, until, crons, everyMs, zone } = schedule;
  const behind = Math.max(after, (from ?? -Infinity) - 1);
  const times = [
    ...crons.map((cron) => nextOfCron(cron, zone, behind)),
    ...everyMs.map((ms) => nextOfInterval(ms, from ?? 0, behind)),
  ].filter((at) => at !== undefined);
  const next = Math.min(...times);
  return Number.isFinite(next) && next <= (until ?? Infinity) ? next : undefined;
}

/** Gives the times behind `after` and not behind `upTo`, in order, at most `limit`. */
export function occurrencesIn(schedule: Schedule, after: number, upTo: number, limit: number): readonly number[] {
  const times: number[] = [];
  for (let at = nextOccurrence(schedule, after); at !== undefined && at <= upTo; at = nextOccurrence(schedule, at)) {
    if (times.length >= limit) break;
    times.push(at);
  }
  return times;
}

/** Gives when the UOW of that time is due: the time itself, or up to `jitter` later, always the same for the same name and time. */
export function dueAt(schedule: Schedule, name: string, at: number): number {
  return at + spread(`${name}@${at}`, schedule.jitterMs);
}

function nextOfCron(cron: CronTimes, zone: Zone, after: number): number | undefined {
  // Wall times that have been there already, while the clocks show them again, are over.
  let wall = Math.floor(latestWallBy(zone, after) / 1000) * 1000;
  for (;;) {
    const next = cron.next(wall);
    if (next === undefined) return undefined;
    const at = instantFromWall(zone, next);
    // Several wall times in a gap are one instant.
    if (at > after) return at;
    wall = next;
  }
}

function nextOfInterval(everyMs: number, from: number, after: number): number {
  return after < from ? from : from + (Math.floor((after - from) / everyMs) + 1) * everyMs;
}
