import { afterEach, describe, expect, it } from 'vitest';
import { createDailyReport } from '../../../src/monitor/report/daily-report.ts';
import { testContext } from '../../support/context.ts';

const quarterMs = 900_000;
const timezone = process.env['TZ'];

afterEach(() => {
  if (timezone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = timezone;
});

/** A report at `time`, in the local time of `zone`. */
function rig(time: string, zone: string, from: string) {
  process.env['TZ'] = zone;
  const { context, notices, clock } = testContext({ config: { report: time }, now: Date.parse(from) });
  const report = createDailyReport(context);
  const said: string[] = [];
  /** A wake. Gives how long until the report is due. */
  const look = (): number => {
    const before = notices.length;
    const waitMs = report.sayIfDue() - clock.now();
    if (notices.length > before) said.push(new Date(clock.now()).toLocaleString('sv', { timeZone: zone }));
    return waitMs;
  };
  return {
    said,
    clock,
    look,
    /** Lets time pass, with a wake when the report is due, and one each quarter of an hour. */
    pass: (hours: number): void => {
      for (let leftMs = hours * 4 * quarterMs; leftMs > 0;) {
        const stepMs = Math.min(look(), quarterMs, leftMs);
        clock.pass(stepMs);
        leftMs -= stepMs;
      }
      look();
    },
  };
}

describe('the daily report', () => {
  it.for([
    ['02:30', '2027-03-26T12:00:00+01:00', ['27 02:30:00', '28 03:30:00', '29 02:30:00', '30 02:30:00']],
    ['02:30', '2026-10-23T12:00:00+02:00', ['24 02:30:00', '25 02:30:00', '26 02:30:00', '27 02:30:00']],
    ['08:00', '2027-03-26T12:00:00+01:00', ['27 08:00:00', '28 08:00:00', '29 08:00:00', '30 08:00:00']],
  ] as const)('at %s comes once a day, also on those on which the clocks change (from %s)', ([time, from, days]) => {
    const { said, pass } = rig(time, 'Europe/Berlin', from);
    pass(4 * 24);
    expect(said.map((at) => at.slice(8))).toEqual(days);
  });

  it('comes once a day for a year, whatever the time and the zone', () => {
    for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC']) {
      for (const time of ['00:00', '02:10', '23:59']) {
        const { said, pass } = rig(time, zone, '2026-12-31T12:00:00Z');
        pass(365 * 24);
        expect(new Set(said.map((at) => at.slice(0, 10))).size, `${time} in ${zone}`).toBe(said.length);
        expect(said.length, `${time} in ${zone}`).toBe(365);
      }
    }
  });

  it('is not said again when the clock is set back by an hour behind it', () => {
    const { said, clock, pass } = rig('08:00', 'UTC', '2026-11-24T07:30:00Z');
    pass(1);
    clock.set(clock.now() - 4 * quarterMs);
    pass(24);
    expect(said).toEqual(['2026-11-24 08:00:00']);
    pass(1);
    expect(said).toEqual(['2026-11-24 08:00:00', '2026-11-25 08:00:00']);
  });

  it('is not waited for longer than a day when the clock is set back by days, or by decades', () => {
    const { said, clock, pass } = rig('08:00', 'UTC', '2026-11-24T07:00:00Z');
    pass(2);
    clock.set(clock.now() - 2 * 96 * quarterMs);
    pass(24);
    clock.set(Date.parse('1970-01-01T00:00:20Z'));
    pass(24);
    expect(said).toEqual(['2026-11-24 08:00:00', '2026-11-23 08:00:00', '1970-01-01 08:00:00']);
  });

  it('is said at once, and once, when the clock is set ahead over it', () => {
    const { said, clock, pass } = rig('08:00', 'UTC', '1970-01-01T00:00:20Z');
    pass(1);
    clock.set(Date.parse('2026-11-24T09:00:00Z'));
    pass(24);
    expect(said).toEqual(['2026-11-24 09:00:00', '2026-11-25 08:00:00']);
  });
});
