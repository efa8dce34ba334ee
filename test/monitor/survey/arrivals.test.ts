import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../../src/model/seen.ts';
import { Arrivals, keyOfArrival } from '../../../src/monitor/survey/arrivals.ts';
import { anArrival, testNow } from '../../support/builders.ts';

const unstamped = (name: string, changed: Parameters<typeof anArrival>[1] = {}): Arrival =>
  anArrival(name, { is: { kind: 'unstamped' }, ...changed });

function filled(...of: readonly Arrival[]): Arrivals {
  const arrivals = new Arrivals();
  for (const arrival of of) arrivals.set(arrival);
  return arrivals;
}

function due(arrivals: Arrivals, now = testNow, how: Partial<Parameters<Arrivals['due']>[1]> = {}): readonly string[] {
  return arrivals.due(now, { atMost: Infinity, isPartial: false, ...how }).map(({ name }) => name);
}

describe('the arrivals to be judged', () => {
  it('come by ctime, mtime and name, stamped ones first, and again until something is concluded of them', () => {
    const old = unstamped('z', { ageMs: 5000 });
    const arrivals = filled(unstamped('b'), anArrival('c'), old, unstamped('a'));
    const order = ['c', 'a', 'b', 'z'];
    expect([due(arrivals), due(arrivals)]).toEqual([order, order]);
    arrivals.delete(keyOfArrival(old));
    expect(due(arrivals)).toEqual(['c', 'a', 'b']);
  });

  it('are some of each kind; no unstamped one while an earlier one may not be known', () => {
    const arrivals = filled(...['a', 'b', 'c'].map((name) => anArrival(name)), unstamped('d'), unstamped('e'));
    expect(due(arrivals, testNow, { atMost: 1 })).toEqual(['a', 'd']);
    expect(due(arrivals, testNow, { isPartial: true })).toEqual(['a', 'b', 'c']);
  });

  it('are not those that are left, until their time has come or they are others', () => {
    const [a, b] = [anArrival('a'), unstamped('b')];
    const arrivals = filled(a, b);
    arrivals.leave(a, testNow + 2);
    arrivals.leave(b, testNow + 1);
    expect([due(arrivals), arrivals.nextAt, arrivals.size]).toEqual([[], testNow + 1, 2]);
    expect([due(arrivals, testNow + 1), arrivals.nextAt]).toEqual([['b'], testNow + 2]);
    arrivals.set({ ...a, sizeBytes: 300 });
    // What is to be left is known by then as another one.
    arrivals.leave(a, testNow + 9);
    expect([due(arrivals), arrivals.nextAt]).toEqual([['a', 'b'], Infinity]);
  });

  it('bring along every other name of one file, though it is left', () => {
    const left = anArrival('x', { ino: 5 });
    const arrivals = filled(left, anArrival('y', { ino: 5 }), anArrival('z'));
    arrivals.leave(left, testNow + 1000);
    expect(due(arrivals)).toEqual(['y', 'z', 'x']);
  });

  it('bring along those that are being written, if any is to be asked about', () => {
    const written = anArrival('w', { isBeingWritten: true });
    const arrivals = filled(written, anArrival('a'));
    arrivals.leave(written, testNow + 1000);
    expect(due(arrivals)).toEqual(['a']);
    arrivals.set(anArrival('y', { isBeingWritten: undefined }));
    expect(due(arrivals)).toEqual(['a', 'y', 'w']);
  });
});

it('arrivals are known by name and by inode, wherever they stand', () => {
  const [a, b] = [anArrival('a', { ino: 7 }), unstamped('b', { ino: 7, isBeingLinked: true })];
  const arrivals = filled(a, b, anArrival('c'));
  arrivals.leave(a, testNow + 5);
  expect([arrivals.get('wait/a'), arrivals.get('wait/b'), arrivals.get('wait/d')]).toEqual([a, b, undefined]);
  expect([arrivals.ofInode(7), arrivals.ofInode(8)]).toEqual([[a, b], []]);
  expect(arrivals.beingLinked()).toEqual([b]);
  expect([...arrivals].map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
  arrivals.delete('wait/a');
  arrivals.delete('wait/b');
  expect([arrivals.ofInode(7), arrivals.beingLinked(), arrivals.size]).toEqual([[], [], 1]);
});
