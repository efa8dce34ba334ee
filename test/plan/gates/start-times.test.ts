import { expect, it } from 'vitest';
import { startTimes } from '../../../src/plan/gates/start-times.ts';
import { aWaiting, testNow } from '../../support/builders.ts';
import { aView } from './view.ts';

it('is shut before its time, says which, and lets others pass', () => {
  const notBefore = testNow + 7_200_000;
  expect(startTimes(aWaiting('a', { times: { notBefore } }), aView())).toEqual({
    ...{ gate: 'start-times', holdsOthers: false, until: notBefore, reason: 'not before 06:31' },
  });
  expect(startTimes(aWaiting('a', { times: { notBefore: testNow } }), aView())).toBeUndefined();
});

it('is shut outside its window, says when that opens, and lets others pass', () => {
  // It is 04:31:06.
  const shut = aWaiting('a', { times: { window: { from: 1320, to: 240 } } });
  expect(startTimes(shut, aView())).toMatchObject({ holdsOthers: false, reason: 'its window opens at 22:00' });
  expect(startTimes(aWaiting('a', { times: { window: { from: 1320, to: 360 } } }), aView())).toBeUndefined();
  expect(startTimes(aWaiting('a'), aView())).toBeUndefined();
});
