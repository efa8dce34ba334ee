import { expect, describe, it } from 'vitest';
import type { Schedule } from '../../../src/model/schedule.ts';
import { zoneOf } from '../../../src/model/zone.ts';
import { dueTimes } from '../../../src/plan/schedules/due.ts';

const utc = zoneOf('UTC');
if (!utc) throw new Error('no UTC');
const hourly: Schedule = {
  ...{ crons: [], everyMs: [3_600_000], zone: utc, catchUp: 'last', overlap: 'skip', jitterMs: 0 },
  ...{ enabled: true, rule: '' },
};
const at = (text: string): number => Date.parse(`2026-11-22T${text}Z`);
const due = (schedule: Partial<Schedule>, after: string, now: string): unknown =>
  dueTimes({ ...hourly, ...schedule }, 'name', at(after), at(now));

describe('after a monitor was down', () => {
  it('nothing is due if no time has passed', () => {
    expect(due({}, '07:00', '07:59:59')).toBeUndefined();
  });

  it('one time that has passed is made up for, unless it says none', () => {
    expect(due({}, '07:00', '08:30')).toEqual({ times: [at('08:00')], after: at('08:00') });
    const missed = { first: at('08:00'), count: 1 };
    expect(due({ catchUp: 'none' }, '07:00', '08:30')).toEqual({ times: [], missed, after: at('08:00') });
  });

  it('a busy monitor is not called late', () => {
    expect(due({ catchUp: 'none' }, '07:00', '08:00:40')).toEqual({ times: [at('08:00')], after: at('08:00') });
  });

  it('of many the last is made up for, none, or all', () => {
    const missed = { first: at('02:00'), count: 4 };
    expect(due({}, '01:00', '06:10')).toEqual({ times: [at('06:00')], missed, after: at('06:00') });
    expect(due({ catchUp: 'none' }, '01:00', '06:10')).toEqual({
      ...{ times: [], missed: { ...missed, count: 5 }, after: at('06:00') },
    });
    expect(due({ catchUp: 'all' }, '01:00', '04:10')).toEqual({
      ...{ times: [at('02:00'), at('03:00'), at('04:00')], after: at('04:00') },
    });
  });

  it('a year of seconds is counted as far as it matters, and made up for bit by bit', () => {
    const seconds = { everyMs: [1000] };
    const longAgo = at('00:00') - 366 * 86_400_000;
    expect(dueTimes({ ...hourly, ...seconds }, 'name', longAgo, at('00:00'))).toEqual({
      ...{ times: [at('00:00')], missed: { first: longAgo + 1000, count: 1000 }, after: at('00:00') },
    });
    const all = dueTimes({ ...hourly, ...seconds, catchUp: 'all' }, 'name', longAgo, at('00:00'));
    expect(all?.times).toHaveLength(100);
    expect(all?.after).toBe(longAgo + 100_000);
  });

  it('with a ttl none is made up for that has expired, and one that has not is not called late', () => {
    const ttl = { ttlMs: 20 * 60_000 };
    const missed = { first: at('02:00'), count: 3 };
    expect(due(ttl, '01:00', '04:30')).toEqual({ times: [], missed, after: at('04:00') });
    expect(due(ttl, '01:00', '04:20')).toEqual({
      ...{ times: [at('04:00')], missed: { ...missed, count: 2 }, after: at('04:00') },
    });
    expect(due({ ...ttl, catchUp: 'none' }, '03:00', '04:20')).toEqual({ times: [at('04:00')], after: at('04:00') });
    expect(due({ ttlMs: 90 * 60_000, catchUp: 'all' }, '01:00', '04:20')).toEqual({
      ...{ times: [at('03:00'), at('04:00')], missed: { first: at('02:00'), count: 1 }, after: at('04:00') },
    });
    const none = dueTimes({ ...hourly, ...ttl, catchUp: 'all' }, 'name', at('01:00'), at('04:30'));
    expect(none).toMatchObject({ times: [], missed });
    expect(dueTimes({ ...hourly, ...ttl, catchUp: 'all' }, 'name', none?.after ?? 0, at('04:31'))).toBeUndefined();
  });

  it('a time whose jitter has not passed is not due', () => {
    const times = Array.from({ length: 60 }, (_, minute) => at('08:00') + minute * 60_000);
    const dues = times.map(
      (now) => dueTimes({ ...hourly, jitterMs: 3_600_000 }, 'name', at('07:00'), now) !== undefined,
    );
    expect(dues.indexOf(true)).toBeGreaterThan(0);
    expect(dues.lastIndexOf(false)).toBeLessThan(dues.indexOf(true));
  });
});
