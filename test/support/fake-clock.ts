// A clock that moves only when it is told.
import type { Clock } from '../../src/system/clock.ts';
import { testNow } from './builders.ts';

export interface FakeClock extends Clock {
  /** Moves the time on and calls what became due, in order, each at its own instant; also what that asks for in turn. */
  pass(ms: number): void;
  /** Calls what is due now, and what that asks for at once, until nothing is. */
  settle(): void;
  /** Sets the wall clock, as an administrator does; timers do not notice. */
  set(now: number): void;
  /** When the next timer is due; Infinity if there is none. */
  readonly nextDueAt: number;
  /** How many timers are set. */
  readonly timers: number;
}

/** So many calls in one move mean a timer that sets itself anew at once, for ever. */
const callsAtMost = 100_000;

/** Gives a clock that stands at `startAt`. Microseconds go on by one at each question. */
export function fakeClock(startAt: number = testNow): FakeClock {
  let wallOffset = 0;
  let awake = startAt;
  let micros = 0;
  const timers = new Set<{ readonly dueAt: number; readonly act: () => void }>();

  function nextTimer(): { readonly dueAt: number; readonly act: () => void } | undefined {
    let next: { readonly dueAt: number; readonly act: () => void } | undefined;
    // A Set keeps the order in which they were set: the first of equals comes first.
    for (const timer of timers) if (!next || timer.dueAt < next.dueAt) next = timer;
    return next;
  }

  function runUntil(end: number): void {
    for (let calls = 0; ; calls++) {
      if (calls > callsAtMost) throw new Error('a timer is set anew at once, for ever');
      const timer = nextTimer();
      if (!timer || timer.dueAt > end) break;
      timers.delete(timer);
      awake = Math.max(awake, timer.dueAt);
      timer.act();
    }
    awake = end;
  }

  return {
    now: () => awake + wallOffset,
    nowMicros: () => (awake + wallOffset) * 1000 + micros++,
    after(ms, act) {
      const timer = { dueAt: awake + Math.max(0, ms), act };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass: (ms) => runUntil(awake + ms),
    settle: () => runUntil(awake),
    set(now) {
      wallOffset = now - awake;
    },
    get nextDueAt() {
      return (nextTimer()?.dueAt ?? Infinity) + wallOffset;
    },
    get timers() {
      return timers.size;
    },
  };
}
