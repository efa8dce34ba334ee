import { describe, expect, it } from 'vitest';
import type { Action } from '../../../src/model/action.ts';
import { recover } from '../../../src/plan/rules/recover.ts';
import { aClaim, aResult, aSeen, testNow } from '../../support/builders.ts';

type Changed = Parameters<typeof aClaim>[1];

function concluded(changed: Changed): readonly Action[] {
  return recover(aSeen({ claims: [aClaim('a', changed)] }));
}

function kinds(changed: Changed): readonly string[] {
  return concluded(changed).map(({ kind }) => kind);
}

describe('protocol.md’s table', () => {
  const fresh: Changed = { started: 'no', isGuardianAlive: false };

  it('no `started`, same boot: it never ran and is launched, the same attempt', () => {
    expect(kinds(fresh)).toEqual(['launch']);
  });

  it('no `started`, another boot: it may have been lost with the power, so interrupted', () => {
    expect(kinds({ ...fresh, isSameBoot: false })).toEqual(['sweep']);
    expect(concluded({ ...fresh, isSameBoot: false, isTreeGone: true })).toMatchObject([
      { kind: 'finish', outcome: { word: 'fail', reason: { kind: 'interrupted' } } },
    ]);
  });

  it('no `started`, the file system mounted anew in the same boot: it may have been lost with the disk, so interrupted', () => {
    expect(kinds({ ...fresh, isSameMount: false })).toEqual(['sweep']);
    expect(concluded({ ...fresh, isSameMount: false, isTreeGone: true })).toMatchObject([
      { kind: 'finish', outcome: { word: 'fail', reason: { kind: 'interrupted' } } },
    ]);
    expect(kinds({ started: 'yes', isSameMount: false })).toEqual([]);
  });

  it('withdrawn: it never ran and goes back to its queue, the attempt not counted', () => {
    for (const isSameBoot of [true, false]) {
      const changed = {
        ...fresh,
        started: 'withdrawn',
        isSameBoot,
        record: { queue: 'priority', attempt: 3 },
      } as const;
      expect(concluded(changed)).toMatchObject([
        { kind: 'return', back: { to: 'priority', attempts: 2, why: 'withdrawn' } },
      ]);
    }
  });

  it('started and its guardian alive: it runs', () => {
    expect(kinds({})).toEqual([]);
  });

  it('a result: it ended, dead or alive its guardian, in whatever boot', () => {
    for (const isGuardianAlive of [true, false]) {
      for (const isSameBoot of [true, false]) {
        expect(concluded({ result: aResult(3, { left: 2 }), isGuardianAlive, isSameBoot })).toMatchObject([
          { kind: 'finish', outcome: { word: 'error' }, startedAt: testNow - 4000, endedAt: testNow - 1000, left: 2 },
        ]);
      }
    }
  });

  it('started, no result and no guardian: its tree is ended first, then it is interrupted', () => {
    const killed: Changed = { isGuardianAlive: false };
    for (const isSameBoot of [true, false]) {
      expect(kinds({ ...killed, isSameBoot })).toEqual(['sweep']);
      expect(kinds({ ...killed, isSameBoot, isBusy: true })).toEqual([]);
      expect(concluded({ ...killed, isSameBoot, isTreeGone: true })).toMatchObject([
        { kind: 'finish', outcome: { word: 'fail', reason: { kind: 'interrupted' } } },
      ]);
    }
  });

  it('interrupted and idempotent: back to its queue, the attempt counted', () => {
    const record = { queue: 'priority', attempt: 2, judging: { idempotent: true } } as const;
    expect(concluded({ isGuardianAlive: false, isTreeGone: true, record })).toMatchObject([
      { kind: 'return', back: { to: 'priority', attempts: 2, why: 'interrupted' } },
    ]);
  });
});

