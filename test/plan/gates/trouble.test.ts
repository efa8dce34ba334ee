import { expect, it } from 'vitest';
import { trouble } from '../../../src/plan/gates/trouble.ts';
import { aWaiting, testNow } from '../../support/builders.ts';
import { aView } from './view.ts';

it('after the disk refused something nothing starts until then, and no longer', () => {
  const until = (at: number) =>
    trouble(aWaiting('a'), aView({ seen: { machine: { trouble: { until: at, text: 'disk full' } } } }));
  expect(trouble(aWaiting('a'), aView())).toBeUndefined();
  expect(until(testNow + 1)).toEqual({ gate: 'trouble', reason: 'disk full', holdsOthers: true, until: testNow + 1 });
  expect(until(testNow)).toBeUndefined();
});
