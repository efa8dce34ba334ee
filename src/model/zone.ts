// Time zones: what a clock on the wall shows at an instant, and at which instant it shows a given time. A wall time is written as
// the epoch milliseconds that it would be in UTC. The zones are those of the tz database that Node carries.

/** A time zone by its name in the tz database. `offsetMsAt` gives how far its clocks are ahead of UTC at an instant. */
export interface Zone {
  readonly name: string;
  offsetMsAt(at: number): number;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Of so many hours of a zone at most the offset is kept. */
const hoursKept = 1024;

/** Gives the zone of that name (`Europe/Berlin`, `UTC`); undefined if there is none. */
export function zoneOf(name: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, hourCycle: 'h23', era: 'short' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const exactly = (at: number): number => {
    const seconds = Math.floor(at / 1000) * 1000;
    const parts = new Map(format.formatToParts(seconds).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const date = [part('year'), part('month') - 1, part('day')] as const;
    return Date.UTC(...date, part('hour'), part('minute'), part('second')) - seconds;
  };
  // To have parts formatted takes a hundred times as long as all else that is reckoned here.
  const hours = new Map<number, number>();
  const atHour = (hour: number): number => {
    const known = hours.get(hour);
    if (known !== undefined) return known;
    if (hours.size >= hoursKept) hours.clear();
    const offset = exactly(hour * hourMs);
    hours.set(hour, offset);
    return offset;
  };
  return {
    name,
    offsetMsAt(at) {
      const hour = Math.floor(at / hourMs);
      const before = atHour(hour);
      // No zone has changed its offset twice within an hour.
      return before === atHour(hour + 1) ? before : exactly(at);
    },
  };
}

/** Gives the zone of this process. */
export function localZone(): Zone {
  const name = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zoneOf(name) ?? { name: 'UTC', offsetMsAt: () => 0 };
}

/** Gives what the clocks of the zone show. */
export function wallFromInstant(zone: Zone, at: number): number {
  return at + zone.offsetMsAt(at);
}

/**
 * Gives the instant at which the clocks of the zone show that time: the first one where they show it twice, and the first moment
 * after the gap where they never do. A later wall time never gives an earlier instant.
 */
export function instantFromWall(zone: Zone, wall: number): number {
  // No zone is a day away from UTC: what held a day before and what will hold a day later are all that can hold then.
  const before = zone.offsetMsAt(wall - dayMs);
  const after = zone.offsetMsAt(wall + dayMs);
  const first = wall - Math.max(before, after);
  const second = wall - Math.min(before, after);
  for (const at of [first, second]) if (wallFromInstant(zone, at) === wall) return at;
  return changeBetween(zone, first, second);
}

/**
 * Gives the last wall time that has been there by `at`: of an instant at which the clocks show a time for the second time, the last
 * one before they were set back.
 */
export function latestWallBy(zone: Zone, at: number): number {
  const wall = wallFromInstant(zone, at);
  const first = instantFromWall(zone, wall);
  if (first >= at) return wall;
  return wallFromInstant(zone, changeBetween(zone, first, at) - 1000);
}

/** Gives `2026-11-22T07:00:00+01:00`: what the clocks of the zone show, and how far they are from UTC. */
export function textInZone(zone: Zone, at: number): string {
  const offset = Math.round(zone.offsetMsAt(at) / 60_000);
  const wall = new Date(at + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${wall}Z`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const away = Math.abs(offset);
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`;
}

/** Gives a time to come as people say it: `07:15` within a day, else `2026-11-22 07:15`; with seconds where it is less than two minutes away. */
export function shownTime(zone: Zone, at: number, now: number): string {
  const wall = new Date(wallFromInstant(zone, at)).toISOString();
  const time = wall.slice(11, at - now < 120_000 ? 19 : 16);
  return at - now < dayMs ? time : `${wall.slice(0, 10)} ${time}`;
}

/** Gives the instant, in whole seconds, at which the offset becomes what it is at `to`; it is another one at `from`. */
function changeBetween(zone: Zone, from: number, to: number): number {
  const offset = zone.offsetMsAt(to);
  let low = Math.floor(from / 1000);
  let high = Math.floor(to / 1000);
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetMsAt(middle * 1000) === offset) high = middle;
    else low = middle;
  }
  return high * 1000;
}
