import { expect, it } from 'vitest';
import { slots } from '../../../src/plan/gates/slots.ts';
import { aWaiting } from '../../support/builders.ts';
import { aView } from './view.ts';

it('a UOW waits while fewer slots are free than it takes', () => {
  expect(slots(aWaiting('a'), aView({ slots: 2, freeSlots: 1 }))).toBeUndefined();
  expect(slots(aWaiting('a', { slots: 2 }), aView({ slots: 3, freeSlots: 1 }))).toEqual({
    gate: 'slots',
    reason: 'takes 2 slots, 2 of 3 are taken',
    holdsOthers: true,
  });
  expect(slots(aWaiting('a'), aView({ slots: 1, freeSlots: 0 }))?.reason).toBe('all 1 slot is taken');
  expect(slots(aWaiting('a'), aView({ slots: 2, freeSlots: 0 }))?.reason).toBe('all 2 slots are taken');
});

it('one that takes more slots than there are runs alone', () => {
  const greedy = aWaiting('a', { slots: 100 });
  expect(slots(greedy, aView({ slots: 2 }))).toBeUndefined();
  expect(slots(greedy, aView({ slots: 2, freeSlots: 1 }))).toBeDefined();
});
