import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/model/action.ts';
import type { Retrying } from '../../src/model/retry.ts';
import { recover } from '../../src/plan/rules/recover.ts';
import { retry } from '../../src/plan/gates/retry.ts';
import { aClaim, aResult, aSeen, aWaiting, testNow } from '../support/builders.ts';
import { aView } from './gates/view.ts';

const retrying: Retrying = {
  ...{ made: 0, atMost: 2, delayMs: 60_000, backoff: { kind: 'fixed' }, on: ['error', 'fail'] },
};

/** Gives what becomes of an attempt that ended so. */
function after(
  changed: Parameters<typeof aClaim>[1] = {},
  asked: Partial<Retrying> = {},
  idempotent = false,
): readonly Action[] {
  const judging = { idempotent, retrying: { ...retrying, ...asked } };
  const record = { attempt: 4, queue: 'priority', judging, ...changed.record } as const;
  return recover(aSeen({ claims: [aClaim('a', { result: aResult(3), ...changed, record })] }));
}

describe('an attempt that ended badly', () => {
  it('goes back to its queue for the next one, due after the delay, in whole seconds and never sooner', () => {
    expect(after()).toMatchObject([
      {
        kind: 'return',
        back: { to: 'priority', attempts: 4, why: 'retry', retry: { number: 1, at: testNow - 1000 + 60_000 } },
        ended: { outcome: { word: 'error' }, startedAt: testNow - 4000, endedAt: testNow - 1000 },
      },
    ]);
    expect(after({ result: aResult(3, { endedAt: testNow - 999 }) })).toMatchObject([
      { back: { retry: { at: testNow + 60_000 } } },
    ]);
  });

  it('counts: behind the first retry comes the second, the attempts going on', () => {
    expect(after({}, { made: 1 })).toMatchObject([{ back: { attempts: 4, retry: { number: 2 } } }]);
  });

  it('without a delay is due at once', () => {
    const at = testNow - 999;
    expect(after({ result: aResult(3, { endedAt: at }) }, { delayMs: 0 })).toMatchObject([{ back: { retry: { at } } }]);
  });

  it('is finished when its retries are used up, or it ended in a way that is not tried again', () => {
    expect(after({}, { made: 2 })).toMatchObject([{ kind: 'finish', outcome: { word: 'error' } }]);
    expect(after({}, { on: ['fail'] })).toMatchObject([{ kind: 'finish', outcome: { word: 'error' } }]);
    expect(after({ result: aResult(0) })).toMatchObject([{ kind: 'finish', outcome: { word: 'done' } }]);
  });

  it('is finished if a person asked for its end, however it ended then', () => {
    expect(after({ isEndAsked: true })).toMatchObject([{ kind: 'finish' }]);
    expect(after({ result: aResult(143, { why: 'killed' }) })).toMatchObject([
      { kind: 'finish', outcome: { reason: { kind: 'killed' } } },
    ]);
  });

  it('that was interrupted is no retry, and if it was one it stays that one', () => {
    const gone = { isGuardianAlive: false, isTreeGone: true } as const;
    const { result: _result, ...claim } = aClaim('a', { ...gone, record: { judging: { idempotent: true, retrying } } });
    expect(recover(aSeen({ claims: [claim] }))).toMatchObject([
      { kind: 'return', back: { why: 'interrupted', attempts: 1 }, ended: { outcome: { word: 'fail' } } },
    ]);
    expect(recover(aSeen({ claims: [claim] }))[0]).not.toHaveProperty('back.retry');
    const second = aClaim('a', {
      ...gone,
      record: { judging: { idempotent: true, retrying: { ...retrying, made: 1 } } },
    });
    expect(recover(aSeen({ claims: [second] }))).toMatchObject([{ back: { retry: { number: 1, at: testNow } } }]);
  });

  it('that was withdrawn before it began is still the same retry', () => {
    const claim = aClaim('a', {
      ...{ started: 'withdrawn', isGuardianAlive: false },
      record: { attempt: 2, judging: { retrying: { ...retrying, made: 1 } } },
    });
    expect(recover(aSeen({ claims: [claim] }))).toMatchObject([
      { back: { why: 'withdrawn', attempts: 1, retry: { number: 1, at: testNow } } },
    ]);
  });
});

describe('the gate', () => {
  it('is shut until the retry is due, says when and which attempt it is, and lets others pass', () => {
    const at = testNow + 3_600_000;
    expect(retry(aWaiting('a', { attempts: 1, retry: { number: 1, of: 3, at } }), aView())).toEqual({
      ...{ gate: 'retry', holdsOthers: false, until: at },
      reason: 'next try at 05:31 (attempt 2 of 4)',
    });
    const again = aWaiting('a', { attempts: 5, retry: { number: 1, of: 3, at } });
    expect(retry(again, aView())?.reason).toBe('next try at 05:31 (attempt 6 of 8)');
  });

  it('is open when it is due, and for what is no retry', () => {
    expect(retry(aWaiting('a', { retry: { number: 1, of: 3, at: testNow } }), aView())).toBeUndefined();
    expect(retry(aWaiting('a'), aView())).toBeUndefined();
  });
});
