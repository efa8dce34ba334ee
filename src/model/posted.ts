// The posted status as a value: what `sjq status`, status.txt, status.json and index.html show, each in its form. Facts of one
// instant, worded for people where the words are decided elsewhere (why, reason).
import type { Bytes } from './bytes.ts';
import type { Estimate } from './estimate.ts';
import type { FlowWord } from './flow.ts';
import type { EndedQueue, Queue } from './queue.ts';
import type { StatusFlag } from './status.ts';
import type { UowName } from './uow.ts';

/** What the queue as a whole does. */
export type QueueState = 'serving' | 'paused' | 'finishing' | 'not-running';

/** Who holds the root. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly since: number;
}

/** What a job wrote into SJQ_PROGRESS: a number 0 to 100, a note, or both. */
export interface Progress {
  readonly percent?: number;
  readonly note?: string;
}

/** A UOW whose attempt was begun and is not over. */
export interface PostedRunning {
  readonly name: UowName;
  readonly attempt: number;
  readonly state: 'starting' | 'running' | 'suspended' | 'ending';
  readonly since: number;
  /** `NAME@VERSION` of a job type. */
  readonly jobType?: string;
  /** One line, cut short. */
  readonly command: string;
  readonly directory: Bytes;
  readonly progress?: Progress;
  readonly estimate?: Estimate;
}

/** A UOW that waits. */
export interface PostedWaiting {
  readonly name: UowName;
  readonly queue: Queue;
  readonly priority: number;
  readonly enqueuedAt: number;
  /** How many attempts were made. */
  readonly attempts: number;
  readonly isHeld: boolean;
  readonly jobType?: string;
  readonly why: string;
}

/** A flow or array that is not over. */
export interface PostedFlow {
  readonly name: Bytes;
  readonly state: Exclude<FlowWord, 'done'>;
  readonly done: number;
  readonly of: number;
  readonly since: number;
}

/** An attempt that ended, or a UOW that was skipped or cancelled while it waited. */
export interface PostedEnded {
  readonly name: UowName;
  readonly outcome: EndedQueue | 'skipped' | 'cancelled';
  /** As STATUS writes it: `exit=3`, `timeout`. */
  readonly reason?: string;
  readonly attempt?: number;
  readonly endedAt: number;
  readonly durationMs?: number;
  /** Where its UOW stands now; undefined if it is gone. */
  readonly queue?: Queue;
  /** What STATUS says besides, if it still tells of this attempt: `ack`, `cont`, `log!`. */
  readonly flags: readonly StatusFlag[];
}

/** What a command said that was asked whether to start. */
interface PostedAnswer {
  readonly isOk: boolean;
  readonly text: string;
}

/** What only the monitor knows of its machine, and the gates ask for. */
export interface PostedMachine {
  /** What the disk refuses: nothing new is begun. */
  readonly trouble?: string;
  /** The last answer of the `ready` command. */
  readonly ready?: PostedAnswer;
  /** The processes of `procnames` at the last look. */
  readonly foreign: readonly { readonly pid: number; readonly name: string }[];
  /** The last answers to `when`, by the stamp of the UOW as text. */
  readonly when: readonly (PostedAnswer & { readonly stamp: string })[];
  /** UOWs that the machine would not let be claimed. */
  readonly refused: readonly { readonly name: UowName; readonly text: string }[];
}

/** The whole. */
export interface Posted {
  readonly at: number;
  readonly state: QueueState;
  /** Undefined while no monitor runs. */
  readonly monitor?: Holder;
  readonly root: Bytes;
  readonly isPaused: boolean;
  /** Why it paused by itself; undefined if a person did. */
  readonly suspended?: string;
  readonly isFinishing: boolean;
  readonly slots: number;
  readonly slotsTaken: number;
  readonly machine: PostedMachine;
  /** The directory of each queue in the root, and how many UOWs stand in it. */
  readonly queues: Readonly<Record<Queue, { readonly dir: string; readonly count: number }>>;
  readonly running: readonly PostedRunning[];
  /** How many wait; `waiting` may hold only the first of them. */
  readonly waitingTotal: number;
  /** In the order in which they will start. */
  readonly waiting: readonly PostedWaiting[];
  /** How many flows are not over; `flows` may hold only some, those that need a person first. */
  readonly flowsTotal: number;
  readonly flows: readonly PostedFlow[];
  /** The newest first. */
  readonly ended: readonly PostedEnded[];
}

/** Gives what ended badly, stands where it ended, and was not acknowledged: what somebody should look at. Each UOW once. */
export function needLook(posted: Posted): readonly PostedEnded[] {
  const newest = new Map<UowName, PostedEnded>();
  for (const each of posted.ended) if (!newest.has(each.name)) newest.set(each.name, each);
  return [...newest.values()].filter(
    ({ queue, flags }) => (queue === 'error' || queue === 'fail') && !flags.includes('ack') && !flags.includes('cont'),
  );
}
