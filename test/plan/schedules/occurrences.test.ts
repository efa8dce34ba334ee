// Every change of the clocks in the tz database from 2024 to 2034, against a slow reading of the rule: the UOW of a wall time is due
// at the first instant at which the clocks have shown it, or a later time.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronFromText } from '../../../src/format/cron.ts';
import type { Schedule } from '../../../src/model/schedule.ts';
import { instantFromWall, wallFromInstant, type Zone, zoneOf } from '../../../src/model/zone.ts';
import { dueAt, nextOccurrence, occurrencesIn } from '../../../src/plan/schedules/occurrences.ts';
import { figure, isTorture, seed, shuffled, times } from '../../support/rig.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const begin = Date.UTC(2024, 0, 1);
const end = Date.UTC(2035, 0, 1);

function zoneNamed(name: string): Zone {
  const zone = zoneOf(name);
  if (!zone) throw new Error(`no zone ${name}`);
  return zone;
}

/** Gives the instants at which the offset of a zone changes. */
function changesOf(zone: Zone): readonly number[] {
  const changes: number[] = [];
  for (let day = begin; day < end; day += dayMs) {
    if (zone.offsetMsAt(day) === zone.offsetMsAt(day + dayMs)) continue;
    let [low, high] = [day / 1000, (day + dayMs) / 1000];
    while (low + 1 < high) {
      const middle = Math.floor((low + high) / 2);
      if (zone.offsetMsAt(middle * 1000) === zone.offsetMsAt(day)) low = middle;
      else high = middle;
    }
    changes.push(high * 1000);
  }
  return changes;
}

function scheduleOf(expression: string, zone: Zone): Schedule {
  const read = cronFromText(expression, 'name');
  if (read.kind === 'fault') throw new Error(`${expression}: ${read.message}`);
  return {
    ...{ crons: [read.cron], everyMs: [], zone, catchUp: 'last', overlap: 'skip', jitterMs: 0 },
    ...{ enabled: true, rule: '' },
  };
}

/** The slow reading: goes through every minute around the change, and takes the wall times that have become past in it. */
function slowly(zone: Zone, change: number, isTime: (wall: number) => boolean): readonly number[] {
  const from = change - 26 * hourMs;
  const found: number[] = [];
  let shown = wallFromInstant(zone, from);
  for (let at = from + minuteMs; at <= change + 26 * hourMs; at += minuteMs) {
    const wall = wallFromInstant(zone, at);
    let isDue = false;
    for (; shown < wall; shown += minuteMs) isDue ||= isTime(shown + minuteMs);
    if (isDue) found.push(at);
  }
  return found;
}

const somewhere = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Africa/Casablanca',
  'America/Santiago',
];
/** Gives some of them, by the seed; all in torture. */
function someOf<T>(all: readonly T[], salt: number, count: number): readonly T[] {
  const order = shuffled(all.length, salt).flatMap((at) => all.slice(at - 1, at));
  return isTorture ? all : order.slice(0, count);
}

const zones = [...new Set([...somewhere, ...someOf(Intl.supportedValuesOf('timeZone'), 1, 3)])];

const minutesOf = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 });
const hoursOf = fc.oneof(
  fc.constant(undefined),
  fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
);

