// Everything the program can do to the world. The plan decides with these words; monitor/apply carries them out. Whoever reads
// this file knows what can happen to a root.
import type { Alarm } from './alarm.ts';
import type { Bytes } from './bytes.ts';
import type { HookCommand } from './hooks.ts';
import type { Notice } from './notice.ts';
import type { Outcome, Return } from './outcome.ts';
import type { Queue } from './queue.ts';
import type { RunRecord } from './run.ts';
import type { Fired } from './schedule.ts';
import type { Arrival, Control, MessageSeen, UowSeen, Vanished, WaitingUow } from './seen.ts';
import type { Status } from './status.ts';

export type Action =
  /** Take a dropped file in: rename it aside, write a stamped copy, link that into its queue. `fresh` drops log and attempts. A flow goes to flows/, and its UOWs into the queue. */
  | { readonly kind: 'take-in'; readonly arrival: Arrival; readonly fresh: boolean }
  /** Take a stamped file in as it stands. A rerun's STATUS is set back to waiting, in place. */
  | { readonly kind: 'accept'; readonly arrival: Arrival; readonly rerun: boolean }
  /** Move what is no UOW to trash. */
  | { readonly kind: 'trash'; readonly arrival: Arrival; readonly why: string }
  /** Move a UOW that says `running` without a record to fail-q as interrupted. */
  | { readonly kind: 'interrupt'; readonly arrival: Arrival }
  /** Remove a second name of a claimed or running UOW from a queue it does not belong to. */
  | { readonly kind: 'unlink-duplicate'; readonly arrival: Arrival }
  /** Write into a UOW that a person took out of the queue what that means. */
  | { readonly kind: 'note-vanished'; readonly vanished: Vanished }
  /**
   * Make an attempt: run record, second link, STATUS running, move to currently-executing; all durable. With a fault it is one that
   * cannot start, and one that has expired ends with that.
   */
  | { readonly kind: 'claim'; readonly uow: WaitingUow; readonly fault?: string; readonly isExpired?: true }
  /** Ask the launcher to start a claimed attempt. */
  | { readonly kind: 'launch'; readonly record: RunRecord }
  /** Take the right to start an attempt back from its guardian. */
  | { readonly kind: 'withdraw'; readonly record: RunRecord }
  /** Ask a guardian to end its job. */
  | { readonly kind: 'end-job'; readonly record: RunRecord; readonly why: 'killed' }
  /** End what is left of an attempt whose guardian is dead. */
  | { readonly kind: 'sweep'; readonly record: RunRecord }
  /** Search an ended attempt's output for its patterns. */
  | { readonly kind: 'match'; readonly record: RunRecord }
  /** Run the hooks of an attempt that ended: a record with the outcome, durably, and a launch. */
  | {
      readonly kind: 'run-hooks';
      readonly record: RunRecord;
      readonly outcome: Outcome;
      readonly commands: readonly HookCommand[];
    }
  /** Go on with a run of hooks that a crash cut short before it began; a new one if its guardian was killed. */
  | { readonly kind: 'run-hooks-again'; readonly record: RunRecord; readonly isNew: boolean }
  /** Put the name of a running UOW back into currently-executing; what stands there instead goes to trash. */
  | { readonly kind: 'restore'; readonly record: RunRecord }
  /** Write the outcome and move the UOW to its queue; then drop the record. */
  | {
      readonly kind: 'finish';
      readonly record: RunRecord;
      readonly outcome: Outcome;
      readonly startedAt?: number;
      readonly endedAt?: number;
      readonly left: number;
    }
  /** Move a claimed UOW back to a waiting queue; then drop the record. `ended` tells of an attempt that took place. */
  | {
      readonly kind: 'return';
      readonly record: RunRecord;
      readonly back: Return;
      readonly ended?: {
        readonly outcome: Outcome;
        readonly startedAt?: number;
        readonly endedAt?: number;
        readonly left: number;
      };
    }
  /** Find out what a gate needs and the survey does not read: the ready command, foreign processes, writers of young files. */
  | { readonly kind: 'ask'; readonly what: 'ready-command' | 'foreign-processes' }
  /** Find out what the `when` of a UOW says. */
  | { readonly kind: 'ask-when'; readonly uow: WaitingUow }
  | { readonly kind: 'ask-writers'; readonly arrivals: readonly Arrival[] }
  /** Report a foreign process that runs too long, once. */
  | { readonly kind: 'report-foreign'; readonly pid: number; readonly notice: Notice }
  /** Make the UOWs of these times of a schedule, once, whatever comes between; say which times were left out or missed. */
  | {
      readonly kind: 'fire';
      readonly schedule: Bytes;
      readonly times: readonly number[];
      readonly skipped: readonly number[];
      readonly missed?: { readonly first: number; readonly count: number };
      /** Everything up to then is dealt with. */
      readonly after: number;
    }
  /** Keep durably what is known of a new or changed schedule: its times count from now on. */
  | {
      readonly kind: 'keep-fired';
      readonly schedule: Bytes;
      readonly fired: Fired;
      readonly why: 'new' | 'edited' | 'clock';
    }
  /** Drop what is kept of a schedule that is gone. */
  | { readonly kind: 'forget-schedule'; readonly schedule: Bytes }
  /** Tell those who want to know without looking. */
  | { readonly kind: 'alarm'; readonly alarm: Alarm }
  /** Append a line to monitor_says. */
  | { readonly kind: 'say'; readonly notice: Notice }
  /** Change the switches, durably. */
  | { readonly kind: 'control'; readonly control: Control }
  /** Read config.yaml anew and use it, whole or not at all. */
  | { readonly kind: 'reload'; readonly message: MessageSeen }
  /** Note which attempt a message means, durably, before anything is done about it. */
  | { readonly kind: 'resolve'; readonly message: MessageSeen; readonly to: string }
  /** Do what a message asks for, and only then answer it; what keeps it from being done is the answer instead. */
  | { readonly kind: 'obey'; readonly message: MessageSeen; readonly deed: Deed; readonly answer: Notice }
  /** Leave a message, and all behind it, until its UOW is taken in; look again at that time at the latest. */
  | { readonly kind: 'put-off'; readonly message: MessageSeen; readonly until: number }
  /** Note that a message line is acted upon. */
  | { readonly kind: 'acted'; readonly message: MessageSeen }
  /** End the monitor. */
  | { readonly kind: 'stop'; readonly why: string }
  /** Leave an arrival alone until that time. */
  | { readonly kind: 'leave'; readonly arrival: Arrival; readonly until: number }
  /** Nothing to do now, but look again at that time. */
  | { readonly kind: 'look-again'; readonly at: number };

