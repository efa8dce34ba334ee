import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../../src/model/bytes.ts';
import { failsByParent, isParkedBy, type ParentSeen, parentVerdict, type Wanted } from '../../../src/model/parents.ts';
import type { WaitingUow } from '../../../src/model/seen.ts';
import { byService } from '../../../src/monitor/survey/waiting-index.ts';
import { parents } from '../../../src/plan/gates/parents.ts';
import { promote } from '../../../src/plan/rules/promote.ts';
import { aConfig, aSeen, aWaiting } from '../../support/builders.ts';
import { aView } from './view.ts';

const aParent = (name: string, wanted: Wanted, state: ParentSeen['state']): ParentSeen => ({
  ...{ name: bytesFromUtf8(name), wanted, state },
});

it('says which parent it is, one that needs a person first, and lets others pass', () => {
  const all = [
    aParent('a', 'done', 'done'),
    aParent('b', 'ended', 'waits'),
    aParent('c d', 'done', 'bad'),
    aParent('e', 'done', 'none'),
  ];
  expect(parents(aWaiting('x', { parents: all }), aView())).toEqual({
    ...{ gate: 'parents', holdsOthers: false, reason: '"c d" ended badly, and 2 more' },
  });
  const reasonOf = (parent: ParentSeen): string | undefined =>
    parents(aWaiting('x', { parents: [parent] }), aView())?.reason;
  expect(reasonOf(aParent('a', 'done', 'none'))).toBe('no UOW named a');
  expect(reasonOf({ ...aParent('a', 'done', 'waits'), as: bytesFromUtf8('a~2') })).toBe('waits for a~2');
  expect(reasonOf(aParent('a', 'not-ok', 'waits'))).toBe('waits for a to end badly');
  expect(reasonOf(aParent('a', 'not-ok', 'done'))).toBe('a ended well');
  expect(reasonOf(aParent('a', 'done', 'circle'))).toBe('waits for a, which waits for this one');
  expect(reasonOf(aParent('a', 'done', 'cancelled'))).toBe('a was cancelled');
  expect(reasonOf(aParent('a', 'ended', 'cancelled'))).toBeUndefined();
});

const wanted = fc.constantFrom<Wanted>('done', 'ended', 'not-ok');
const state = fc.constantFrom<ParentSeen['state']>(
  ...(['none', 'waits', 'circle', 'done', 'continued', 'bad', 'cancelled', 'over'] as const),
);
const some = fc.array(
  fc.record({
    parents: fc.array(
      fc.tuple(wanted, state).map(([each, at]) => aParent('p', each, at)),
      { maxLength: 3 },
    ),
    isFailing: fc.boolean(),
    priority: fc.integer({ min: 0, max: 1 }),
    queue: fc.constantFrom('wait' as const, 'priority' as const),
  }),
  { maxLength: 12 },
);

it('property: what is claimed is what its parents allow and what is to fail with them, and all of it', () => {
  fc.assert(
    fc.property(some, (uows) => {
      const waiting = uows.map(({ isFailing, ...of }, ordinal): WaitingUow => {
        const facts = { parents: of.parents, ...(isFailing && { failsWithParents: true as const }) };
        return aWaiting(`u${ordinal}`, { ...of, ...facts, ordinal, ...(isParkedBy(facts) && { isParked: true }) });
      });
      const inQueue = (queue: string): readonly WaitingUow[] =>
        waiting.filter((uow) => uow.queue === queue).sort(byService);
      const seen = aSeen({ waiting: { wait: inQueue('wait'), priority: inQueue('priority') } });
      const claims = promote(seen, aConfig({ slots: 100 }), []).flatMap((action) =>
        action.kind === 'claim' ? [action] : [],
      );
      const mayStart = waiting.filter((uow) => uow.parents?.every((each) => parentVerdict(each) === 'open'));
      const mustFail = waiting.filter((uow) => failsByParent(uow) !== undefined);
      const names = (of: readonly WaitingUow[]): readonly string[] => of.map(({ name }) => name).toSorted();
      expect(names(claims.filter(({ fault }) => fault === undefined).map(({ uow }) => uow))).toEqual(names(mayStart));
      expect(names(claims.filter(({ fault }) => fault !== undefined).map(({ uow }) => uow))).toEqual(names(mustFail));
    }),
  );
});
