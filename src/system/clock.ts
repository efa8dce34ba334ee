// Time as the program sees it: the wall clock, stamps' microseconds and timers. Nobody else asks for the time or sets a timer,
// so that a test can hold it still and move it.

/** The time of day, and being called later. */
export interface Clock {
  /** Gives epoch milliseconds. Jumps when somebody sets the wall clock. */
  now(): number;
  /**
   * Gives whole microseconds since the epoch, never more than 1 ms ahead of {@link now} unless called more than once a
   * microsecond. Strictly increasing within the process, unless the wall clock jumps back by more than a second: then it follows.
   */
  nowMicros(): number;
  /**
   * Calls `act` once, after `ms` milliseconds; less than 0 is 0, and any length is kept, `Infinity` too. Counts time that the
   * machine is awake, whatever happens to the wall clock. The process stays alive for it. Gives what cancels it, as often as one likes.
   */
  after(ms: number, act: () => void): () => void;
}

/** What setTimeout can count to; it fires after 1 ms when told more (facts.md). */
const longestTimeoutMs = 2 ** 31 - 1;

const farBackMicros = 1_000_000;

/** Gives a clock of its own; the program needs one, {@link realClock}. */
function createClock(): Clock {
  let lastMicros = 0;
  /** How far the clock that knows microseconds is ahead of the wall clock, which may have been set since the process began. */
  let aheadMicros = 0;
  return {
    now: () => Date.now(),
    nowMicros() {
      // The true microsecond, and not one counted from the first call in a millisecond: two processes that call in the same
      // millisecond (two `sjq submit`) must not give the same stamp. Date.now() says which millisecond it is.
      const ms = Date.now();
      const exact = Math.floor((performance.timeOrigin + performance.now()) * 1000) - aheadMicros;
      const micros = Math.min(Math.max(exact, ms * 1000), ms * 1000 + 999);
      aheadMicros += exact - micros;
      const isFarBack = lastMicros - micros > farBackMicros;
      lastMicros = isFarBack ? micros : Math.max(micros, lastMicros + 1);
      return lastMicros;
    },
    after(ms, act) {
      // setTimeout takes at least a millisecond for none. This way what waits to be read comes first, and timers after it.
      if (ms <= 0) {
        const immediate = setImmediate(act);
        return () => {
          clearImmediate(immediate);
        };
      }
      let leftMs = Math.max(0, ms);
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const stepMs = Math.min(leftMs, longestTimeoutMs);
        leftMs -= stepMs;
        timer = setTimeout(leftMs > 0 ? arm : act, stepMs);
      };
      arm();
      return () => {
        clearTimeout(timer);
      };
    },
  };
}

/** The machine's clock. */
export const realClock: Clock = createClock();
