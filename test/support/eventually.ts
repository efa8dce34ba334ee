// Waiting for the world in tests: for a condition with a deadline, never for a time.
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Gives what `check` gives once that is neither undefined, false nor null. Looks every few milliseconds; fails with `what` (the
 * state that was hoped for) and the last error of `check`, if it threw, after `withinMs`.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs = 5000, what }: { readonly withinMs?: number; readonly what: string },
): Promise<Exclude<T, undefined | false | null>> {
  const startedAt = performance.now();
  for (;;) {
    let cause: unknown;
    try {
      const value = await check();
      if (value !== undefined && value !== false && value !== null) {
        return value as Exclude<T, undefined | false | null>;
      }
    } catch (error) {
      cause = error;
    }
    if (performance.now() - startedAt > withinMs) {
      throw new Error(`within ${withinMs} ms it did not come about that ${what}`, { cause });
    }
    await wait(5);
  }
}
