import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notBeforeFromText, windowFromText, windowOpensAt } from '../../src/model/start-times.ts';
import { wallFromInstant, type Zone, zoneOf } from '../../src/model/zone.ts';

const utc: Zone = { name: 'UTC', offsetMsAt: () => 0 };
const berlin = zoneOf('Europe/Berlin') ?? utc;
const noon = Date.UTC(2026, 10, 22, 12);
const minuteMs = 60_000;

describe('notBeforeFromText', () => {
  it('takes a time from then on, a time of day, a date, and an instant', () => {
    expect(notBeforeFromText('+2h', noon, berlin)).toBe(noon + 120 * minuteMs);
    expect(notBeforeFromText('14:00', noon, berlin)).toBe(noon + 60 * minuteMs);
    // 12:00 UTC is 13:00 there.
    expect(notBeforeFromText('13:00', noon, berlin)).toBe(noon + 1440 * minuteMs);
    expect(notBeforeFromText('2026-11-22 14:00', noon, berlin)).toBe(noon + 60 * minuteMs);
    expect(notBeforeFromText('2026-11-22T14:00:00Z', noon, berlin)).toBe(noon + 120 * minuteMs);
    expect(notBeforeFromText('2026-11-22T14:00:30-05:00', noon, berlin)).toBe(Date.UTC(2026, 10, 22, 19, 0, 30));
    expect(notBeforeFromText('2026-11-23', noon, berlin)).toBe(Date.UTC(2026, 10, 22, 23));
  });

  it('takes nothing else, nor a day that its month does not have', () => {
    for (const text of [
      '',
      'soon',
      '+',
      '+soon',
      '24:00',
      '7:60',
      '2026-02-30',
      '2026-02-30 07:00',
      '2026-11-22 25:00',
      '1',
    ])
      expect(notBeforeFromText(text, noon, utc), text).toBeUndefined();
  });
});

describe('a window', () => {
  it('is two times of day that differ', () => {
    expect(windowFromText('22:00-06:30')).toEqual({ from: 1320, to: 390 });
    expect(windowFromText('8:00 - 24:00')).toEqual({ from: 480, to: 1440 });
    for (const text of ['', '22:00', '22:00-22:00', '24:00-06:00', '22:00-25:00', '22-06', '1:00-2:00-3:00'])
      expect(windowFromText(text), text).toBeUndefined();
  });

  it('is open from its beginning to before its end, over midnight too', () => {
    const opens = (text: string, hour: number, minute = 0): number => {
      const now = Date.UTC(2026, 10, 22, hour, minute);
      const window = windowFromText(text);
      return window ? (windowOpensAt(window, utc, now) - now) / minuteMs : NaN;
    };
    expect([opens('22:00-06:00', 21, 59), opens('22:00-06:00', 22), opens('22:00-06:00', 5, 59)]).toEqual([1, 0, 0]);
    expect(opens('22:00-06:00', 6)).toBe(960);
    expect([opens('08:00-18:00', 7), opens('08:00-18:00', 12), opens('08:00-18:00', 18)]).toEqual([60, 0, 840]);
  });

  it('that is shut opens later and within little more than a day, and is open then, unless the clocks pass over it', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const at = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2034, 0, 1) });
    fc.assert(
      fc.property(minute, minute, at, (from, to, now) => {
        fc.pre(from !== to);
        const opensAt = windowOpensAt({ from, to }, berlin, now);
        expect(opensAt).toBeGreaterThanOrEqual(now);
        expect(opensAt - now).toBeLessThanOrEqual(25 * 60 * minuteMs);
        const wall = Math.floor((wallFromInstant(berlin, opensAt) / minuteMs) % 1440);
        // The hour that a change of the clocks leaves out lies between 02:00 and 03:00.
        if (from < 120 || from >= 180) expect(opensAt === now || wall === from).toBe(true);
      }),
    );
  });
});
