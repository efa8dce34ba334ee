// One attempt: its run record, what its guardian reported, and how it is to be launched. Text form: format/run-record.ts.
import type { Bytes } from './bytes.ts';
import type { OnExpire } from './expiry.ts';
import type { Need } from './needs.ts';
import type { Hooking, Hooks } from './hooks.ts';
import type { KeptBy } from './limits.ts';
import type { Retrying } from './retry.ts';
import type { Stamp } from './stamp.ts';
import type { Queue } from './queue.ts';
import type { UowName } from './uow.ts';

/** The id of one attempt: stamp, attempt and a piece of its token; never reused. Names its files in `.sjq`. */
export type RunId = string & { readonly __runId: unique symbol };

/** Gives the id of an attempt. */
export function runIdOf(stamp: Stamp, attempt: number, token: string): RunId {
  return `${String(stamp.seconds)}-${String(stamp.ordinal)}.${String(attempt)}-${token.slice(0, 6)}` as RunId;
}

/**
 * How much of an output is kept: the file grows to a size in KiB, which is when so many bytes of output are in it, and of what is more
 * the last so many bytes.
 */
export interface Keep {
  readonly fileKib: number;
  readonly headBytes: number;
  readonly tailBytes: number;
}

/** Everything the guardian needs to run the job. Texts are bytes as they go to the kernel. */
export interface Launch {
  readonly argv: readonly Bytes[];
  /** `NAME=VALUE`, the job's whole environment. */
  readonly environment: readonly Bytes[];
  /** `NAME=PATH`: variables whose value the guardian reads from a file, so that it never stands in a record. */
  readonly secrets: readonly Bytes[];
  readonly directory: Bytes;
  /** The job's stdin; empty for /dev/null. */
  readonly input: Bytes;
  readonly output: 'tee' | 'append';
  readonly leftovers: 'kill' | 'leave';
  readonly timeoutMs?: number;
  /** It is ended when it has been silent for so long: no output, no progress. */
  readonly idleMs?: number;
  readonly keep?: Keep;
  readonly graceMs: number;
  readonly umask?: string;
  /** A cgroup directory of the attempt's own, where one is delegated; empty if not. */
  readonly cgroup: Bytes;
}

/** What decides the outcome besides the exit code. */
export interface Judging {
  readonly doneExit: readonly number[];
  readonly failExit: readonly number[];
  readonly errorWhen?: string;
  readonly failWhen?: string;
  readonly idempotent: boolean;
  /** What becomes of one that has expired. Absent for all others. */
  readonly onExpire?: OnExpire;
  /** Absent where it is not tried again. */
  readonly retrying?: Retrying;
}

/** What is told of the environment of an attempt: what its header, its files and its job type set. Texts, bounded; plan/given.ts says how. */
export interface Given {
  /** Where programs are looked for. Absent where that is the standard one. */
  readonly searchPath?: string;
  /** `NAME=VALUE` each. */
  readonly environment?: readonly string[];
  /** Names of variables whose values are not told. */
  readonly hidden?: readonly string[];
  /** How many variables are not even named. */
  readonly leftOut?: number;
}

/** A run record as the monitor wrote it at the claim; nothing in it changes afterwards. */
export interface RunRecord {
  readonly id: RunId;
  readonly name: UowName;
  /** The queue it was claimed from, where a retry goes back to. */
  readonly queue: Queue;
  readonly stamp: Stamp;
  readonly attempt: number;
  readonly token: string;
  readonly bootId: string;
  /** Which mount of its file system the root lay on (system/mounts.ts); empty where the kernel does not tell. Records of older versions have none. */
  readonly mountId?: string;
  readonly claimedAt: number;
  readonly slots: number;
  /** The resources it takes. Absent for none. */
  readonly needs?: readonly Need[];
  /** The key that no other may have meanwhile. */
  readonly unique?: string;
  /** `NAME@VERSION` of the job type that it runs. */
  readonly jobType?: string;
  /** What keeps its limits. Absent where it has none. */
  readonly limits?: KeptBy;
  /** Absent where nothing was given. Records of older versions have none. */
  readonly given?: Given;
  /** Who dropped it, its group and its flow, for the history. Records of older versions have none of them. */
  readonly submitter?: string;
  readonly group?: string;
  readonly flow?: string;
  /** The array that it is of. */
  readonly array?: string;
  /** The schedule that made it, and the time it was made for as its header says it. */
  readonly schedule?: string;
  readonly scheduledAt?: string;
  /** The head as claimed, so that it can be restored. */
  readonly head: Bytes;
  /** Where the STATUS line and this attempt's output begin. */
  readonly statusOffset: number;
  readonly logOffset: number;
  readonly eol: '\n' | '\r\n';
  readonly launch: Launch;
  readonly judging: Judging;
  /** Commands that run when it has ended. */
  readonly hooks?: Hooks;
  /** In the record of a run of hooks, and only there. */
  readonly hooking?: Hooking;
}

/** Why the guardian says an attempt ended: by itself, or ended by it. */
export type EndReason = 'exit' | 'timeout' | 'idle' | 'killed' | 'cannot-start' | 'interrupted' | 'expired';

/** What the guardian wrote into the record at the end: the commit point of the attempt. */
export interface RunResult {
  /** The exit code; 128+n for signal n. */
  readonly code: number;
  readonly why: EndReason;
  readonly startedAt: number;
  readonly endedAt: number;
  /** tee's exit code, or `open` if something kept its pipe open for 5 s after the end. */
  readonly tee: number | 'open';
  /** How many processes of the job were alive at its end. */
  readonly left: number;
  /** CPU time of what the guardian waited for: the job with what it waited for, and tee. Absent where nobody measured. */
  readonly cpuMs?: number;
}

/** Where an ended UOW goes, decided once and written into the record before it is carried out. */
export interface Destination {
  readonly queue: Queue;
  /** The name there; another than the UOW's only if a person took its name meanwhile. */
  readonly suffix: number;
}
