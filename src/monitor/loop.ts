// The loop's sleep: when to wake next. A wake comes from a hint, a time that is due, or the poll; hints that come together make
// one wake. Knows nothing of what a wake does.
import type { Clock } from '../system/clock.ts';

/** So many wakes at once without a rest, then the event loop lets timers and watchers in. */
const wakesAtOnce = 100;

export interface Loop {
  /** Asks for a wake soon. During a wake: for another one behind it. */
  wake(): void;
  /** Ends it; no wake comes after this. */
  close(): void;
}

/**
 * Starts a loop whose first wake comes at once. `wakeOnce` does one and gives when the next is due at the latest (epoch ms); a
 * throw of it is handed to `onBug`, and the loop lives. `rest` is called before each sleep.
 */
export function startLoop(
  clock: Clock,
  wakeOnce: () => number,
  rest: () => void,
  onBug: (error: unknown) => void,
): Loop {
  const state: { isAsked: boolean; isAwake: boolean; isClosed: boolean } = {
    isAsked: true,
    isAwake: false,
    isClosed: false,
  };
  // What wakeOnce may have changed, which the compiler cannot know.
  const isClosed = (): boolean => state.isClosed;
  let cancel = clock.after(0, run);

  function run(): void {
    cancel();
    if (state.isClosed || state.isAwake) return;
    state.isAwake = true;
    let dueAt = Infinity;
    try {
      for (let wakes = 0; wakes < wakesAtOnce && (wakes === 0 || state.isAsked) && !isClosed(); wakes++) {
        state.isAsked = false;
        const startedAt = clock.now();
        dueAt = wakeOnce();
        // Set back meanwhile: what is due is told by the clock as it was, and may be a day away now.
        if (clock.now() < startedAt) state.isAsked = true;
      }
    } catch (error) {
      state.isAsked = false;
      dueAt = clock.now() + 1000;
      onBug(error);
    }
    state.isAwake = false;
    rest();
    if (!isClosed()) cancel = clock.after(state.isAsked ? 0 : Math.max(1, dueAt - clock.now()), run);
  }

  return {
    wake() {
      if (state.isClosed) return;
      state.isAsked = true;
      if (state.isAwake) return;
      cancel();
      cancel = clock.after(0, run);
    },
    close() {
      state.isClosed = true;
      cancel();
    },
  };
}