describe('the times of a schedule', () => {
  it(
    'come once each at every change of the clocks from 2024 to 2034',
    { timeout: isTorture ? 3_600_000 : 60_000 },
    () => {
      let changes = 0;
      for (const name of zones) {
        const zone = zoneNamed(name);
        const all = changesOf(zone);
        for (const change of someOf(all, name.length, 2)) {
          changes++;
          fc.assert(
            fc.property(minutesOf, hoursOf, (minutes, hours) => {
              const schedule = scheduleOf(`${minutes.join(',')} ${hours?.join(',') ?? '*'} * * *`, zone);
              const isTime = (wall: number): boolean => {
                const date = new Date(wall);
                return minutes.includes(date.getUTCMinutes()) && (hours?.includes(date.getUTCHours()) ?? true);
              };
              const expected = slowly(zone, change, isTime);
              const from = change - 26 * hourMs;
              expect(occurrencesIn(schedule, from, change + 26 * hourMs, 10_000)).toEqual(expected);
              // From any instant on, also one in the repeated hour, nothing comes again.
              for (const after of [change - 1, change, change + 20 * minuteMs, change + 70 * minuteMs]) {
                const next = expected.find((at) => at > after);
                if (next !== undefined) expect(nextOccurrence(schedule, after)).toBe(next);
              }
            }),
            { seed, numRuns: times(2, 8) },
          );
        }
      }
      figure('schedules', 'changes of the clocks', changes);
      expect(changes).toBeGreaterThan(0);
    },
  );

  it('are the first moment behind a gap, and the first of two in the repeated hour', () => {
    const berlin = zoneNamed('Europe/Berlin');
    const at = (text: string): number => Date.parse(text);
    expect(nextOccurrence(scheduleOf('30 2 * * *', berlin), at('2026-03-28T12:00Z'))).toBe(at('2026-03-29T01:00Z'));
    expect(
      occurrencesIn(scheduleOf('*/15 2 * * *', berlin), at('2026-03-29T00:00Z'), at('2026-03-29T02:00Z'), 9),
    ).toEqual([at('2026-03-29T01:00Z')]);
    const repeated = occurrencesIn(
      scheduleOf('30 2 * * *', berlin),
      at('2026-10-24T12:00Z'),
      at('2026-10-25T12:00Z'),
      9,
    );
    expect(repeated).toEqual([at('2026-10-25T00:30Z')]);
    // In the midst of the second 02:10 the next minute is 03:00.
    expect(nextOccurrence(scheduleOf('* * * * *', berlin), at('2026-10-25T01:10:30Z'))).toBe(at('2026-10-25T02:00Z'));
  });

  it('go on through a change of the clocks where they are intervals', () => {
    const { crons: _none, ...rest } = scheduleOf('@daily', zoneNamed('Europe/Berlin'));
    const found = occurrencesIn(
      { ...rest, crons: [], everyMs: [hourMs] },
      Date.parse('2026-10-24T23:30Z'),
      Date.parse('2026-10-25T03:30Z'),
      9,
    );
    expect(found.map((time) => new Date(time).getUTCHours())).toEqual([0, 1, 2, 3]);
  });

  it('end where no day fits', () => {
    expect(nextOccurrence(scheduleOf('0 0 30 2 *', zoneNamed('UTC')), begin)).toBeUndefined();
  });

  it('are spread by jitter, each always by the same', () => {
    const schedule = { ...scheduleOf('@hourly', zoneNamed('UTC')), jitterMs: 600_000 };
    const found = occurrencesIn(schedule, begin, begin + dayMs, 24);
    const late = found.map((at) => dueAt(schedule, 'a', at) - at);
    expect(new Set(late).size).toBeGreaterThan(12);
    expect(late.every((ms) => ms >= 0 && ms < 600_000)).toBe(true);
    expect(found.map((at) => dueAt(schedule, 'a', at) - at)).toEqual(late);
  });

  it('are of a wall time that never goes back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: begin / 1000, max: end / 1000 }),
        fc.nat(100_000),
        (name, wall, more) => {
          const zone = zoneNamed(name);
          expect(instantFromWall(zone, (wall + more) * 1000)).toBeGreaterThanOrEqual(
            instantFromWall(zone, wall * 1000),
          );
        },
      ),
      { seed, numRuns: times(200, 5000) },
    );
  });
});

const hasSystemd =
  spawnSync('systemd-analyze', ['calendar', '--base-time=2026-01-01', 'daily'], { encoding: 'utf8' }).status === 0;
if (!hasSystemd) console.warn('skipped: systemd-analyze calendar is not here to compare with');

describe.skipIf(!hasSystemd)('compared with systemd-analyze calendar', () => {
  it('name the same times', () => {
    const two = (value: number): string => String(value).padStart(2, '0');
    const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
    const some = (min: number, max: number, most: number): fc.Arbitrary<readonly number[]> =>
      fc.oneof(fc.constant([]), fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: most }));
    const expressions = fc.sample(
      fc.record({
        second: some(0, 59, 2),
        minute: some(0, 59, 4),
        hour: some(0, 23, 3),
        month: some(1, 12, 3),
        day: some(1, 31, 3),
        weekday: some(0, 6, 3),
        isByDay: fc.boolean(),
      }),
      { seed, numRuns: 300 },
    );
    const pairs = expressions.map(({ second, minute, hour, month, day, weekday, isByDay }) => {
      const list = (values: readonly number[]): string => (values.length === 0 ? '*' : values.map(two).join(','));
      const cronDay = isByDay ? list(day) : '*';
      const cronWeekday = isByDay || weekday.length === 0 ? '*' : weekday.join(',');
      const names = isByDay || weekday.length === 0 ? '' : `${weekday.map((each) => days[each]).join(',')} `;
      return [
        `${second.length === 0 ? 0 : second.join(',')} ${list(minute)} ${list(hour)} ${cronDay} ${list(month)} ${cronWeekday}`,
        `${names}*-${list(month)}-${cronDay} ${list(hour)}:${list(minute)}:${second.length === 0 ? '00' : list(second)} UTC`,
      ] as const;
    });
    const args = [
      'calendar',
      '--iterations=3',
      '--base-time=2026-11-22 13:14:15 UTC',
      ...pairs.map(([, theirs]) => theirs),
    ];
    const { stdout } = spawnSync('systemd-analyze', args, {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    });
    const answers = stdout
      .split(/^\s*Original form: |^Normalized form: |^(?=\s*Normalized form:)/m)
      .filter((part) => part.includes('elapse') || part.includes('never'));
    expect(answers).toHaveLength(pairs.length);
    const start = Date.parse('2026-11-22T13:14:15Z');
    for (const [at, [ours]] of pairs.entries()) {
      const theirs = [
        ...(answers[at] ?? '').matchAll(/(?:elapse|Iter[^:]*): \w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g),
      ].map(([, date, time]) => Date.parse(`${date}T${time}Z`));
      expect({ ours, times: occurrencesIn(scheduleOf(ours, zoneNamed('UTC')), start, Infinity, 3) }).toEqual({
        ours,
        times: theirs,
      });
    }
  });
});
