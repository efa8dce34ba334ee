import { expect, it } from 'vitest';
import { isResourceName, needsFromText, needsFromTexts } from '../../src/model/needs.ts';

it('needs are names and how many of each; one where no number stands', () => {
  expect(needsFromText('database 2, license 1')).toEqual([
    { name: 'database', count: 2 },
    { name: 'license', count: 1 },
  ]);
  expect(needsFromText(' gpu ')).toEqual([{ name: 'gpu', count: 1 }]);
  expect(needsFromText('a, a 2')).toEqual([{ name: 'a', count: 3 }]);
  expect(needsFromText('None')).toEqual([]);
});

it.each([
  '',
  'database,',
  '2 database',
  'database two',
  'database 0',
  'database -1',
  'database 1.5',
  'a 1 b',
  'a/b',
  'a 9999999',
])('%j is none', (text) => {
  expect(needsFromText(text)).toBeUndefined();
});

it('several lines ask together', () => {
  expect(needsFromTexts(['a 2', 'b', 'a', 'nonsense!'])).toEqual([
    { name: 'a', count: 3 },
    { name: 'b', count: 1 },
  ]);
  expect(needsFromTexts([])).toEqual([]);
  expect(isResourceName('none')).toBe(false);
});
