// Saying a lasting fault once and not in every wake.
import type { Notice } from '../../model/notice.ts';
import type { Context } from '../context.ts';

/** A fault that lasts is said again after this long. */
const againMs = 3_600_000;
/** More different ones than this are not remembered: then the oldest may be said again. */
const remembered = 1000;

/** Says the notice unless the same `key` was said within the last hour. */
export function sayOnce(context: Context, key: string, notice: Notice): void {
  const { saidAt } = context.picture;
  const now = context.machine.clock.now();
  const before = saidAt.get(key);
  if (before !== undefined && now - before < againMs && now >= before) return;
  if (saidAt.size >= remembered) saidAt.clear();
  saidAt.set(key, now);
  context.say(notice);
}
