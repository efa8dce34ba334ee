import { describe, expect, it } from 'vitest';
import { type Loop, startLoop } from '../../src/monitor/loop.ts';
import { testNow } from '../support/builders.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';

interface Rig {
  readonly clock: FakeClock;
  readonly loop: Loop;
  /** When there were wakes, ms from the start. */
  readonly wakes: readonly number[];
  readonly bugs: readonly unknown[];
  readonly rests: () => number;
}

/** Starts a loop whose wakes do `act`, and are next due after the poll of 15 s unless it says otherwise. */
function rig(act: (nth: number, loop: () => Loop) => number | undefined = () => undefined): Rig {
  const clock = fakeClock();
  const wakes: number[] = [];
  const bugs: unknown[] = [];
  let rests = 0;
  const loop = startLoop(
    clock,
    () => {
      wakes.push(clock.now() - testNow);
      return act(wakes.length, () => loop) ?? clock.now() + 15_000;
    },
    () => void (rests += 1),
    (bug) => void bugs.push(bug),
  );
  return { clock, loop, wakes, bugs, rests: () => rests };
}

describe('the loop', () => {
  it('wakes at once, and then at the time that each wake says', () => {
    const { clock, wakes } = rig((nth) => (nth === 1 ? testNow + 700 : undefined));
    clock.settle();
    expect(wakes).toEqual([0]);
    clock.pass(16_000);
    expect(wakes).toEqual([0, 700, 15_700]);
  });

  it('wakes again at once when the clock was set back during a wake: the time that it said may be a day ahead', () => {
    const { clock, wakes } = rig((nth) => {
      if (nth > 1) return undefined;
      const dueAt = clock.now() + 15_000;
      clock.set(clock.now() - 86_400_000);
      return dueAt;
    });
    clock.settle();
    clock.pass(15_000);
    expect(wakes).toEqual([0, -86_400_000, -86_400_000 + 15_000]);
  });

  it('makes one wake of many hints that come together', () => {
    const { clock, loop, wakes } = rig();
    clock.pass(1000);
    for (let hints = 0; hints < 50; hints++) loop.wake();
    clock.settle();
    expect(wakes).toEqual([0, 1000]);
    clock.pass(15_000);
    expect(wakes).toEqual([0, 1000, 16_000]);
  });

  it('wakes once more for a hint that came during a wake', () => {
    const { clock, wakes } = rig((nth, loop) => {
      if (nth === 1) for (let hints = 0; hints < 3; hints++) loop().wake();
      return undefined;
    });
    clock.settle();
    expect(wakes).toEqual([0, 0]);
  });

  it('lets timers and watchers in though every wake asks for another', () => {
    let timer = 0;
    const { clock, loop, wakes } = rig((nth, self) => {
      if (nth < 1000) self().wake();
      return undefined;
    });
    clock.after(0, () => (timer = wakes.length));
    clock.settle();
    expect(wakes).toHaveLength(1000);
    expect(timer).toBeGreaterThan(0);
    expect(timer).toBeLessThan(200);
    loop.close();
  });

  it('does not spin when what is due is past already', () => {
    const { clock, wakes } = rig(() => testNow - 1000);
    clock.pass(10);
    expect(wakes.length).toBeLessThanOrEqual(11);
  });

  it('sleeps for as long as nothing is due, also for ever', () => {
    const { clock, loop, wakes } = rig(() => Infinity);
    clock.pass(86_400_000 * 365);
    expect(wakes).toEqual([0]);
    loop.wake();
    clock.settle();
    expect(wakes).toHaveLength(2);
  });

  it('survives a bug in a wake: it is told, and a second later the next one comes', () => {
    const bug = new Error('bug');
    const { clock, wakes, bugs, rests } = rig((nth, loop) => {
      if (nth === 1) loop().wake();
      if (nth < 3) throw bug;
      return undefined;
    });
    clock.pass(5000);
    expect(bugs).toEqual([bug, bug]);
    expect(wakes).toEqual([0, 1000, 2000]);
    expect(rests()).toBe(3);
  });

  it('rests before each sleep, not between the wakes of one run', () => {
    const { clock, rests } = rig((nth, loop) => {
      if (nth < 5) loop().wake();
      return undefined;
    });
    clock.settle();
    expect(rests()).toBe(1);
  });

  it('ends when it is closed, also within a wake, and leaves no timer', () => {
    const { clock, wakes } = rig((nth, loop) => {
      if (nth === 2) loop().close();
      loop().wake();
      return undefined;
    });
    clock.pass(60_000);
    expect(wakes).toHaveLength(2);
    expect(clock.timers).toBe(0);
    const other = rig();
    other.loop.close();
    other.loop.wake();
    other.clock.pass(60_000);
    expect(other.wakes).toEqual([]);
  });
});
