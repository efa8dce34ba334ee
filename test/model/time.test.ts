import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMsFromText, textFromDurationMs, textFromInstant, textFromInstantMs } from '../../src/model/time.ts';

describe('durations', () => {
  it.each([
    ['90', 90_000],
    ['0.5', 500],
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['250ms', 250],
    [' 0.5s ', 500],
    ['0', 0],
  ])('%j are %d ms', (text, ms) => {
    expect(durationMsFromText(text)).toBe(ms);
  });

  it.each(['', 's', '-1', '1 h x', '1y', '1H', '1.', '.5', '1e3', 'soon', '9'.repeat(400), `${'9'.repeat(30)}w`])(
    '%j is none',
    (text) => {
      expect(durationMsFromText(text)).toBeUndefined();
    },
  );

  it.each([
    [0, '0.0s'],
    [-5, '0.0s'],
    [440, '0.4s'],
    [12_300, '12.3s'],
    [99_949, '99.9s'],
    [99_950, '1m40s'],
    [302_000, '5m02s'],
    [3_599_600, '1h00m'],
    [11_400_000, '3h10m'],
    [356_400_000, '4d03h'],
  ])('%d ms are shown as %s', (ms, text) => {
    expect(textFromDurationMs(ms)).toBe(text);
  });

  it('that are shown can be read, and lose no more than their last place', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), (ms) => {
        const read = durationMsFromText(textFromDurationMs(ms)) ?? NaN;
        expect(Math.abs(read - ms)).toBeLessThanOrEqual(Math.max(51, ms / 24));
        expect(textFromDurationMs(read)).toBe(textFromDurationMs(ms));
      }),
    );
  });
});

describe('instants', () => {
  it('stand on disk in UTC, to the second', () => {
    expect(textFromInstant(Date.UTC(2026, 10, 22, 4, 31, 6, 999))).toBe('2026-11-22T04:31:06Z');
    expect(textFromInstantMs(Date.UTC(2026, 10, 22, 4, 31, 6, 9))).toBe('2026-11-22T04:31:06.009Z');
  });
});
