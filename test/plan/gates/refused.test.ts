import { expect, it } from 'vitest';
import { refused } from '../../../src/plan/gates/refused.ts';
import { aWaiting, testNow } from '../../support/builders.ts';
import { aView } from './view.ts';

it('holds back a UOW that could not be claimed a moment ago, and no other', () => {
  const until = (at: number) => ({ ...aWaiting('a'), refused: { until: at, text: 'the disk refused (EPERM)' } });
  expect(refused(aWaiting('a'), aView())).toBeUndefined();
  expect(refused(until(testNow), aView())).toBeUndefined();
  expect(refused(until(testNow + 1), aView())).toMatchObject({
    reason: 'the disk refused (EPERM)',
    holdsOthers: false,
  });
});
