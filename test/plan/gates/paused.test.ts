import { expect, it } from 'vitest';
import { paused } from '../../../src/plan/gates/paused.ts';
import { aWaiting } from '../../support/builders.ts';
import { aView } from './view.ts';

it('nothing starts while the queue is paused or about to end, and the reason says which', () => {
  const uow = aWaiting('a');
  expect(paused(uow, aView())).toBeUndefined();
  expect(paused(uow, aView({ seen: { control: { paused: true } } }))).toMatchObject({
    holdsOthers: true,
    reason: expect.stringContaining('RESUME') as string,
  });
  expect(paused(uow, aView({ seen: { control: { paused: true, finishing: true } } }))).toEqual({
    ...{ gate: 'paused', reason: 'the monitor ends after the running jobs', holdsOthers: true },
  });
});
