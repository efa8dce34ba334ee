import { expect, it } from 'vitest';
import type { Arrival } from '../../src/model/seen.ts';
import { intake } from '../../src/plan/rules/intake.ts';
import { aConfig, aHead, anArrival, aSeen, bytes } from '../support/builders.ts';

const keyed = (name: string, key: string, changed: Partial<Arrival> = {}): Arrival =>
  anArrival(name, { head: aHead({ header: [{ name: 'unique', content: key, line: 2 }] }), ...changed });
const unstamped = (name: string, key: string): Arrival => anArrival(name, { is: { kind: 'unstamped', unique: key } });

function told(arrivals: readonly Arrival[], holders: Readonly<Record<string, Arrival>> = {}): readonly string[] {
  const uniques = new Map(Object.entries(holders).map(([key, { name, ino }]) => [key, [{ name, ino }]]));
  return intake(aSeen({ arrivals, uniques }), aConfig()).map((action) => {
    if (action.kind === 'trash') return `${action.arrival.name}: ${action.why}`;
    return 'arrival' in action ? `${action.arrival.name}: ${action.kind}` : action.kind;
  });
}

it('a newcomer whose key another has goes to trash, and who comes with another key, or none, is taken in', () => {
  expect(
    told([keyed('a', 'k'), unstamped('b', 'k'), keyed('c', 'other'), anArrival('d')], { k: keyed('first', 'k') }),
  ).toEqual([
    'a: duplicate of first: one that is unique as k waits or runs already',
    'b: duplicate of first: one that is unique as k waits or runs already',
    'c: take-in',
    'd: take-in',
  ]);
});

it('of those that come together the first is taken in', () => {
  expect(told([unstamped('b', 'k'), keyed('a', 'k')])).toEqual([
    'a: take-in',
    'b: duplicate of a: one that is unique as k waits or runs already',
  ]);
});

it('one that had the key itself is taken in again, and what does not wait is no duplicate', () => {
  expect(told([keyed('a', 'k')], { k: keyed('a', 'k') })).toEqual(['a: take-in']);
  expect(told([keyed('x', 'k', { queue: 'fail' })], { k: keyed('a', 'k') })).toEqual(['x: accept']);
  const young = { unchangedSince: Date.now(), name: bytes('y') };
  expect(told([keyed('y', 'k', { ...young, mtimeMs: young.unchangedSince })], { k: keyed('a', 'k') })).toEqual([
    'y: leave',
  ]);
});
