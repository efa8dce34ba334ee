// When a UOW may start by the clock: `not-before` and `window` as headers write them. Times without an offset are those of the
// monitor's zone.
import { durationMsFromText } from './time.ts';
import { instantFromWall, wallFromInstant, type Zone } from './zone.ts';

/** What a header says of the time of its start. */
export interface StartTimes {
  readonly notBefore?: number;
  readonly window?: Window;
}

/** A stretch of every day, in minutes after midnight; over midnight if it ends before it begins. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * Gives the instant of `2026-11-22T07:00:00Z`, `2026-11-22 07:00`, `2026-11-22`, of `07:00` (the next one after `from`), or of `+2h` counted
 * from `from`; undefined if the text is none of these.
 */
export function notBeforeFromText(text: string, from: number, zone: Zone): number | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('+')) {
    const afterMs = durationMsFromText(trimmed.slice(1));
    return afterMs === undefined ? undefined : from + afterMs;
  }
  const minutes = minutesFromText(trimmed);
  if (minutes !== undefined) return minutes < 1440 ? nextTimeOfDay(zone, minutes, from) : undefined;
  const [, day, time = '00:00', second = '00', offset] =
    /^(\d{4}-\d\d-\d\d)(?:(?:T| +)(\d\d:\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?$/.exec(trimmed) ?? [];
  const written = `${day ?? ''}T${time}:${second}`;
  const wall = Date.parse(`${written}Z`);
  // A day that no month has would be taken for one of the next.
  if (!Number.isFinite(wall) || new Date(wall).toISOString().slice(0, 19) !== written) return undefined;
  if (offset === undefined) return instantFromWall(zone, wall);
  const at = Date.parse(`${written}${offset}`);
  return Number.isFinite(at) ? at : undefined;
}

/** Gives the window of `22:00-06:00`; undefined if the text is none, or one of no length. */
export function windowFromText(text: string): Window | undefined {
  const [from, to, ...rest] = text.split('-').map((each) => minutesFromText(each.trim()));
  if (from === undefined || to === undefined || rest.length > 0 || from === 1440 || from === to) return undefined;
  return { from, to };
}

/** Gives when the window is open next: `now` if it is. Where the clocks pass over its beginning it opens at the first moment behind. */
export function windowOpensAt({ from, to }: Window, zone: Zone, now: number): number {
  const minute = Math.floor((wallFromInstant(zone, now) % dayMs) / minuteMs);
  const isOpen = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  return isOpen ? now : nextTimeOfDay(zone, from, now);
}

/** Gives the first instant after `after` at which the clocks show so many minutes after midnight. */
function nextTimeOfDay(zone: Zone, minutes: number, after: number): number {
  const wall = wallFromInstant(zone, after);
  const midnight = wall - (wall % dayMs);
  const today = instantFromWall(zone, midnight + minutes * minuteMs);
  return today > after ? today : instantFromWall(zone, midnight + dayMs + minutes * minuteMs);
}

function minutesFromText(text: string): number | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  const minutes = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && minutes <= 1440 ? minutes : undefined;
}