describe('a launcher that was asked', () => {
  const asked = (agoMs: number): Changed => ({ started: 'no', isGuardianAlive: false, askedAt: testNow - agoMs });

  it('is waited for while a guardian lives that has not started its job yet', () => {
    expect(concluded({ ...asked(0), isGuardianAlive: true })).toEqual([{ kind: 'look-again', at: testNow + 30_000 }]);
  });

  it('is not asked while the disk refuses', () => {
    const claims = [aClaim('a', { started: 'no', isGuardianAlive: false })];
    const trouble = (until: number) => ({ machine: { trouble: { until, text: 'disk full' } } });
    expect(recover(aSeen({ claims, ...trouble(testNow + 1) }))).toEqual([]);
    expect(recover(aSeen({ claims, ...trouble(testNow) }))).toMatchObject([{ kind: 'launch' }]);
  });

  it('has 30 s to start it, then the attempt is taken back', () => {
    expect(concluded(asked(29_999))).toEqual([{ kind: 'look-again', at: testNow + 1 }]);
    expect(kinds(asked(30_000))).toEqual(['withdraw']);
  });
});

describe('an end that a person asked for', () => {
  it('is passed on to the guardian as long as it lives', () => {
    expect(kinds({ isEndAsked: true })).toEqual(['end-job']);
  });

  it('takes an attempt back that has not started, which is then fail killed and not waiting again', () => {
    expect(kinds({ isEndAsked: true, started: 'no', isGuardianAlive: false })).toEqual(['withdraw']);
    expect(concluded({ isEndAsked: true, started: 'withdrawn', isGuardianAlive: false })).toMatchObject([
      { kind: 'finish', outcome: { word: 'fail', reason: { kind: 'killed' } } },
    ]);
  });

  it('does not change how a job ended that was quicker', () => {
    expect(concluded({ isEndAsked: true, result: aResult(0) })).toMatchObject([{ outcome: { word: 'done' } }]);
  });
});

describe('before an end is judged', () => {
  it('its output is searched if it has patterns, once', () => {
    const claim: Changed = { result: aResult(0), record: { judging: { errorWhen: 'oops' } } };
    expect(kinds(claim)).toEqual(['match']);
    expect(kinds({ ...claim, isBusy: true })).toEqual([]);
    expect(concluded({ ...claim, matched: { error: true, fail: false } })).toMatchObject([
      { kind: 'finish', outcome: { word: 'error', reason: { kind: 'pattern' } } },
    ]);
  });

  it('its result file is read', () => {
    expect(kinds({ result: aResult(0), resultFile: 'unread' })).toEqual(['match']);
  });
});

describe('the name in currently-executing', () => {
  it('is put back where a person took it, whether the job runs or has ended', () => {
    for (const placed of ['missing', 'replaced'] as const) {
      expect(kinds({ placed })).toEqual(['restore']);
      expect(kinds({ placed, result: aResult(0) })).toEqual(['restore', 'finish']);
      expect(kinds({ placed, isGuardianAlive: false })).toEqual(['restore', 'sweep']);
    }
  });

  it('is not missed when the UOW has reached its destination: it is finished once more', () => {
    expect(kinds({ placed: 'missing', isFinished: true, result: aResult(0) })).toEqual(['finish']);
  });
});

it('what the monitor itself concludes says so, with no flag of a log', () => {
  const interrupted = { word: 'fail', reason: { kind: 'interrupted' }, flags: [] };
  expect(concluded({ isGuardianAlive: false, isTreeGone: true })).toMatchObject([{ outcome: interrupted }]);
  const killed = { word: 'fail', reason: { kind: 'killed' }, flags: [] };
  expect(concluded({ started: 'withdrawn', isEndAsked: true })).toMatchObject([{ outcome: killed }]);
  expect(concluded({ isEndAsked: true })).toMatchObject([{ kind: 'end-job', why: 'killed' }]);
});

it('a pattern of either kind is reason enough to search the output', () => {
  for (const judging of [{ errorWhen: 'x' }, { failWhen: 'x' }]) {
    expect(kinds({ result: aResult(0), record: { judging } })).toEqual(['match']);
  }
});
