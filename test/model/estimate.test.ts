import { expect, it } from 'vitest';
import { estimateOf, textFromEstimate } from '../../src/model/estimate.ts';

const since = Date.UTC(2026, 10, 22, 4, 0, 0);

it.each([
  ['a quarter in ten seconds is all in forty', { percent: 25, toldAt: since + 10_000 }, [], 40_000, 'progress'],
  [
    'what the job says counts for more than history',
    { percent: 50, toldAt: since + 10_000 },
    [90_000],
    20_000,
    'progress',
  ],
  ['all of it ends when it was told', { percent: 100, toldAt: since + 10_000 }, [], 10_000, 'progress'],
  ['without progress it is the median of the last runs', {}, [10_000, 90_000, 20_000], 20_000, 'history'],
  ['of an even number of runs the middle of two', {}, [10_000, 21_001], 15_501, 'history'],
  ['nothing done yet tells nothing', { percent: 0, toldAt: since + 10_000 }, [5000], 5000, 'history'],
  ['what was told within a second tells nothing', { percent: 1, toldAt: since + 999 }, [5000], 5000, 'history'],
  ['a time before the start tells nothing', { percent: 1, toldAt: since - 9e9 }, [5000], 5000, 'history'],
] as const)('an estimate: %s', (_, told, earlierMs, tookMs, from) => {
  expect(estimateOf({ since, ...told, earlierMs })).toMatchObject({ endAt: since + tookMs, from });
});

it('there is no estimate where nothing tells, nor one of years', () => {
  expect(estimateOf({ since, earlierMs: [] })).toBeUndefined();
  expect(estimateOf({ since, percent: 0.000001, toldAt: since + 60_000, earlierMs: [] })).toBeUndefined();
  expect(estimateOf({ since, percent: 50, toldAt: 9e15, earlierMs: [] })).toBeUndefined();
});

it('an estimate in words tells what is left, then that it is longer than usual, or nothing of a progress that stands still', () => {
  const usual = { endAt: since + 125_000, from: 'history', usualMs: 125_000 } as const;
  expect(textFromEstimate(usual, since)).toBe('about 2m05s left');
  expect(textFromEstimate(usual, since + 120_500)).toBe('about 5s left');
  expect(textFromEstimate(usual, since + 125_000)).toBe('longer than usual (2m05s)');
  expect(textFromEstimate({ endAt: since, from: 'progress', usualMs: 125_000 }, since)).toBe('');
});
