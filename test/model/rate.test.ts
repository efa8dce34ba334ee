import { expect, it, test } from 'vitest';
import { freeAt, type Rate, rateFromText, startKeysOf } from '../../src/model/rate.ts';
import { bytes } from '../support/builders.ts';

test.for([
  ['10/m', 10, 60_000, '10/m'],
  ['1/s', 1, 1000, '1/s'],
  [' 100 / h ', 100, 3_600_000, '100/h'],
  ['5/d', 5, 86_400_000, '5/d'],
  ['1/15m', 1, 900_000, '1/15m'],
  ['3/1h30m', 3, 5_400_000, '3/1h30m'],
] as const)('%s is %d starts in %d ms', ([text, count, perMs, shown]) => {
  expect(rateFromText(text)).toEqual({ count, perMs, text: shown });
});

test.for(['', '10', '10/', '0/m', '10/60', '-1/m', '1.5/m', '10001/m', '1/8d', '10/minute', '10/m api'])(
  '"%s" is no rate',
  (text) => {
    expect(rateFromText(text)).toBeUndefined();
  },
);

it('starts count for a job type, a group and a job, and a header’s rate is about the first of them that there is', () => {
  const name = bytes('a~2');
  expect(startKeysOf({ name })).toEqual(['job a']);
  expect(startKeysOf({ name, group: 'api' })).toEqual(['group api', 'job a']);
  expect(startKeysOf({ name, group: 'api', jobType: 'scan@1.4' })).toEqual(['job type scan', 'group api', 'job a']);
  expect(startKeysOf({ name: bytes('s@2026-11-22T070000Z'), schedule: 's' })).toEqual(['job s']);
});

it('the next start is free when the one so many before it is as long ago as the rate says', () => {
  const rate = rateFromText('2/m') as Rate;
  const now = 100;
  const free = (starts: readonly number[], startedNow = 0): number => freeAt(rate, { starts, startedNow, now });
  expect([free([]), free([5]), free([], 1)]).toEqual([-Infinity, -Infinity, -Infinity]);
  expect([free([5, 7]), free([1, 5, 7]), free([1, 5, 7], 1), free([5], 2)]).toEqual([60_005, 60_005, 60_007, 60_100]);
});
