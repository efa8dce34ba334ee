// Waiting until a look at the queues may be worth it: a hint of the kernel, or the poll. A hint may be lost, so the poll is the
// truth; a look that takes long is made less often.
import type { Bytes } from '../../model/bytes.ts';
import type { RootPaths } from '../../model/paths.ts';
import { queueKinds } from '../../model/queue.ts';
import type { Watch } from '../../system/watch.ts';

const shortestMs = 20;
const longestMs = 250;
/** Most waits are over before this; only a longer one is worth a watch on the queues. */
const watchAfterMs = 150;
/** Looking takes at most this part of the time. */
const share = 20;
/** However long the last look took: the process may only have been stopped (Ctrl-Z). */
const longestRestMs = 1000;

export interface Changes {
  /** Resolves when it is time for the next look, or at `until` (as performance.now() tells) if that comes first. */
  next(until?: number): Promise<void>;
  /** After this the process may end. */
  close(): void;
}

/** Gives the changes of a root's queues; with `names`, those of them only. */
export function createChanges(paths: RootPaths, names?: ReadonlySet<Bytes>): Changes {
  const startedAt = performance.now();
  let watches: readonly Watch[] | undefined;
  let pauseMs = shortestMs;
  let lookedAt = startedAt;
  let hasHint = false;
  let isClosed = false;
  let wake: () => void = () => undefined;

  function hint(name: Bytes | undefined): void {
    if (names && name !== undefined && !names.has(name)) return;
    hasHint = true;
    wake();
  }

  async function watch(): Promise<void> {
    watches = [];
    const { realWatcher } = await import('../../system/watch.ts');
    if (isClosed) return;
    // Where there can be no watch the poll does.
    watches = queueKinds.map((queue) => realWatcher.watchDirectory(paths.queue[queue], hint, () => undefined));
  }

  return {
    async next(until = Infinity) {
      const now = performance.now();
      if (!watches && now - startedAt > watchAfterMs) await watch();
      const leastMs = Math.min(longestRestMs, Math.max(shortestMs, (now - lookedAt) * share));
      const untilMs = Math.max(0, until - now);
      await pause(Math.min(leastMs, untilMs));
      if (!hasHint) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, Math.max(0, Math.min(pauseMs - leastMs, until - performance.now())));
        });
        clearTimeout(timer);
      }
      pauseMs = hasHint ? shortestMs : Math.min(longestMs, pauseMs * 1.5);
      hasHint = false;
      lookedAt = performance.now();
    },
    close() {
      isClosed = true;
      for (const each of watches ?? []) each.close();
      wake();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
