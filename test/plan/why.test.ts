import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimSeen, Seen, WaitingUow } from '../../src/model/seen.ts';
import { byService } from '../../src/monitor/survey/waiting-index.ts';
import { explained, waitingWithWhy, whyArriving, whyWaiting } from '../../src/plan/why.ts';
import { aClaim, aConfig, anArrival, aSeen, aWaiting, bytes, testNow } from '../support/builders.ts';

type SeenChanged = Parameters<typeof aSeen>[0];

const urgent = (name: string, changed = {}) => aWaiting(name, { queue: 'priority', ...changed });
const minute = 60_000;

describe('why a UOW waits', () => {
  const waiting = {
    priority: [urgent('p1'), urgent('p2')],
    wait: [aWaiting('w1'), aWaiting('w2'), aWaiting('w3', { held: true })],
  };
  const why = (uow: Parameters<typeof whyWaiting>[0], seen: SeenChanged = {}) =>
    whyWaiting(uow, aSeen({ waiting, ...seen }), aConfig());

  it('is its own gate, or else its place', () => {
    expect(why(urgent('p1'))).toBe('next in line');
    expect(why(urgent('p2'))).toBe('behind 1 other in its queue');
    expect(why(aWaiting('w1'))).toBe('behind 2 in priority-q');
    expect(why(aWaiting('w3', { held: true }))).toContain('held');
    expect(why(urgent('p1'), { claims: [aClaim('x')] })).toBe('all 1 slot is taken');
    expect(whyWaiting(aWaiting('w2'), aSeen({ waiting: { wait: waiting.wait } }), aConfig())).toBe(
      'behind 1 other in its queue',
    );
  });
});

it('all that waits is told in the order of service, each with its own gate or its place', () => {
  const seen = aSeen({
    waiting: {
      priority: [urgent('p1'), urgent('p2', { held: true })],
      wait: [aWaiting('w1'), aWaiting('w2', { held: true })],
    },
  });
  const told = [...waitingWithWhy(seen, aConfig())].map(({ uow, why }) => `${uow.name}: ${why}`);
  expect(told).toEqual([
    'p1: next in line',
    'p2: held (RELEASE lets it go)',
    'w1: behind 2 in priority-q',
    'w2: held (RELEASE lets it go)',
  ]);
  const wait = ['a', 'b', 'c'].map((name) => aWaiting(name));
  expect([...waitingWithWhy(aSeen({ waiting: { wait } }), aConfig())].map(({ why }) => why)).toEqual([
    'next in line',
    'behind 1 other in its queue',
    'behind 2 others in its queue',
  ]);
  expect(whyWaiting(aWaiting('new'), seen, aConfig())).toBe('next in line');
});

describe('what every gate says', () => {
  const ends = ({ record }: ClaimSeen): number | undefined => (record.name === 'x' ? testNow + 5 * minute : undefined);
  const of = (uow: WaitingUow, seen: SeenChanged = {}, config: Parameters<typeof aConfig>[0] = {}) =>
    explained(uow, aSeen({ waiting: { wait: [uow] }, ...seen }), aConfig(config), ends);

  it('is told of all of them in their order, the first that is shut decides, and its reason is the one that the status has', () => {
    const why = of(aWaiting('a', { held: true, times: { notBefore: testNow + minute } }), { claims: [aClaim('x')] });
    expect(why).toMatchObject({ gate: 'held', reason: 'held (RELEASE lets it go)', place: 'next in line' });
    expect(why.gates.map(({ gate }) => gate)).toEqual(
      'held paused trouble refused expired flow parents start-times retry overlap array groups needs rate slots ready procnames when'.split(
        ' ',
      ),
    );
    const shut = why.gates.filter(({ blocked }) => blocked).map(({ gate }) => gate);
    expect(shut).toEqual(['held', 'start-times', 'slots']);
    expect(why.start).toBeUndefined();
  });

  it('of one that is next in line is that all are open', () => {
    const why = of(aWaiting('a'));
    expect([why.reason, why.gate, why.start]).toEqual(['next in line', undefined, undefined]);
  });

  it('tells the time of not-before, of a window behind it, and of a retry, exactly', () => {
    const at = testNow + 10 * minute;
    expect(of(aWaiting('a', { times: { notBefore: at } })).start).toEqual({ at, isEstimate: false });
    // testNow is 04:31:06; the window opens at 04:50.
    const window = { from: 4 * 60 + 50, to: 5 * 60 };
    const opensAt = Date.UTC(2026, 10, 22, 4, 50);
    expect(of(aWaiting('a', { times: { notBefore: at, window } })).start).toEqual({ at: opensAt, isEstimate: false });
    const retry = { number: 1, of: 3, at };
    expect(of(aWaiting('a', { attempts: 1, retry })).start).toEqual({ at, isEstimate: false });
  });

  it('tells when a slot, a resource, a place in the group or array or the parent is expected, as far as the end of what runs is', () => {
    const expected = { at: testNow + 5 * minute, isEstimate: true };
    expect(of(aWaiting('a'), { claims: [aClaim('x')] }).start).toEqual(expected);
    // Of two that run one has no known end: one slot is free when the other ends, two at no known time.
    const claims = [aClaim('x'), aClaim('y')];
    expect(of(aWaiting('a'), { claims }, { slots: 2 }).start).toEqual(expected);
    expect(of(aWaiting('a', { slots: 2 }), { claims }, { slots: 2 }).start).toBeUndefined();
    const needs = [{ name: 'db', count: 1 }];
    const config = { slots: 9, resources: { db: 1 }, groups: { g: { slots: 1, priority: 0 } } };
    expect(of(aWaiting('a', { needs }), { claims: [aClaim('x', { record: { needs } })] }, config).start).toEqual(
      expected,
    );
    const grouped = { claims: [aClaim('x', { record: { group: 'g' } })] };
    expect(of(aWaiting('a', { group: 'g' }), grouped, config).start).toEqual(expected);
    const array = { of: 'f', atMost: 1 };
    const ofArray = of(aWaiting('a', { array }), { claims: [aClaim('x', { record: { array: 'f' } })] }, config);
    expect([ofArray.start, ofArray.gate]).toEqual([expected, 'array']);
    expect(ofArray.reason).toBe('1 of the array f run, at most 1 at once');
    const parents = [{ name: bytes('x'), wanted: 'done', state: 'waits' }] as const;
    expect(of(aWaiting('a', { parents, isParked: true }), { claims: [aClaim('x')] }, config).start).toEqual(expected);
  });

  it('tells the time of the gate that decides where another one opens at no known time, and none for what runs too long', () => {
    const at = testNow + 10 * minute;
    const times = { notBefore: at };
    expect(of(aWaiting('a', { times }), { claims: [aClaim('y')] }).start).toEqual({ at, isEstimate: false });
    const late = explained(aWaiting('a'), aSeen({ claims: [aClaim('x')] }), aConfig(), () => testNow - 1);
    expect(late.start).toBeUndefined();
    expect(of(aWaiting('a'), { control: { paused: true }, claims: [aClaim('x')] }).start).toBeUndefined();
    expect(of(aWaiting('a'), { machine: { load: 9 } }, { ready: { load: 1 } }).start).toBeUndefined();
  });
});

