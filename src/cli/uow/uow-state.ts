// What a command tells of a UOW: it waits, runs or has ended, read from its queue and its STATUS together. While a move is under
// way, and after a person's hand, the two disagree; the table is in stateOf.
import type { Queue } from '../../model/queue.ts';
import { isEndedQueue, isWaitingQueue } from '../../model/queue.ts';
import { hasEnded, type Status, type StatusReason, type StatusWord } from '../../model/status.ts';

/** How it ended. */
export interface Ended {
  readonly kind: 'ended';
  readonly word: Exclude<StatusWord, 'waiting' | 'running'>;
  readonly reason?: StatusReason;
  readonly attempt: number;
}

export type UowState =
  /** `attempts` were made; `isRetry` if the next one is the monitor's own doing. */
  | { readonly kind: 'waiting'; readonly attempts: number; readonly isRetry: boolean }
  | { readonly kind: 'running'; readonly attempt: number }
  | Ended;

/**
 * Gives the state of a UOW that stands in `queue` (undefined: under no name that is known) with that STATUS and number of names.
 * A claimed one has a second name in `.sjq` until the end of its attempt is told everywhere; without a name in a queue it is the only one.
 *
 * | queue | STATUS | state |
 * | --- | --- | --- |
 * | waits | running, claimed | running: on its way to currently-executing |
 * | waits | else | waiting, a rerun too |
 * | currently-executing | claimed, or running | running |
 * | currently-executing | else | waiting: put there by a person |
 * | any other | running, claimed | running: a person moved it, the monitor puts it back |
 * | done, error, fail | of the same word, or skipped, cancelled | as it says |
 * | done, error, fail | else | as the queue says: a person moved it; one that waited and is in done-q was skipped |
 * | archive, trash, none | ended | as it says |
 * | archive, trash, none | else | cancelled |
 */
export function stateOf(queue: Queue | undefined, status: Status | undefined, links: number): UowState {
  const isClaimed = links > (queue === undefined ? 0 : 1);
  const attempt = status?.attempt ?? 0;
  const isRunning = status?.word === 'running';
  if (queue === 'executing' ? isClaimed || isRunning : isRunning && isClaimed) return { kind: 'running', attempt };
  if (queue !== undefined && (isWaitingQueue(queue) || queue === 'executing')) {
    const isRetry = status?.word === 'waiting' && status.flags.includes('retry');
    return { kind: 'waiting', attempts: isRetry ? attempt - 1 : attempt, isRetry };
  }
  const says = status && hasEnded(status) ? endedFrom(status) : undefined;
  if (queue === undefined || !isEndedQueue(queue)) return says ?? { kind: 'ended', word: 'cancelled', attempt };
  if (says && (says.word === queue || says.word === 'skipped' || says.word === 'cancelled')) return says;
  const isSkipped = queue === 'done' && status?.word === 'waiting';
  if (isRunning && queue === 'fail') return { kind: 'ended', word: 'fail', reason: { kind: 'interrupted' }, attempt };
  return { kind: 'ended', word: isSkipped ? 'skipped' : queue, attempt };
}

function endedFrom({ word, reason, attempt }: Status): Ended | undefined {
  if (word === 'waiting' || word === 'running') return undefined;
  return { kind: 'ended', word, ...(reason && { reason }), attempt };
}
