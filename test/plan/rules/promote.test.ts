import { describe, expect, it } from 'vitest';
import type { Action } from '../../../src/model/action.ts';
import { gateView, promote } from '../../../src/plan/rules/promote.ts';
import { aClaim, aConfig, aResult, aSeen, aWaiting, testNow } from '../../support/builders.ts';

type SeenChanged = Parameters<typeof aSeen>[0];
type ConfigChanged = Parameters<typeof aConfig>[0];

function promoted(seen: SeenChanged, config: ConfigChanged = {}, soFar: readonly Action[] = []): readonly Action[] {
  return promote(aSeen(seen), aConfig(config), soFar);
}

function claimed(...args: Parameters<typeof promoted>): readonly string[] {
  return promoted(...args).flatMap((action) => (action.kind === 'claim' ? action.uow.name : []));
}

const urgent = (name: string, changed = {}) => aWaiting(name, { queue: 'priority', ...changed });

describe('what is claimed', () => {
  it('is as much as there are slots, in the order given: by hand, priority-q, wait-q', () => {
    const waiting = {
      executing: [aWaiting('by-hand', { queue: 'executing' })],
      priority: [urgent('urgent')],
      wait: [aWaiting('first'), aWaiting('second')],
    };
    expect(claimed({ waiting })).toEqual(['by-hand']);
    expect(claimed({ waiting }, { slots: 3 })).toEqual(['by-hand', 'urgent', 'first']);
    expect(claimed({ waiting }, { slots: 9 })).toEqual(['by-hand', 'urgent', 'first', 'second']);
    expect(claimed({ waiting, control: { slots: 2 } }, { slots: 9 })).toEqual(['by-hand', 'urgent']);
  });

  it('leaves alone the slots of what runs, each UOW with its own number', () => {
    const waiting = { wait: [aWaiting('a'), aWaiting('b')] };
    expect(claimed({ waiting, claims: [aClaim('x')] })).toEqual([]);
    expect(claimed({ waiting, claims: [aClaim('x', { record: { slots: 2 } })] }, { slots: 3 })).toEqual(['a']);
    expect(claimed({ waiting, claims: [aClaim('x', { record: { slots: 99 } })] }, { slots: 3 })).toEqual([]);
  });

  it('may use the slots that this plan gives back', () => {
    const claim = aClaim('x', { result: aResult(0) });
    const ended: Action = {
      ...{ kind: 'finish', record: claim.record, left: 0 },
      outcome: { word: 'done', reason: { kind: 'exit', code: 0 }, flags: [] },
    };
    expect(claimed({ waiting: { wait: [aWaiting('a')] }, claims: [claim] }, {}, [ended])).toEqual(['a']);
    const back = { to: 'wait', attempts: 0, why: 'withdrawn' } as const;
    const returned: Action = { kind: 'return', record: claim.record, back };
    expect(claimed({ waiting: { wait: [aWaiting('a')] }, claims: [claim] }, {}, [returned])).toEqual(['a']);
    expect(claimed({ waiting: { wait: [aWaiting('a')] }, claims: [aClaim('x', { isFinished: true })] })).toEqual(['a']);
  });

  it('is nothing behind one that takes more slots than are free: they are kept for it', () => {
    const waiting = { wait: [aWaiting('wide', { slots: 3 }), aWaiting('narrow')] };
    expect(claimed({ waiting, claims: [aClaim('x')] }, { slots: 3 })).toEqual([]);
  });

  it('passes a held UOW', () => {
    const waiting = { priority: [urgent('held', { held: true })], wait: [aWaiting('a')] };
    expect(claimed({ waiting })).toEqual(['a']);
    expect(claimed({ waiting }, { priority: 'strict' })).toEqual([]);
    expect(claimed({ waiting: { wait: waiting.wait } }, { priority: 'strict' })).toEqual(['a']);
    const byHand = aWaiting('by-hand', { queue: 'executing', held: true });
    expect(claimed({ waiting: { executing: [byHand], wait: waiting.wait } }, { priority: 'strict' })).toEqual(['a']);
  });
});

describe('what has to be found out or waited for', () => {
  it('is asked once, and nobody goes first meanwhile', () => {
    const waiting = { priority: [urgent('a'), urgent('b')], wait: [aWaiting('c')] };
    expect(promoted({ waiting }, { ready: { command: 'x' }, slots: 9 })).toEqual([
      { kind: 'ask', what: 'ready-command' },
    ]);
  });

  it('has a time at which to look again', () => {
    const actions = promoted(
      { waiting: { wait: [aWaiting('a')] }, machine: { load: 9 } },
      { ready: { load: 1 }, sleepMs: 15_000 },
    );
    expect(actions).toEqual([{ kind: 'look-again', at: testNow + 15_000 }]);
  });

  it('is nothing where nobody waits: an idle queue asks no command and looks for no process', () => {
    expect(promoted({}, { ready: { command: 'x' }, procnames: [{ name: 'ansible' }] })).toEqual([]);
  });
});

it('free slots are never fewer than none, though SLOTS was lowered while more ran', () => {
  const claims = [aClaim('a'), aClaim('b'), aClaim('c')];
  expect(gateView(aSeen({ claims }), aConfig({ slots: 2 }), [])).toMatchObject({ slots: 2, freeSlots: 0 });
});

describe('thousands that wait for one thing', () => {
  /** Gives so many UOWs, and how often a gate has looked at one of them. */
  function crowd(changed: object): { readonly wait: ReturnType<typeof aWaiting>[]; readonly looks: () => number } {
    let looks = 0;
    const wait = Array.from({ length: 2000 }, (_, ordinal) =>
      Object.defineProperty(aWaiting(`u${ordinal}`, { ordinal, ...changed }), 'held', {
        get: () => ((looks += 1), false),
      }),
    );
    return { wait, looks: () => looks };
  }
  const db = { needs: [{ name: 'db', count: 1 }] };

  it.each([
    ['a resource', db, { resources: { db: 1 } }],
    ['slots of a group', { group: 'g' }, { groups: { g: { slots: 1, priority: 0 } } }],
  ])('%s are not asked one by one, and who needs nothing of it passes them', (_what, changed, config) => {
    const { wait, looks } = crowd(changed);
    const claims = [aClaim('runs', { record: changed })];
    const other = aWaiting('other', { ordinal: 9999 });
    expect(claimed({ waiting: { wait: [...wait, other] }, claims }, { slots: 9, ...config })).toEqual(['other']);
    expect(looks()).toBe(1);
    expect(claimed({ waiting: { wait } }, { slots: 9, ...config })).toEqual(['u0']);
  });

  it('keep their group for the first of it, though what that needs is kept for another', () => {
    const waiting = {
      wait: [
        aWaiting('db', { ordinal: 1, ...db }),
        aWaiting('large', { ordinal: 2, ...db, group: 'g', slots: 2 }),
        aWaiting('small', { ordinal: 3, group: 'g' }),
      ],
    };
    const claims = [aClaim('a', { record: db }), aClaim('b', { record: { group: 'g' } })];
    const config = { slots: 9, resources: { db: 1 }, groups: { g: { slots: 2, priority: 0 } } };
    expect(claimed({ waiting, claims }, config)).toEqual([]);
  });
});
