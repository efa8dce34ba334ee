// What a file in schedules/ asks for: at which times a UOW is made of it, and what becomes of times that were missed. The table of
// its fields stands here; reading them is format/schedule-parse, the arithmetic is plan/schedules.
import type { FieldRow } from './header.ts';
import type { Zone } from './zone.ts';

/** The times of a cron expression on a clock on the wall, which knows no zones. */
export interface CronTimes {
  /** As it stands in the file. */
  readonly text: string;
  /** Gives the first wall time behind `wall`; undefined if there is none any more. */
  next(wall: number): number | undefined;
}

export type CatchUp = 'none' | 'last' | 'all';
export type Overlap = 'skip' | 'queue' | 'allow';

/** One schedule. Times of several crons and intervals are one series, in which an instant comes once. */
export interface Schedule {
  readonly crons: readonly CronTimes[];
  /** Whole seconds, from `from` on, or from 1970. */
  readonly everyMs: readonly number[];
  readonly zone: Zone;
  readonly from?: number;
  /** The last instant that can be one of its times. */
  readonly until?: number;
  readonly catchUp: CatchUp;
  readonly overlap: Overlap;
  readonly jitterMs: number;
  /** A time longer ago is not made up for. */
  readonly ttlMs?: number;
  /** How many UOWs it makes at most. */
  readonly repeat?: number;
  readonly enabled: boolean;
  /** Everything that decides about its times, as one text: another text is another schedule. */
  readonly rule: string;
}

/** What is kept of a schedule: everything up to `after` has been dealt with, whether it was fired, skipped or missed. */
export interface Fired {
  readonly rule: string;
  readonly after: number;
  /** The last time that was fired. */
  readonly last?: number;
  readonly count: number;
  /** DISABLE said so. */
  readonly isDisabled: boolean;
  /** The names of the UOWs that the last firing was for: what of them is not in its queue yet is put there. */
  readonly firing: readonly string[];
}

const choice = (...of: string[]): FieldRow['takes'] => ({ kind: 'choice', of });
const text: FieldRow['takes'] = { kind: 'text' };

/** The fields that a file in schedules/ has besides those of a UOW, in the order the docs show them. */
export const scheduleFields: readonly FieldRow[] = [
  {
    name: 'schedule',
    takes: text,
    repeatable: true,
    meaning:
      'a cron expression of five fields, or of six with the seconds first; `@daily` and its like; `H` for a fixed number that its name decides',
  },
  {
    name: 'every',
    takes: { kind: 'duration' },
    repeatable: true,
    meaning: 'an interval in whole seconds of elapsed time, counted from `from`, else from 1970-01-01 UTC',
  },
  { name: 'from', takes: text, meaning: 'the first instant that can be one of its times' },
  { name: 'until', takes: text, meaning: 'the last instant that can be one of its times' },
  {
    name: 'timezone',
    takes: text,
    meaning: 'the zone of its times, such as Europe/Berlin; the monitor’s own if nothing is said',
  },
  {
    name: 'catch-up',
    takes: choice('none', 'last', 'all'),
    fallback: 'last',
    meaning: 'which of the times are made up for that passed while no monitor ran',
  },
  {
    name: 'overlap',
    takes: choice('skip', 'queue', 'allow'),
    meaning:
      'what becomes of a time at which the UOW before still waits or runs: left out (`skip`, the default), made and run behind it (`queue`, the default with `catch-up :: all`), or run beside it',
  },
  {
    name: 'jitter',
    takes: { kind: 'duration' },
    meaning: 'each UOW is made up to so much later; how much, its name and time decide',
  },
  { name: 'repeat', takes: { kind: 'whole', min: 1, max: 1_000_000_000 }, meaning: 'how many UOWs it makes at most' },
  {
    name: 'enabled',
    takes: choice('yes', 'no'),
    fallback: 'yes',
    meaning: 'no: it makes none, and need not say when: for flows that others use',
  },
];

/** True for the name of a field that only a schedule has. */
export function isScheduleField(name: string): boolean {
  return scheduleFields.some((row) => row.name === name);
}

/** A name has to leave room for a time, and for a `~2` behind it. */
export const scheduleNameLimitBytes = 220;

/** True for the name of a flow that is of some time of the schedule. */
export function isOccurrenceOf(name: string, schedule: string): boolean {
  return name.startsWith(`${schedule}@`) && /^\d{4}-\d\d-\d\dT\d{6}Z(~\d+)?$/.test(name.slice(schedule.length + 1));
}

/** Gives the name of the UOW or flow for that time: `NAME@2026-11-22T070000Z`. */
export function occurrenceName(schedule: string, at: number): string {
  return `${schedule}@${new Date(at).toISOString().slice(0, 19).replaceAll(':', '')}Z`;
}
