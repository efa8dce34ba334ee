// How an attempt ended, and where that takes the UOW. The table of design.md section 3.
import type { EndedQueue, Queue } from './queue.ts';
import type { StatusFlag, StatusReason } from './status.ts';

/** The end of an attempt: the queue the UOW goes to and what its STATUS says. */
export interface Outcome {
  readonly word: EndedQueue;
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