it('a file that is not taken in is told with what it waits for: until it has settled, or that it goes to trash', () => {
  const of = (...args: Parameters<typeof anArrival>) => whyArriving(anArrival(...args), aSeen(), aConfig());
  expect(of('a')).toBeUndefined();
  expect(of('a', { ageMs: 500 })).toEqual({
    text: 'it may still be written: looked at again at 04:31:06',
    until: testNow + 500,
  });
  const is = { kind: 'invalid' as const, problems: [{ line: 3, message: 'no title', remedy: 'write one' }] };
  expect(of('a', { is, ageMs: 500 })?.text).toMatch(/^it is no UOW, or half of one/);
  expect(of('a', { is })).toEqual({ text: 'it goes to trash: line 3: no title: write one' });
});

const waitingUow: fc.Arbitrary<WaitingUow> = fc
  .record({
    ...{
      priority: fc.integer({ min: 0, max: 2 }),
      slots: fc.constantFrom(1, 1, 2),
      held: fc.constantFrom(false, true),
    },
    ordinal: fc.nat(50),
    queue: fc.constantFrom('wait' as const, 'priority' as const),
    group: fc.constantFrom(undefined, 'g'),
    needs: fc.constantFrom(undefined, [{ name: 'db', count: 1 }], [{ name: 'db', count: 2 }]),
    notBefore: fc.constantFrom(undefined, testNow - 1, testNow + minute),
  })
  .map(({ group, needs, notBefore, ...rest }) =>
    aWaiting('', {
      ...rest,
      ...(group !== undefined && { group }),
      ...(needs && { needs }),
      ...(notBefore !== undefined && { times: { notBefore } }),
    }),
  );

const seenOf = (uows: readonly WaitingUow[], running: readonly string[], paused: boolean): Seen => {
  const named = uows.map((uow, at) => ({ ...uow, name: bytes(`u${at}`) })).sort(byService);
  const waiting = {
    wait: named.filter(({ queue }) => queue === 'wait'),
    priority: named.filter(({ queue }) => queue === 'priority'),
  };
  const claims = running.map((name) => aClaim(name, { record: { needs: [{ name: 'db', count: 1 }], group: 'g' } }));
  return aSeen({ waiting, claims, control: { paused } });
};

it('of any picture, why says the reason that the status shows, and a start is never one that is over', () => {
  const uows = fc.array(waitingUow, { maxLength: 8 });
  const running = fc.subarray(['x', 'y', 'z']);
  const property = fc.property(
    uows,
    running,
    fc.constantFrom(false, false, true),
    fc.nat(3),
    (all, names, paused, slots) => {
      const seen = seenOf(all, names, paused);
      const config = aConfig({ slots: slots + 1, resources: { db: 2 }, groups: { g: { slots: 2, priority: 0 } } });
      const ends = ({ record }: ClaimSeen): number | undefined =>
        record.name === 'x' ? testNow + minute : record.name === 'y' ? testNow - minute : undefined;
      for (const { uow, why } of waitingWithWhy(seen, config)) {
        const { reason, gate, start } = explained(uow, seen, config, ends);
        expect([reason, whyWaiting(uow, seen, config)]).toEqual([why, why]);
        if (gate === undefined) expect(start).toBeUndefined();
        if (start) expect(start.at).toBeGreaterThan(seen.now);
      }
    },
  );
  fc.assert(property, { numRuns: 200 });
});
