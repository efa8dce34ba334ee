import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WaitingUow } from '../../../src/model/seen.ts';
import { byService, stampedIn, waitingIndex } from '../../../src/monitor/survey/waiting-index.ts';
import { aWaiting } from '../../support/builders.ts';

const names = (index: Iterable<WaitingUow>): readonly string[] => [...index].map(({ name }) => name);

describe('the order of service', () => {
  it('is priority, then stamp, then name', () => {
    const expected = [
      aWaiting('urgent', { priority: 5, ordinal: 9 }),
      aWaiting('early', { ordinal: 1 }),
      aWaiting('a', { ordinal: 2 }),
      aWaiting('b', { ordinal: 2 }),
      aWaiting('late', { stamp: { seconds: 1_700_000_001, ordinal: 0 } }),
      aWaiting('slack', { priority: -1, ordinal: 0 }),
    ];
    expect([...expected].reverse().sort(byService)).toEqual(expected);
  });
});

describe('an index of waiting UOWs', () => {
  it('gives the same as a sorted list, whatever is added, removed and looked at in between', () => {
    const change = fc.record({
      ...{ name: fc.constantFrom(...Array.from('abcdefghijklmnop')), priority: fc.integer({ min: -1, max: 1 }) },
      ...{ ordinal: fc.nat(20), kind: fc.constantFrom('add', 'add', 'remove', 'take front', 'look') },
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const index = waitingIndex();
        const model = new Map<string, WaitingUow>();
        const inOrder = (): readonly WaitingUow[] => [...model.values()].sort(byService);
        for (const { kind, name, ...rest } of changes) {
          const uow = aWaiting(name, rest);
          const front = inOrder()[0]?.name;
          if (kind === 'add') {
            index.add(uow);
            model.set(name, uow);
          } else if (kind === 'remove') {
            expect(index.remove(name)).toBe(model.get(name));
            model.delete(name);
          } else if (kind === 'take front' && front !== undefined) {
            expect(index.remove(front)).toBe(model.get(front));
            model.delete(front);
          } else {
            expect(names(index)).toEqual(inOrder().map((each) => each.name));
          }
          expect(index.size).toBe(model.size);
          expect(index.get(name)).toBe(model.get(name));
          const { ordinal, priority } = rest;
          const alike = inOrder().find((each) => each.stamp.ordinal === ordinal && each.priority === priority);
          if (kind === 'look') expect(stampedIn(index, uow.stamp, priority)).toBe(alike);
        }
        expect([...index]).toEqual(inOrder());
        expect([...index.keys()].sort()).toEqual([...model.keys()].sort());
      }),
    );
  });

  it('serves 5,000 from its front, with newcomers at its back, and forgets none', () => {
    const index = waitingIndex();
    for (let ordinal = 0; ordinal < 5000; ordinal++) index.add(aWaiting(`f${ordinal}`, { ordinal }));
    const served: string[] = [];
    for (let ordinal = 5000; index.size > 0 && ordinal < 20_000; ordinal++) {
      const [front] = index;
      if (front) served.push(index.remove(front.name)?.name ?? '');
      if (ordinal < 6000) index.add(aWaiting(`f${ordinal}`, { ordinal }));
    }
    expect(served).toEqual(Array.from({ length: 6000 }, (_, ordinal) => `f${ordinal}`));
  });

  it('compares a few and not all of them when one of many gets another place', () => {
    let reads = 0;
    const counted = (name: string, ordinal: number): WaitingUow => ({
      ...aWaiting(name, { ordinal }),
      get priority() {
        reads += 1;
        return 0;
      },
    });
    const index = waitingIndex();
    for (let ordinal = 0; ordinal < 10_000; ordinal++) index.add(counted(`f${ordinal}`, ordinal));
    expect(names(index)[5000]).toBe('f5000');
    reads = 0;
    for (let times = 1; times <= 100; times++) {
      index.remove('f5000');
      index.add(counted('f5000', 5000 - times));
      expect([...index].length).toBe(10_000);
    }
    expect(names(index).indexOf('f5000')).toBe(4901);
    expect(reads).toBeLessThan(100 * 100);
  });

  it('has 10,000 that came out of order in order, and gives them out from any place', () => {
    const index = waitingIndex();
    for (let at = 0; at < 10_000; at++) index.add(aWaiting(`f${at}`, { ordinal: (at * 7919) % 10_000 }));
    const ordinals = (): readonly number[] => [...index].map(({ stamp }) => stamp.ordinal);
    expect(ordinals()).toEqual(Array.from({ length: 10_000 }, (_, at) => at));
    for (let at = 0; at < 10_000; at++) if (((at * 7919) % 10_000) % 10 !== 0) index.remove(`f${at}`);
    expect(ordinals()).toEqual(Array.from({ length: 1000 }, (_, at) => at * 10));
  });

  it('knows a UOW by its name: added again it has moved', () => {
    const index = waitingIndex();
    index.add(aWaiting('a'));
    index.add(aWaiting('b', { ordinal: 1 }));
    index.add(aWaiting('a', { ordinal: 2 }));
    expect(names(index)).toEqual(['b', 'a']);
    expect(index.remove('none')).toBeUndefined();
  });
});
