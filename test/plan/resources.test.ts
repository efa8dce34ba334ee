import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Need } from '../../src/model/needs.ts';
import { type Seen, type WaitingUow } from '../../src/model/seen.ts';
import { promote } from '../../src/plan/rules/promote.ts';
import { waitingWithWhy, whyWaiting } from '../../src/plan/why.ts';
import { resourcesOf, textFromResources } from '../../src/plan/resources.ts';
import { aClaim, aConfig, aSeen, aWaiting } from '../support/builders.ts';

const need = (name: string, count = 1): readonly Need[] => [{ name, count }];
const offers = aConfig({ slots: 9, resources: { database: 2, license: 1 } });

function claimed(seen: Parameters<typeof aSeen>[0], config = offers): readonly string[] {
  return promote(aSeen(seen), config, []).flatMap((action) => (action.kind === 'claim' ? action.uow.name : []));
}

describe('a resource', () => {
  const waiting = {
    wait: [
      aWaiting('a', { needs: need('database', 2) }),
      aWaiting('b', { needs: need('database') }),
      aWaiting('c', { needs: need('license') }),
      aWaiting('d'),
    ],
  };

  it('is taken by what runs, and given back by what does not', () => {
    const running = aClaim('x', { record: { needs: need('database') } });
    expect(claimed({ waiting })).toEqual(['a', 'c', 'd']);
    expect(claimed({ waiting, claims: [running] })).toEqual(['c', 'd']);
    expect(claimed({ waiting, claims: [{ ...running, isFinished: true }] })).toEqual(['a', 'c', 'd']);
  });

  it('is kept for the first who waits for it: nobody who needs less passes, who needs nothing of it does', () => {
    const claims = [aClaim('x', { record: { needs: need('database') } })];
    const seen = aSeen({ waiting, claims });
    expect([...waitingWithWhy(seen, offers)].map(({ why }) => why)).toEqual([
      'needs database 2, 1 of 2 is free',
      'database is kept for a, which is first in line',
      'behind 2 others in its queue',
      'behind 3 others in its queue',
    ]);
    expect(whyWaiting(waiting.wait[1] as WaitingUow, seen, offers)).toContain('kept for a');
    expect(textFromResources(resourcesOf(seen.control, offers, claims))).toBe('database 1 of 2, license 0 of 1');
  });

  it('that one in priority-q waits for holds all of wait-q back, and not the rest of priority-q', () => {
    const urgent = { queue: 'priority' } as const;
    const priority = [aWaiting('p', { ...urgent, needs: need('license') }), aWaiting('q', urgent)];
    const claims = [aClaim('x', { record: { needs: need('license') } })];
    expect(claimed({ waiting: { ...waiting, priority }, claims })).toEqual(['q']);
  });

  it('that nobody offers, or not so much of, is said and waited for by nobody else', () => {
    const priority = [
      aWaiting('p', { queue: 'priority', needs: need('printer') }),
      aWaiting('q', { queue: 'priority', needs: need('database', 3) }),
    ];
    const seen = { waiting: { priority, wait: [aWaiting('b', { needs: need('database', 2) })] } };
    expect(claimed(seen)).toEqual(['b']);
    const [first, second] = [...waitingWithWhy(aSeen(seen), offers)];
    expect(first?.why).toBe('nobody offers the resource printer (config.yaml has database, license)');
    expect(second?.why).toBe('needs database 3, and there is 2');
    const none = [...waitingWithWhy(aSeen(seen), aConfig())][0];
    expect(none?.why).toBe('nobody offers the resource printer (config.yaml has no resources)');
  });

  it('of which RESOURCE left less than is taken gives out nothing until it is given back', () => {
    const control = { resources: { database: 0, unknown: 7 } };
    const claims = [aClaim('x', { record: { needs: need('database', 2) } })];
    expect(claimed({ waiting, control, claims })).toEqual(['c', 'd']);
    expect(claimed({ waiting, control: { resources: { database: 3 } }, claims })).toEqual(['c', 'd']);
    expect(claimed({ waiting, control: { resources: { database: 4 } }, claims })).toEqual(['a', 'c', 'd']);
    expect([...resourcesOf(control, offers, []).keys()]).toEqual(['database', 'license']);
  });
});

