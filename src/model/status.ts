// What the STATUS line of a UOW can say. Its text form and its 64 bytes are format/status-line's.

/** The words a STATUS begins with; they are also the closed list of states in JSON. */
export type StatusWord = 'waiting' | 'running' | 'done' | 'error' | 'fail' | 'skipped' | 'cancelled';

/** Why an attempt ended so. `exit` and `signal` carry their value. */
export type StatusReason =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | {
      readonly kind:
        | 'timeout'
        | 'idle'
        | 'interrupted'
        | 'expired'
        | 'cannot-start'
        | 'killed'
        | 'log-lost'
        | 'bad-result'
        | 'pattern';
    };

/** A mark beside the word: `log!` says that part of the output was lost. */
export type StatusFlag = 'held' | 'retry' | 'ack' | 'cont' | 'log!';

/**
 * One STATUS line.
 *
 * `attempt` is the attempt the line is about. For `waiting` it counts the attempts already made (0 for a new UOW), except with
 * the flag `retry`, where it is the attempt to come. `at` is epoch milliseconds: when the state was entered, or when the retry
 * is due. `durationMs` is there once an attempt has ended.
 */
export interface Status {
  readonly word: StatusWord;
  readonly reason?: StatusReason;
  readonly flags: readonly StatusFlag[];
  readonly attempt: number;
  /** With the flag `retry`: which retry the attempt to come is. Absent where it is the attempt's number less one, as it is until a person has it run again. */
  readonly retry?: number;
  readonly at: number;
  readonly durationMs?: number;
}

/** Gives which retry the attempt to come is; 0 if none is to come by itself. */
export function retryOf(status: Status | undefined): number {
  if (status?.word !== 'waiting' || !status.flags.includes('retry')) return 0;
  return status.retry ?? Math.max(1, status.attempt - 1);
}

/** Gives the status of a UOW that waits for a retry after so many attempts. */
export function retryStatus(
  attempts: number,
  { number, at }: { readonly number: number; readonly at: number },
): Status {
  return { word: 'waiting', flags: ['retry'], attempt: attempts + 1, retry: number, at };
}

/** Gives the number of the attempt that a UOW with this status would make next. */
export function nextAttempt(status: Status | undefined): number {
  if (!status) return 1;
  return status.flags.includes('retry') && status.word === 'waiting' ? status.attempt : status.attempt + 1;
}

/** True if the status tells of an attempt or a wait that is over. */
export function hasEnded(status: Status): boolean {
  return status.word !== 'waiting' && status.word !== 'running';
}

/**
 * Compares how much has come of two UOWs by what their STATUS says; greater than 0 if more has of `a`. Of one and the same UOW that is the
 * later state: `running #1`, `done #1`, `waiting #1` (it is to run again), `running #2`.
 */
export function compareProgress(a: Status, b: Status): number {
  return nextAttempt(a) - nextAttempt(b) || stageOf(a) - stageOf(b);
}

function stageOf(status: Status): number {
  if (status.word === 'running') return 0;
  return hasEnded(status) ? 1 : 2;
}
