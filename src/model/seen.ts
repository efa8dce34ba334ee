// What a survey tells the plan: the whole picture of a root at one instant. Facts only, no decisions. Long because it is one
// picture, each fact beside its words.
import type { Bytes } from './bytes.ts';
import type { JobType } from './config.ts';
import type { Problem } from './errors.ts';
import type { Expiry } from './expiry.ts';
import type { Hooking } from './hooks.ts';
import type { FlowWord } from './flow.ts';
import type { ParsedMessage } from './message.ts';
import type { Need } from './needs.ts';
import type { OfParents } from './parents.ts';
import type { Queue, WaitingQueue } from './queue.ts';
import type { Rated, Starts } from './rate.ts';
import type { RunRecord, RunResult } from './run.ts';
import type { Fired, Schedule } from './schedule.ts';
import type { StartTimes } from './start-times.ts';
import type { Stamp } from './stamp.ts';
import { type UowHead, uniqueKeyIn, type UowName } from './uow.ts';
import type { Zone } from './zone.ts';

/** A UOW that is taken in and waits; also one that a person put into currently-executing, which is next in line. */
export interface WaitingUow extends OfParents {
  readonly name: UowName;
  readonly queue: WaitingQueue | 'executing';
  readonly ino: number;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly stamp: Stamp;
  /** Its own and its group's. */
  readonly priority: number;
  readonly slots: number;
  readonly held: boolean;
  readonly jobType?: string;
  /** The schedule that made it. */
  readonly schedule?: string;
  /** The flow that it is of, as its header has it. */
  readonly flow?: string;
  /** The array that it is of, by its full name, and how many of that may run at once. Where it is its flow, it is all of it. */
  readonly array?: { readonly of: string; readonly atMost?: number };
  /** How many attempts were made. */
  readonly attempts: number;
  /** The attempt to come is a retry: which one, of how many, and when it is due. */
  readonly retry?: { readonly number: number; readonly of: number; readonly at: number };
  readonly group?: string;
  /** The resources it takes while it runs. */
  readonly needs?: readonly Need[];
  /** What its header says of starts per time. */
  readonly rate?: Rated;
  /** When it may start by the clock, if its header says. */
  readonly times?: StartTimes;
  /** A command says whether it may start; its answer counts for so long. Milliseconds. */
  readonly whenEveryMs?: number;
  /** The key that no other may have meanwhile. */
  readonly unique?: string;
  /** When it is not worth starting any more. */
  readonly expires?: Expiry;
  /** The machine would not let it be claimed. */
  readonly refused?: Refused;
  /** Its parents keep it: it stands behind all of its queue that they do not keep. */
  readonly isParked?: true;
}

/** The machine refused something: not again before then, and why. */
export interface Refused {
  readonly until: number;
  readonly text: string;
}

/** What an arrival turned out to be when its head was read. */
export type ArrivalKind =
  | { readonly kind: 'uow'; readonly head: UowHead }
  /** A UOW whose first line says nothing and that has no STATUS, as people drop them: nothing of its head is kept but a key, because there may be 100,000. */
  | { readonly kind: 'unstamped'; readonly unique?: string }
  /** Several UOWs in one file. */
  /** `isSubmitted`: it says of itself that it is whole. */
  | { readonly kind: 'flow'; readonly isSubmitted: boolean }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly kind: 'readme' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'special'; readonly what: string };

/** A name that appeared or changed in a queue and that nothing is known of yet. */
export interface Arrival {
  readonly name: UowName;
  readonly queue: Queue;
  readonly is: ArrivalKind;
  readonly ino: number;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** When this monitor first saw it with this size and time. */
  readonly unchangedSince: number;
  /** Somebody has it open for writing; undefined if nobody has looked yet. */
  readonly isBeingWritten: boolean | undefined;
  /** What was to be done with it was refused by the machine: not again before then. */
  readonly refusedUntil?: number;
  /** When somebody looked. */
  readonly writersAskedAt?: number;
  /** Belongs to the monitor's user, has one name, and its STATUS can be rewritten in place. */
  readonly canKeepFile: boolean;
  /** It was submitted, and still has the second name under which it was written: whoever submits it has not been told its name. */
  readonly isBeingLinked?: true;
  /** It is a copy of a UOW that still stands where it ended. */
  readonly hasOriginal: boolean;
  /** The attempt whose running UOW this is: a person moved it here, or a crash left two names. */
  readonly runId?: string;
  /** The same file has a second name there, at a later stage: a crash came between making that one and removing this. */
  readonly standsIn?: Queue;
  /** The same file is known to wait under another name. */
  readonly isSecondName?: boolean;
  /** The file has more names than this one, wherever they are. */
  readonly hasOtherName?: true;
}