describe('whatever is asked for, however jobs end', () => {
  const names = ['a', 'b', 'c'] as const;
  const someNeeds = fc.uniqueArray(
    fc.record({ name: fc.constantFrom(...names), count: fc.integer({ min: 1, max: 3 }) }),
    { selector: ({ name }) => name, maxLength: 3 },
  );
  const someUow = fc.record({
    needs: someNeeds,
    slots: fc.integer({ min: 1, max: 3 }),
    priority: fc.integer({ min: 0, max: 1 }),
  });

  /** Plays a queue to its end: in each turn the plan claims, and one of the running jobs ends. */
  function played(
    uows: readonly WaitingUow[],
    capacity: number,
    slots: number,
    endings: readonly number[],
    check: (claims: readonly WaitingUow[], running: readonly WaitingUow[], left: readonly WaitingUow[]) => void,
  ): readonly WaitingUow[] {
    const config = aConfig({ slots, resources: Object.fromEntries(names.map((name) => [name, capacity])) });
    let left = [...uows].sort((one, other) => other.priority - one.priority || one.stamp.ordinal - other.stamp.ordinal);
    let running: readonly WaitingUow[] = [];
    for (let turn = 0; turn < 2 * uows.length + 2; turn++) {
      const claims = running.map(({ name, slots: takes, needs = [] }) =>
        aClaim(name, { record: { slots: takes, needs } }),
      );
      const seen: Seen = aSeen({ waiting: { wait: left }, claims });
      const claimedNow = promote(seen, config, []).flatMap((each) => (each.kind === 'claim' ? each.uow : []));
      check(claimedNow, running, left);
      left = left.filter((uow) => !claimedNow.includes(uow));
      running = [...running, ...claimedNow];
      const ends = running[(endings[turn % endings.length] ?? 0) % Math.max(1, running.length)];
      running = running.filter((uow) => uow !== ends);
    }
    return left;
  }

  const plays = fc.tuple(
    fc
      .array(someUow, { maxLength: 12 })
      .map((uows) =>
        uows.map(({ needs, ...rest }, ordinal) =>
          aWaiting(`u${ordinal}`, { ...rest, ordinal, ...(needs.length > 0 && { needs }) }),
        ),
      ),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 8 }),
  );
  const counted = (uows: readonly WaitingUow[], name: string): number =>
    uows.flatMap(({ needs = [] }) => needs).reduce((sum, each) => sum + (each.name === name ? each.count : 0), 0);

  it('no more is taken than there is, and whoever can start does in the end', () => {
    fc.assert(
      fc.property(plays, ([uows, capacity, slots, endings]) => {
        const left = played(uows, capacity, slots, endings, (claims, running) => {
          for (const name of names) expect(counted([...running, ...claims], name)).toBeLessThanOrEqual(capacity);
        });
        const never = uows.filter(({ needs = [] }) => needs.some(({ count }) => count > capacity));
        expect(new Set(left)).toEqual(new Set(never));
      }),
    );
  });

  it('nobody starts before an equal, or one of higher priority, that stands before it and waits for a resource that both need', () => {
    fc.assert(
      fc.property(plays, ([uows, capacity, slots, endings]) => {
        played(uows, capacity, slots, endings, (claims, _running, waiting) => {
          for (const uow of claims) {
            const before = waiting.slice(0, waiting.indexOf(uow)).filter((each) => !claims.includes(each));
            const could = before.filter(({ needs = [] }) => needs.every(({ count }) => count <= capacity));
            const shared = could.filter(({ needs = [] }) =>
              needs.some(({ name }) => uow.needs?.some((each) => each.name === name) === true),
            );
            expect(shared).toEqual([]);
          }
        });
      }),
    );
  });
});
