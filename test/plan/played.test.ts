import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Config } from '../../src/model/config.ts';
import { isParkedBy } from '../../src/model/parents.ts';
import type { WaitingUow } from '../../src/model/seen.ts';
import { byService } from '../../src/monitor/survey/waiting-index.ts';
import { plan } from '../../src/plan/plan.ts';
import { aClaim, aConfig, aResult, aSeen, aWaiting, bytes, testNow } from '../support/builders.ts';

/** A UOW as it is drawn: what it asks for, before whom it was taken in, whom it waits for, how long it takes. */
interface Drawn {
  readonly uow: WaitingUow;
  readonly parent: number | undefined;
  readonly takes: number;
}

interface Run {
  readonly uow: WaitingUow;
  readonly from: number;
  readonly to: number;
}

const capacity = 2;
const groupSlots = 2;
const atMost = 2;

const drawn: fc.Arbitrary<readonly Drawn[]> = fc
  .array(
    fc.record({
      ...{
        slots: fc.constantFrom(1, 1, 2, 9),
        priority: fc.integer({ min: 0, max: 1 }),
        takes: fc.integer({ min: 1, max: 4 }),
      },
      queue: fc.constantFrom('wait' as const, 'wait' as const, 'priority' as const),
      needs: fc.constantFrom(0, 0, 1, 2),
      isGrouped: fc.boolean(),
      isOfArray: fc.boolean(),
      parent: fc.option(fc.nat(8), { nil: undefined }),
    }),
    { maxLength: 9 },
  )
  .map((all) =>
    all.map(({ takes, parent, needs, isGrouped, isOfArray, ...rest }, ordinal) => ({
      takes,
      // Only one that was taken in before: no circles.
      parent: parent !== undefined && parent < ordinal ? parent : undefined,
      uow: aWaiting(`u${ordinal}`, {
        ...{ ...rest, ordinal, ino: ordinal },
        ...(needs > 0 && { needs: [{ name: 'db', count: needs }] }),
        ...(isGrouped && { group: 'g' }),
        ...(isOfArray && { array: { of: 'a', atMost } }),
      }),
    })),
  );

function waitingAt(each: Drawn, ended: ReadonlySet<string>): WaitingUow {
  if (each.parent === undefined) return each.uow;
  const name = bytes(`u${each.parent}`);
  const parents = [{ name, wanted: 'done' as const, state: ended.has(name) ? ('done' as const) : ('waits' as const) }];
  return { ...each.uow, parents, ...(isParkedBy({ parents }) && { isParked: true as const }) };
}

/** Plays them by the whole plan, a tick a time, until nothing is left or 200 ticks have passed. */
function played(all: readonly Drawn[], config: Config): readonly Run[] {
  const runs: Run[] = [];
  const ended = new Set<string>();
  for (let tick = 0; tick < 200 && ended.size < all.length; tick++) {
    for (const { uow, to } of runs) if (to <= tick) ended.add(uow.name);
    const waiting = all
      .filter(({ uow }) => !runs.some((run) => run.uow.name === uow.name))
      .map((each) => waitingAt(each, ended))
      .sort(byService);
    const claims = runs
      .filter(({ to }) => to >= tick)
      .map(({ uow, to }) => {
        const { name, slots, needs, group, array, stamp } = uow;
        const ofIt = { ...(group !== undefined && { group }), ...(array && { array: array.of }) };
        const record = { slots, ...(needs && { needs }), ...ofIt, stamp };
        return aClaim(name, { record, ...(to === tick && { result: aResult(0) }) });
      });
    const seen = aSeen({
      now: testNow + tick,
      claims,
      waiting: {
        wait: waiting.filter(({ queue }) => queue === 'wait'),
        priority: waiting.filter(({ queue }) => queue === 'priority'),
      },
    });
    // What ends in this very plan gives its place away in it.
    for (const action of plan(seen, config)) {
      if (action.kind !== 'claim') continue;
      const takes = all.find(({ uow }) => uow.name === action.uow.name)?.takes ?? 1;
      runs.push({ uow: action.uow, from: tick, to: tick + takes });
    }
  }
  return runs;
}

const slotsOf = ({ uow }: Run, slots: number): number => Math.min(uow.slots, slots);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

it('played to its end, no capacity is ever exceeded, nobody starts before its parents, and all run', () => {
  const property = fc.property(drawn, fc.integer({ min: 1, max: 4 }), (all, slots) => {
    const config = aConfig({ slots, resources: { db: capacity }, groups: { g: { slots: groupSlots, priority: 0 } } });
    const runs = played(all, config);
    expect(new Set(runs.map(({ uow }) => uow.name))).toEqual(new Set(all.map(({ uow }) => uow.name)));
    expect(runs).toHaveLength(all.length);
    for (const { from: at, uow } of runs) {
      const now = runs.filter(({ from, to }) => from <= at && at < to);
      expect(sum(now.map((run) => slotsOf(run, slots)))).toBeLessThanOrEqual(slots);
      expect(sum(now.flatMap((run) => run.uow.needs ?? []).map(({ count }) => count))).toBeLessThanOrEqual(capacity);
      const grouped = now.filter((run) => run.uow.group === 'g');
      expect(sum(grouped.map((run) => slotsOf(run, groupSlots)))).toBeLessThanOrEqual(groupSlots);
      expect(now.filter((run) => run.uow.array).length).toBeLessThanOrEqual(atMost);
      const parent = all.find((each) => each.uow.name === uow.name)?.parent;
      const before = runs.find((run) => run.uow.name === `u${parent}`);
      if (parent !== undefined) expect(before?.to).toBeLessThanOrEqual(at);
    }
  });
  fc.assert(property, { numRuns: 200 });
});

it('of equals in one queue and priority that ask for the same, and wait for nobody, the first comes first', () => {
  const property = fc.property(drawn, fc.integer({ min: 1, max: 4 }), (all, slots) => {
    const config = aConfig({ slots, resources: { db: capacity }, groups: { g: { slots: groupSlots, priority: 0 } } });
    const runs = played(all, config);
    const like = ({ uow }: Drawn): string =>
      JSON.stringify([uow.queue, uow.priority, uow.slots, uow.needs, uow.group, uow.array]);
    const free = all.filter(({ parent }) => parent === undefined);
    for (const [place, first] of free.entries())
      for (const second of free.slice(place + 1)) {
        if (like(first) !== like(second)) continue;
        const startOf = ({ uow }: Drawn): number => runs.findIndex((run) => run.uow.name === uow.name);
        expect(startOf(first)).toBeLessThan(startOf(second));
      }
  });
  fc.assert(property, { numRuns: 200 });
});
