import { expect, it } from 'vitest';
import { reportFault } from '../../../src/monitor/apply/fault.ts';
import { untilDone } from '../../../src/monitor/apply/until-done.ts';
import { aWaiting } from '../../support/builders.ts';
import { testContext } from '../../support/context.ts';

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

it('a UOW that the machine will not let be claimed waits by itself', () => {
  const { context, clock, notices } = testContext();
  const uow = aWaiting('immutable');
  context.picture.waiting.wait.add(uow);
  reportFault(context, { kind: 'claim', uow }, errno('EPERM'));
  expect(context.picture.trouble).toBeUndefined();
  expect(context.picture.waiting.wait.get('immutable')?.refused?.until).toBe(clock.now() + 5000);
  expect(notices).toMatchObject([{ event: 'fault', name: 'immutable' }]);
});

it('a full disk holds everything up, whatever it was met in', () => {
  const { context } = testContext();
  const uow = aWaiting('first');
  context.picture.waiting.wait.add(uow);
  reportFault(context, { kind: 'claim', uow }, errno('ENOSPC'));
  expect(context.picture.trouble?.text).toContain('the disk is full');
});

it('what cannot be removed of an ended job holds nobody up, and is tried again', () => {
  const { context, notices } = testContext();
  let tries = 0;
  const act = (): void => {
    tries += 1;
    if (tries < 3) throw errno('EPERM');
  };
  untilDone(context, act);
  expect(context.picture.trouble).toBeUndefined();
  expect(notices).toMatchObject([{ event: 'fault', text: expect.stringContaining('cannot clean up') as string }]);
  for (const again of [...context.picture.unfinished]) untilDone(context, again);
  for (const again of [...context.picture.unfinished]) untilDone(context, again);
  expect([tries, context.picture.unfinished.size]).toEqual([3, 0]);
});
