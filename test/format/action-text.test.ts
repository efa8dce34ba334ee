import { expect, it } from 'vitest';
import { nextLookOf, type Telling, toldAction } from '../../src/format/action-text.ts';
import type { Action } from '../../src/model/action.ts';
import { aClaim, aConfig, anArrival, aSeen, aWaiting, bytes, testNow } from '../support/builders.ts';

const { zone } = aSeen();
const telling: Telling = { dirs: aConfig().queues, zone, now: testNow };

const told = (action: Action): string | undefined => {
  const words = toldAction(action, telling);
  return words && [words.does, words.name, words.about].join(' | ');
};

it('an action is told with what it does, to whom, and why', () => {
  const { record } = aClaim('two words');
  const uow = aWaiting('a');
  const arrival = anArrival('new');
  const outcome = { word: 'error', reason: { kind: 'exit', code: 3 }, flags: [] } as const;
  const retry = { number: 1, at: testNow + 3_600_000 };
  const expires = { at: testNow, how: 'skip' } as const;
  const actions: readonly Action[] = [
    { kind: 'take-in', arrival, fresh: true },
    { kind: 'accept', arrival, rerun: true },
    { kind: 'claim', uow },
    { kind: 'claim', uow, fault: 'load ended badly (on-parent-error :: fail)' },
    { kind: 'claim', uow: { ...uow, expires }, isExpired: true },
    { kind: 'finish', record, outcome, left: 0 },
    { kind: 'return', record, back: { to: 'wait', attempts: 1, why: 'retry', retry } },
    { kind: 'fire', schedule: bytes('s'), times: [testNow], skipped: [testNow - 3_600_000], after: testNow },
    { kind: 'leave', arrival, until: testNow + 800 },
    { kind: 'look-again', at: testNow },
  ];
  expect(actions.map(told)).toEqual([
    'take in | new | wait-q, as a new UOW: it is a copy',
    'take in | new | wait-q, to run again',
    'start | a | from wait-q',
    'end | a | load ended badly (on-parent-error :: fail)',
    'end | a | its ttl is over (on-expire :: skip)',
    'end | "two words" | error exit=3, to error-q',
    'put back | "two words" | wait-q: retry, next try at 05:31',
    'fire | s | for 04:31:06; left out: 03:31:06 (overlap :: skip)',
    'leave | new | it may still be written: for 0.8s',
    undefined,
  ]);
});

it('the time of the next look is the first of those that the plan asks for', () => {
  const arrival = anArrival('new');
  const actions: readonly Action[] = [
    { kind: 'look-again', at: testNow + 9 },
    { kind: 'leave', arrival, until: testNow + 5 },
    { kind: 'claim', uow: aWaiting('a') },
  ];
  expect([nextLookOf(actions), nextLookOf([])]).toEqual([testNow + 5, undefined]);
});
