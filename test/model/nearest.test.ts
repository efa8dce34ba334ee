import { expect, test } from 'vitest';
import { nearestName } from '../../src/model/nearest.ts';

test('a mistyped name is near to the one that was meant', () => {
  const known = ['sleep', 'settle', 'slots', 'idle-timeout', 'timeout'];
  expect(nearestName('slep', known)).toBe('sleep');
  expect(nearestName('Slots', known)).toBe('slots');
  expect(nearestName('idle_timeout', known)).toBe('idle-timeout');
  expect(nearestName('tiemout', known)).toBe('timeout');
});

test('nothing is near to a name that is like none', () => {
  for (const name of ['colour', '', 'x', 'a'.repeat(100_000)])
    expect(nearestName(name, ['sleep', 'slots'])).toBeUndefined();
});
