import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Rate, type Rated, rateFromText, type StartKey, startKeysOf } from '../../src/model/rate.ts';
import type { WaitingUow } from '../../src/model/seen.ts';
import { promote } from '../../src/plan/rules/promote.ts';
import { explained, waitingWithWhy } from '../../src/plan/why.ts';
import { aConfig, aSeen, aWaiting, testNow } from '../support/builders.ts';

const rateOf = (text: string): Rate => rateFromText(text) as Rate;
const key = (text: string): StartKey => text as StartKey;
const rated = (name: string, text: string, changed: Parameters<typeof aWaiting>[1] = {}): WaitingUow => {
  const uow = aWaiting(name, changed);
  return { ...uow, rate: { ...rateOf(text), of: startKeysOf(uow)[0] } };
};
const started = (of: string, ...agoMs: readonly number[]) => new Map([[key(of), agoMs.map((ago) => testNow - ago)]]);

function claimed(seen: Parameters<typeof aSeen>[0], config = aConfig({ slots: 9 })): readonly string[] {
  return promote(aSeen(seen), config, []).flatMap((action) => (action.kind === 'claim' ? action.uow.name : []));
}

it('so many are started of a job type, a group or a job, and others pass', () => {
  const wait = [
    ...['a1', 'a2', 'a3'].map((name) => rated(name, '2/m', { group: 'api' })),
    ...['s1', 's2'].map((name) => rated(name, '1/m', { jobType: 'scan', group: 'api' })),
    ...['j', 'j~2'].map((name) => rated(name, '1/h')),
    aWaiting('free'),
  ];
  expect(claimed({ waiting: { wait } })).toEqual(['a1', 'a2', 's1', 'j', 'free']);
  expect(claimed({ waiting: { wait }, starts: started('group api', 50_000) })).toEqual(['a1', 's1', 'j', 'free']);
  expect(claimed({ waiting: { wait }, starts: started('job type scan', 59_999) })).not.toContain('s1');
  expect(claimed({ waiting: { wait }, starts: started('job type scan', 60_000) })).toContain('s1');
});

it('the rate of a group in the settings holds for all of it, beside their own', () => {
  const config = aConfig({ slots: 9, groups: { api: { priority: 0, rate: rateOf('3/m') } } });
  const wait = [
    rated('x', '1/h', { group: 'api' }),
    ...['a', 'b', 'c'].map((name) => aWaiting(name, { group: 'api' })),
  ];
  expect(claimed({ waiting: { wait } }, config)).toEqual(['x', 'a', 'b']);
  expect(claimed({ waiting: { wait }, starts: started('group api', 30_000, 20_000, 10_000) }, config)).toEqual([]);
});

it('the reason names whose rate it is and when the next may start; nobody of the same passes one that waits for it', () => {
  const wait = [rated('slow', '1/h', { group: 'api' }), rated('fast', '10/m', { group: 'api' }), aWaiting('free')];
  const seen = aSeen({ waiting: { wait }, starts: started('group api', 60_000) });
  const config = aConfig({ slots: 9 });
  expect([...waitingWithWhy(seen, config)].map(({ why }) => why)).toEqual([
    'the group api starts 1/h at most: the next at 05:30',
    'behind another of the group api, which waits for its rate',
    'behind 2 others in its queue',
  ]);
  expect(claimed({ waiting: { wait }, starts: started('group api', 60_000) })).toEqual(['free']);
  const [slow] = wait;
  expect(slow && explained(slow, seen, config, () => undefined).start).toEqual({
    ...{ at: testNow + 3_540_000, isEstimate: false },
  });
  expect(promote(seen, config, [])).toContainEqual({ kind: 'look-again', at: testNow + 3_540_000 });
});

it('played to its end, never more than so many start in any stretch, and all do', () => {
  const uow = fc.record({
    group: fc.constantFrom(undefined, 'g', 'h'),
    jobType: fc.constantFrom(undefined, undefined, 't'),
    rate: fc.constantFrom(undefined, '1/2s', '2/3s', '3/5s'),
    queue: fc.constantFrom('wait' as const, 'priority' as const),
  });
  const property = fc.property(
    fc.array(uow, { maxLength: 12 }),
    fc.constantFrom(undefined, '2/4s'),
    fc.integer({ min: 1, max: 4 }),
    (drawn, groupRate, slots) => {
      const groups = groupRate === undefined ? {} : { g: { priority: 0, rate: rateOf(groupRate) } };
      const config = aConfig({ slots, groups });
      const all = drawn.map(({ rate, group, jobType, queue }, ordinal) => {
        const of = { ordinal, queue, ...(group !== undefined && { group }), ...(jobType !== undefined && { jobType }) };
        return rate === undefined ? aWaiting(`u${ordinal}`, of) : rated(`u${ordinal}`, rate, of);
      });
      const starts: { readonly uow: WaitingUow; readonly at: number }[] = [];
      // Jobs take no time: only rates and slots of one plan keep anybody.
      for (let tick = 0; tick < 100 && starts.length < all.length; tick++) {
        const at = testNow + tick * 500;
        const left = all.filter((each) => !starts.some((start) => start.uow === each));
        const before = new Map<StartKey, number[]>();
        for (const start of starts)
          for (const of of startKeysOf(start.uow)) before.set(of, [...(before.get(of) ?? []), start.at]);
        const seen = aSeen({
          now: at,
          starts: before,
          waiting: {
            wait: left.filter(({ queue }) => queue === 'wait'),
            priority: left.filter(({ queue }) => queue === 'priority'),
          },
        });
        for (const action of promote(seen, config, []))
          if (action.kind === 'claim') starts.push({ uow: action.uow, at });
      }
      expect(starts).toHaveLength(all.length);
      for (const { uow: last, at } of starts) {
        const ofGroup: Rated[] =
          last.group === 'g' && groupRate !== undefined ? [{ ...rateOf(groupRate), of: key('group g') }] : [];
        for (const { of, count, perMs } of [...(last.rate ? [last.rate] : []), ...ofGroup]) {
          const same = starts.filter((each) => startKeysOf(each.uow).includes(of));
          const order = starts.findIndex((each) => each.uow === last);
          const upTo = same.filter((each) => starts.indexOf(each) <= order && each.at > at - perMs);
          expect(upTo.length).toBeLessThanOrEqual(count);
        }
      }
    },
  );
  fc.assert(property, { numRuns: 200 });
});