/** What a message about one UOW has done to it. Each may be repeated: what is done already is not done twice. */
export type Deed =
  /** Write a STATUS in place, append a note behind the log. */
  | { readonly kind: 'mark'; readonly uow: UowSeen; readonly status?: Status; readonly note?: Note }
  /** Move it to another queue. With a STATUS, which is written first, it has ended; without one it is to be taken in anew. */
  | { readonly kind: 'move'; readonly uow: UowSeen; readonly to: Queue; readonly status?: Status }
  /** Take a waiting UOW in anew with one header field changed. */
  | { readonly kind: 'edit'; readonly uow: UowSeen; readonly field: string; readonly content: string }
  /** Stop or continue every process of a running job. */
  | { readonly kind: 'signal-job'; readonly record: RunRecord; readonly signal: 'STOP' | 'CONT' }
  /** Make a UOW of a schedule now. */
  | { readonly kind: 'fire-now'; readonly schedule: Bytes }
  /** Let a schedule go on, or not. */
  | { readonly kind: 'switch-schedule'; readonly schedule: Bytes; readonly isDisabled: boolean }
  /** Let a flow go on, or not. */
  | { readonly kind: 'close-flow'; readonly flow: Bytes }
  | { readonly kind: 'switch-flow'; readonly flow: Bytes; readonly isPaused: boolean }
  /** Drop a UOW of a job type. */
  | { readonly kind: 'submit'; readonly jobType: string; readonly fields: readonly (readonly [string, string])[] };

/** What came of a deed: done, perhaps with a better answer; `gone` for a UOW that is not any more what it was judged by; or why it cannot be. */
export type Done = 'done' | 'gone' | { readonly refused: string } | { readonly text: string };

/** A person's word, appended behind a log. */
export interface Note {
  readonly at: number;
  readonly who: string;
  readonly text: string;
  /** An earlier life of the monitor began on it: it may be there already. */
  readonly isAgain: boolean;
}

/** What came of an action: done, or the race that took its object away. Faults are reported by apply itself. */
export type Receipt = 'done' | 'gone' | 'fault';

/** A move as monitor_says reports it. */
export interface Move {
  readonly name: Bytes;
  readonly from: Queue;
  readonly to: Queue;
}
