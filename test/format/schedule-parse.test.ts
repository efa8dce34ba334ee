import { expect, it, describe } from 'vitest';
import { scheduleFromText } from '../../src/format/schedule-parse.ts';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import type { Schedule } from '../../src/model/schedule.ts';
import { occurrencesIn } from '../../src/plan/schedules/occurrences.ts';

const read = (...lines: readonly string[]): ReturnType<typeof scheduleFromText> =>
  scheduleFromText(bytesFromUtf8(['==== UNIT OF WORK', ...lines, 'command :: true', ''].join('\n')), {
    name: 'nightly',
    timezone: 'UTC',
  });

function scheduleOf(...lines: readonly string[]): Schedule {
  const parsed = read(...lines);
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.schedule;
}

function problemsOf(...lines: readonly string[]): readonly string[] {
  const parsed = read(...lines);
  return parsed.kind === 'invalid' ? parsed.problems.map(({ line, message }) => `${line}: ${message}`) : [];
}

const start = Date.UTC(2026, 10, 22);
const times = (...lines: readonly string[]): readonly string[] =>
  occurrencesIn(scheduleOf(...lines), start, start + 40 * 86_400_000, 3).map((at) => new Date(at).toISOString());

it('a ttl that is over before the jitter is refused with its line', () => {
  expect(scheduleOf('every :: 1h', 'ttl :: 2m', 'jitter :: 1m')).toMatchObject({ ttlMs: 120_000 });
  expect(problemsOf('every :: 1h', 'jitter :: 2m', 'ttl :: 2m')).toEqual([
    '4: its UOWs would expire before their jitter is over',
  ]);
});

describe('a file in schedules/', () => {
  it.each([
    ['0 7 * * 1-5', ['2026-11-23T07:00:00.000Z', '2026-11-24T07:00:00.000Z', '2026-11-25T07:00:00.000Z']],
    ['30 0 7 * * MON', ['2026-11-23T07:00:30.000Z', '2026-11-30T07:00:30.000Z', '2026-12-07T07:00:30.000Z']],
    ['@daily', ['2026-11-23T00:00:00.000Z', '2026-11-24T00:00:00.000Z', '2026-11-25T00:00:00.000Z']],
    ['@weekly', ['2026-11-29T00:00:00.000Z', '2026-12-06T00:00:00.000Z', '2026-12-13T00:00:00.000Z']],
    ['0 0 13 dec *', ['2026-12-13T00:00:00.000Z']],
    // As in cron, one of the two is enough where both are given.
    ['0 0 1 * sun', ['2026-11-29T00:00:00.000Z', '2026-12-01T00:00:00.000Z', '2026-12-06T00:00:00.000Z']],
    ['*/25 0 23 11 *', ['2026-11-23T00:00:00.000Z', '2026-11-23T00:25:00.000Z', '2026-11-23T00:50:00.000Z']],
  ])('knows the times of `%s`', (expression, expected) => {
    expect(times(`schedule :: ${expression}`)).toEqual(expected);
  });

  it('is one series of several crons and intervals, in which an instant comes once', () => {
    expect(times('schedule :: 0 7 * * *', 'schedule :: 0 7,8 * * *', 'every :: 8h')).toEqual([
      '2026-11-22T07:00:00.000Z',
      '2026-11-22T08:00:00.000Z',
      '2026-11-22T16:00:00.000Z',
    ]);
  });

  it('counts an interval from `from`, in its zone', () => {
    expect(times('every :: 90m', 'from :: 2026-11-22 10:05', 'timezone :: Europe/Berlin')).toEqual([
      '2026-11-22T09:05:00.000Z',
      '2026-11-22T10:35:00.000Z',
      '2026-11-22T12:05:00.000Z',
    ]);
  });

  it('ends with `until`, which may itself be a time of it', () => {
    expect(times('schedule :: @daily', 'until :: 2026-11-24T00:00:00Z')).toHaveLength(2);
  });

  it('has a minute of its own for H, always the same', () => {
    const minutes = new Set(times('schedule :: H H(1-3) * * *').map((time) => time.slice(11)));
    expect([...minutes]).toHaveLength(1);
    expect([...minutes][0]).toMatch(/^0[1-3]:\d\d:00/);
    const quarters = times('schedule :: H/15 * * * *').map((time) => Number(time.slice(14, 16)));
    expect((quarters[1] ?? 0) - (quarters[0] ?? 0)).toBe(15);
  });

  it.each([
    [['schedule :: 61 * * * *'], ['2: not a cron expression: Invalid value for minute: 61']],
    [['schedule :: 7 *'], ['2: not a cron expression: 2 fields']],
    [
      ['schedule :: H(5-2) * * * *'],
      ['2: not a cron expression: configuration entry 1 (h(5-2)) contains illegal characters.'],
    ],
    [['schedule :: @reboot'], ['2: @reboot is no time']],
    [['every :: 0.5s'], ['2: bad interval: 0.5s']],
    [['label :: x'], ['0: there is neither a schedule nor an every']],
    [['every :: 1h', 'timezone :: Europe/Berlino'], ['3: bad content of timezone: "Europe/Berlino"']],
    [['every :: 1h', 'from :: 2026-02-31'], ['3: bad content of from: "2026-02-31"']],
    [['every :: 1h', 'from :: 2026-02-03', 'until :: 2026-02-02'], ['4: until lies before from']],
    [
      ['every :: 1h', 'catch-up :: some', 'repeat :: 0'],
      ['3: bad content of catch-up: "some"', '4: bad content of repeat: "0"'],
    ],
    [['every :: 1h', 'jitter :: 1m', 'jitter :: 2m'], ['4: jitter stands here and on line 3']],
  ])('is refused for %j with each line', (lines, expected) => {
    expect(problemsOf(...lines)).toEqual(expected);
  });

  it('that is off need not say when: others use it', () => {
    expect(problemsOf('enabled :: No')).toEqual([]);
    expect(scheduleOf('enabled :: No').enabled).toBe(false);
  });

  it('skips overlaps, but makes up for all one behind the other where it is to', () => {
    expect(scheduleOf('every :: 1h').overlap).toBe('skip');
    expect(scheduleOf('every :: 1h', 'catch-up :: all').overlap).toBe('queue');
  });

  it('is another one as soon as its times are, and only then', () => {
    const rule = scheduleOf('every :: 1h').rule;
    expect(scheduleOf('every :: 1h', 'repeat :: 3', 'jitter :: 5m', 'timeout :: 3h').rule).toBe(rule);
    for (const other of [
      'every :: 2h',
      'schedule :: @daily',
      'timezone :: Asia/Tokyo',
      'enabled :: no',
      'from :: 2026-01-01',
    ])
      expect(scheduleOf('every :: 1h', other).rule).not.toBe(rule);
  });
});