/** A UOW that stood in a waiting queue and is there no longer, by a person's hand. */
export interface Vanished {
  readonly uow: WaitingUow;
  /** Where its inode is now; undefined if it was removed. */
  readonly now?: Queue;
}

/** A claimed UOW: its record and what is found of its attempt. A row of protocol.md's table. */
export interface ClaimSeen {
  readonly record: RunRecord;
  readonly started: 'no' | 'withdrawn' | 'yes';
  readonly result?: RunResult;
  readonly isGuardianAlive: boolean;
  readonly isSameBoot: boolean;
  /** False if the file system was mounted anew since the claim, or may have been. */
  readonly isSameMount: boolean;
  /** This monitor has asked its living launcher to start it, at that time. */
  readonly askedAt?: number;
  /** All processes of the attempt were looked for and ended. */
  readonly isTreeGone: boolean;
  /** What stands under its name in currently-executing; `missing` also if only its second link is. */
  readonly placed: 'there' | 'missing' | 'replaced';
  /** Its file has already reached its destination: only the record is left to drop. */
  readonly isFinished: boolean;
  /** Which of its patterns its output matched; undefined while nobody has looked. */
  readonly matched?: { readonly error: boolean; readonly fail: boolean };
  /** What it left in SJQ_RESULT. */
  readonly resultFile: 'none' | 'json' | 'not-json' | 'unread';
  /** The run of its hooks, once there is one. */
  readonly hooking?: HookingSeen;
  /** An end was asked for by a person. */
  readonly isEndAsked: boolean;
  /** A person had it stopped where it is. */
  readonly isSuspended: boolean;
  /** A sweep or a match is under way, or the machine refused something about it a moment ago. */
  readonly isBusy: boolean;
}

/** A run of an attempt's hooks: its record, and what is found of it. */
export interface HookingSeen extends Hooking {
  readonly isStarted: boolean;
  readonly isGuardianAlive: boolean;
  /** It has a result. */
  readonly isOver: boolean;
  /** This monitor has asked its living launcher for it, at that time. */
  readonly askedAt?: number;
  /** All processes of the attempt were looked for and ended since it was found without its guardian. */
  readonly isTreeGone: boolean;
}

/** Facts about the machine that gates need. `at` says when they were true; undefined ones were not asked for yet. */
export interface MachineSeen {
  readonly load: number;
  readonly freeMemoryBytes: number;
  readonly freeDiskBytes: number;
  readonly readyCommand?: CommandAnswer;
  /** What the `when` of a UOW said, by its stamp as text. */
  readonly whenAnswers: ReadonlyMap<string, CommandAnswer>;
  /** The disk refused something lately: nothing new is begun until then. */
  readonly trouble?: Refused;
  readonly foreign?: { readonly at: number; readonly processes: readonly ForeignProcess[] };
}

/** What a command said that was asked whether to start: yes if it exited 0, and the last line that it printed. */
export interface CommandAnswer {
  readonly at: number;
  readonly isOk: boolean;
  readonly text: string;
}

/** A process with a name in procnames that is not the monitor's own. */
export interface ForeignProcess {
  readonly pid: number;
  readonly name: string;
  readonly startedAt: number;
}

/** The switches that people set by messages. */
export interface Control {
  readonly paused: boolean;
  /** Why it paused by itself; undefined if a person did. */
  readonly suspended?: string;
  /** Start nothing more and end after the running jobs. */
  readonly finishing: boolean;
  readonly slots?: number;
  /** Those that PAUSE GROUP named. */
  readonly pausedGroups?: readonly string[];
  /** What RESOURCE made of capacities that config.yaml gives. */
  readonly resources?: Readonly<Record<string, number>>;
}

/** What could not start since the last job that did. */
export interface CouldNotStart {
  /** The newest UOW of each job: of different ones. */
  readonly jobs: readonly UowName[];
  /** How many launchers in a row ended at once. */
  readonly launchers: number;
}

