import { expect, it } from 'vitest';
import { textFromStamp } from '../../../src/model/stamp.ts';
import type { Blocked } from '../../../src/plan/gate.ts';
import { when } from '../../../src/plan/gates/when.ts';
import { aWaiting, testNow } from '../../support/builders.ts';
import { aView } from './view.ts';

const uow = aWaiting('a', { whenEveryMs: 60_000 });

function judged(answer?: {
  readonly isOk: boolean;
  readonly text?: string;
  readonly ageMs?: number;
}): Blocked | undefined {
  const { isOk = false, text = '', ageMs = 0 } = answer ?? {};
  const told = answer ? [[textFromStamp(uow.stamp), { at: testNow - ageMs, isOk, text }] as const] : [];
  return when(uow, aView({ seen: { machine: { whenAnswers: new Map(told) } } }));
}

it('a UOW without a when is never asked, and one with it first of all', () => {
  expect(when(aWaiting('b'), aView({}))).toBeUndefined();
  expect(judged()).toEqual({ gate: 'when', reason: 'its when is being asked', holdsOthers: false, ask: 'when' });
});

it('a yes lets it start and a no keeps it alone, for as long as when-every says; then it is asked again', () => {
  expect(judged({ isOk: true, ageMs: 59_999 })).toBeUndefined();
  expect(judged({ isOk: true, ageMs: 60_000 })).toMatchObject({ reason: 'its when is being asked', ask: 'when' });
  expect(judged({ isOk: false, text: 'not yet', ageMs: 59_999 })).toEqual({
    ...{ gate: 'when', reason: 'its when says no: not yet', holdsOthers: false, until: testNow + 1 },
  });
  expect(judged({ isOk: false, text: 'not yet', ageMs: 60_000 })).toMatchObject({
    ...{ reason: 'its when says no: not yet', ask: 'when' },
  });
});
