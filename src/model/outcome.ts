// How an attempt ended, and where that takes the UOW. The table of design.md section 3.
import type { EndedQueue, Queue } from './queue.ts';
import type { StatusFlag, StatusReason } from './status.ts';

/** The end of an attempt: the queue the UOW goes to and what its STATUS says. */
export interface Outcome {
  /** `skipped` and `cancelled` are of what expired and never began: to done-q and trash. */
  readonly word: EndedQueue | 'skipped' | 'cancelled';
  readonly reason: StatusReason;
  readonly flags: readonly StatusFlag[];
}

/** What a monitor concludes must be done with a claimed UOW whose attempt did not take place or may be repeated. */
export interface Return {
  readonly to: Queue;
  /** How many attempts have been made. */
  readonly attempts: number;
  readonly why: 'withdrawn' | 'interrupted' | 'retry';
  /** Which retry the attempt to come is, and when it is due. Absent where it is none. */
  readonly retry?: { readonly number: number; readonly at: number };
}

/** Gives the queue that an outcome takes the UOW to. */
export function queueOfOutcome({ word }: Outcome): Queue {
  return word === 'skipped' ? 'done' : word === 'cancelled' ? 'trash' : word;
}