/** A complete line from monitor_reads. */
export interface MessageLine {
  readonly text: Bytes;
  /** Where it stands: the inbox file and the offset behind the line, up to which that file is acted upon. */
  readonly file: Bytes;
  readonly endOffset: number;
  /** Since when it waits at the front for its UOW to be taken in. */
  readonly waitsSince?: number;
  /** What an earlier life of the monitor noted that it means before it ended: that attempt and no later one. */
  readonly resolvedTo?: string;
  /** monitor_says holds its answer: an earlier life ended before it could note that it was acted upon. */
  readonly isAnswered: boolean;
}

/** A message, and the UOW that it names as it was found for it. */
export interface MessageSeen extends MessageLine, ParsedMessage {
  readonly about?: UowSeen;
}

/** A UOW that a message names: where it stands and what its head says. */
export interface UowSeen {
  readonly name: UowName;
  readonly queue: Queue;
  readonly ino: number;
  /** Undefined for a file that is no valid UOW. */
  readonly head?: UowHead;
  /** False for one in a waiting queue that is still being taken in. */
  readonly isTakenIn: boolean;
  /** Why its head cannot be read. */
  readonly fault?: string;
}

/** True for a file that is a valid UOW, or several. */
export function isUow({ is }: Arrival): boolean {
  return is.kind === 'uow' || is.kind === 'unstamped' || is.kind === 'flow';
}

/** A flow that is not over. */
export interface FlowSeen {
  /** As headers have it. */
  readonly name: string;
  readonly word: FlowWord;
  readonly isPersistent?: true;
}

/** Gives the key that a newcomer asks for, that no other may have while it waits or runs. */
export function uniqueKeyOf({ is }: Pick<Arrival, 'is'>): string | undefined {
  if (is.kind === 'unstamped') return is.unique;
  return is.kind === 'uow' ? uniqueKeyIn(is.head) : undefined;
}

/** One that waits or runs and has a unique key. */
export interface UniqueHolder {
  readonly name: UowName;
  readonly ino: number;
}

/** A file in schedules/, or what is kept of one that is gone. */
export interface ScheduleSeen {
  readonly name: Bytes;
  /** Undefined while nobody has read it, if it is none, and if it is gone. */
  readonly schedule?: Schedule;
  readonly problems: readonly Problem[];
  readonly fired?: Fired;
  /** When its next UOW is due; Infinity if there is none to come. */
  readonly nextDueAt: number;
  /** It is being written, or the machine refused something about it: to be looked at then. */
  readonly lookAt?: number;
  /** Since when it is gone. */
  readonly goneAt?: number;
}

/** The picture of a root. Waiting UOWs come in the order of their queue, front first; iterate only as far as needed. */
export interface Seen {
  readonly now: number;
  /** The monitor's own, in which people read times. */
  readonly zone: Zone;
  readonly control: Control;
  readonly messages: readonly MessageSeen[];
  /** Those of which something may be concluded now; a monitor judges some thousands at a time. */
  readonly arrivals: readonly Arrival[];
  /** Of what stood there at the start not all is looked at yet: nobody knows who is first in line. */
  readonly isPartial?: boolean;
  /** Where a UOW can start there may be names that nobody has looked at yet: the other name of a file may be among them. */
  readonly hasUnseenNames?: boolean;
  readonly vanished: readonly Vanished[];
  readonly claims: readonly ClaimSeen[];
  readonly waiting: Readonly<Record<WaitingQueue | 'executing', Iterable<WaitingUow>>>;
  /** Who has the keys that arrivals ask for. */
  readonly uniques: ReadonlyMap<string, readonly UniqueHolder[]>;
  /** Those that wait although their ttl is over, some hundreds at most, and when the next one's is. */
  readonly expired: readonly WaitingUow[];
  readonly nextExpiryAt?: number;
  readonly machine: MachineSeen;
  readonly jobTypes: readonly JobType[];
  readonly schedules: readonly ScheduleSeen[];
  readonly flows: readonly FlowSeen[];
  readonly couldNotStart: CouldNotStart;
  /** What was started lately, as far back as rates ask for it; undefined where nobody has one. */
  readonly starts?: Starts;
  /** Foreign processes that were already reported for running too long. */
  readonly reportedForeign: ReadonlySet<number>;
  /** How many UOWs stand in each ended queue, archive and trash. */
  readonly counts: Readonly<Record<Queue, number>>;
}
