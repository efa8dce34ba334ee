import { expect, it } from 'vitest';
import { held } from '../../../src/plan/gates/held.ts';
import { aWaiting } from '../../support/builders.ts';
import { aView } from './view.ts';

it('a held UOW waits and lets the others pass', () => {
  expect(held(aWaiting('a', { held: true }), aView())).toMatchObject({ gate: 'held', holdsOthers: false });
  expect(held(aWaiting('a'), aView())).toBeUndefined();
});
