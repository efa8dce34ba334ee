// What the monitor knows of one claimed attempt: its record, what its guardian left, and what is under way about it.
import type { Progress } from '../../model/posted.ts';
import type { Destination, RunRecord, RunResult } from '../../model/run.ts';
import type { HooksState } from './hooks.ts';
import type { FileId, ProcessGroup } from '../../system/processes.ts';

/** What is known of one claimed attempt. */
export interface RunState {
  readonly record: RunRecord;
  /** The record's and the UOW's inodes. */
  readonly recordFile: FileId;
  uowFile: FileId;
  /** Found on disk at the start, so that its history line may already be written. */
  readonly isRecovered: boolean;
  started: 'no' | 'withdrawn' | 'yes';
  guardianPid?: number;
  jobGroup?: ProcessGroup;
  result?: RunResult;
  destination?: Destination;
  /** Where the attempt's output ends in its file: known once the monitor has begun to write behind it. */
  outputEndsAt?: number;
  /** Where the output of its hooks ends, once they are over. */
  hooksEndAt?: number;
  /** The run of its hooks, once there is one. */
  hooking?: HooksState;
  /** When a launcher that still lives was asked to start it. */
  askedAt?: number;
  isEndAsked: boolean;
  /** It was claimed as one that may not start: because of its parent, or of what its header asks for. */
  readonly isRefused?: boolean;
  /** This monitor wanted it back before it began. */
  isWithdrawing?: boolean;
  /** People noted something while it ran, or may have: before a crash. */
  hasNotes: boolean;
  /** A person had every process of it stopped. */
  isSuspended: boolean;
  /** When this monitor signalled its guardian. */
  endSignalledAt?: number;
  isTreeGone: boolean;
  /** Its history line was about to be written once: looked for before it is written again. */
  isFinishing?: boolean;
  matched?: { readonly error: boolean; readonly fail: boolean };
  resultFile: 'none' | 'json' | 'not-json' | 'unread';
  /** What its job last wrote into SJQ_PROGRESS, and the state of the file it was read from. */
  progress?: { readonly key: string; readonly said?: Progress; readonly toldAt?: number };
  /** When that was last looked at. */
  progressAt?: number;
  /** How long its job usually takes; Infinity if nobody knows. */
  usualMs?: number;
  /** It was said that it takes longer. */
  isLongSaid?: boolean;
  /** Something slow about it is under way (sweep, match): not to be begun twice. */
  isBusy: boolean;
  /** The machine refused something about it: not again before then. */
  refusedUntil?: number;
}
