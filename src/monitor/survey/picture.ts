// The monitor's picture of a root: a cache of what stands on disk, brought up to date by the survey and by what apply itself
// does. Never the truth: thrown away at any instant, the next survey makes the same one. Long because it is one picture, each fact
// beside its words.
import type { Bytes } from '../../model/bytes.ts';
import type { JobType } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import { isWaitingQueue, type Queue, queueKinds, type WaitingQueue } from '../../model/queue.ts';
import type { RunId } from '../../model/run.ts';
import { Arrivals, keyOfArrival } from './arrivals.ts';
import type {
  Arrival,
  CommandAnswer,
  Control,
  ForeignProcess,
  Refused,
  Vanished,
  WaitingUow,
} from '../../model/seen.ts';
import { type Stamp, compareStamps } from '../../model/stamp.ts';
import type { Fired, Schedule } from '../../model/schedule.ts';
import type { UowHead, UowName } from '../../model/uow.ts';
import type { FileStat } from '../../system/files.ts';
import type { EndedEntry } from '../../format/history-line.ts';
import type { StatusFlag } from '../../model/status.ts';
import { localZone, type Zone } from '../../model/zone.ts';
import type { Awaited } from '../report/alarms.ts';
import type { FlowState } from './flows.ts';
import { noParents, type Parents, touchParent } from './parents.ts';
import type { Relook } from './relook.ts';
import type { RunState } from './run-state.ts';
import { type Expiring, expiringIndex } from './expiring.ts';
import { noneNotStarted, type NotStarted } from './could-not-start.ts';
import { noStarts, type StartsKept } from './starts.ts';
import type { Uniques } from './uniques.ts';
import { type WaitingIndex, waitingIndex } from './waiting-index.ts';

/** One of the last, and where it was found and what was read there. */
export interface EndedState {
  readonly entry: EndedEntry;
  place?: EndedPlace;
}

/** Where a UOW that ended stands. */
export interface EndedPlace {
  readonly queue: Queue;
  /** The state of the file: while it is the same, its head is not read again. */
  readonly key: string;
  /** False if it is another UOW that has the name by now. */
  readonly isIt: boolean;
  readonly flags: readonly StatusFlag[];
}

/** What is known of a file in schedules/, or of one that is gone. */
export interface ScheduleState {
  readonly name: Bytes;
  /** The state of the file that was read; empty if none was. */
  key: string;
  /** Its head, and whose the file is. */
  template?: { readonly bytes: Bytes; readonly head: UowHead; readonly stat: FileStat };
  schedule?: Schedule;
  problems: readonly Problem[];
  fired?: Fired;
  nextDueAt: number;
  /** It is being written: to be looked at again then. */
  settlesAt?: number;
  /** When this monitor saw it first in its present state. */
  seen?: { readonly key: string; readonly at: number };
  refusedUntil?: number;
  goneAt?: number;
}

/** What may have changed in a queue: anything, which is listed anew, and these names, which are looked at though they are known. */
export interface Hinted {
  isAll: boolean;
  readonly names: Set<Bytes>;
}

/** The UOW of a stamp that was put among those that wait without the plan's judgement; or that all of the stamp are judged. */
export type StampAtStart = WaitingUow | 'judged';

/** All that this life of the monitor knows of its root. */
export interface Picture {
  readonly isObserver: boolean;
  /** Of who asks for what waits and runs alone: what stands where UOWs end is counted, and never read. */
  readonly isOfWaiting: boolean;
  /** The monitor's own. */
  readonly zone: Zone;
  readonly waiting: Readonly<Record<'wait' | 'priority' | 'executing', WaitingIndex>>;
  readonly expiring: Expiring;
  readonly uniques: Uniques;
  readonly arrivals: Arrivals;
  /** By `queue/name`. */
  readonly readmes: Map<string, Arrival>;
  readonly vanished: Vanished[];
  readonly runs: Map<RunId, RunState>;
  /** By its inode, the name of a UOW that a message put into a queue to run again, until it is taken in: it is no copy, whatever has its stamp besides. */
  readonly retried: Map<number, Bytes>;
  /** Inodes of UOWs whose record, or a name too many, is about to be dropped: not to be touched before. */
  readonly dropping: Set<number>;
  /** The names that the UOWs of flows get which are being taken in, by flow. */
  readonly promised: Map<Bytes, readonly Bytes[]>;
  /** The sync of the history that is under way or was the last, and the one that is to follow. */
  readonly historySync: { running: Promise<void>; next?: Promise<void> };
  /** Clean-up that met a fault of the disk: done at a later poll. */
  readonly unfinished: Set<() => void>;
  /** What to look at again, by queue. */
  readonly hints: Map<Queue, Hinted>;
  /** `place/name` of what the monitor itself did in a watched directory, and how many hints of that are to come: they are no news. */
  readonly ownMoves: Map<string, number>;
  readonly counts: Record<Queue, number>;
  /** The directories' mtimes at their last listing; a changed one means a new listing at the poll. */
  readonly listedMtimeMs: Map<Queue, number>;
  readonly staleCounts: Set<Queue>;
  /** Before that time the poll does not list the directory again. */
  readonly listableAt: Map<Queue, number>;
  /** The queues whose known names are being looked at again. */
  readonly relooks: Map<WaitingQueue | 'executing', Relook>;
  /** The queues that were listed at least once, and when those of the ended were. */
  readonly listed: Set<Queue>;
  /** The queues of which not every name that was there at the start is looked at yet. */
  readonly unlooked: Set<Queue>;
  /** The queues of which the last listing or look met a fault, or that were gone: they are listed again at the poll. */
  readonly unread: Set<Queue>;
  /** True up to the wake in which the last of those names is looked at: nobody knows yet who is first in line. */
  isFirstLook: boolean;
  /** Until then the names in flows/ and in the queues of what has ended, where they are not too many: most newcomers need not be looked for there. */
  readonly namesAtStart: Map<Queue | 'runs' | 'flows', Set<string>>;
  /** Until then the stamps of all that was found where something can start, by {@link keyOfStamp}. */
  readonly stampsAtStart: Map<number, StampAtStart>;
  /** There are more names to be looked at than one wake does. */
  isLookOwed: boolean;
  readonly endedListedAt: Map<Queue, number>;
  /** What ended last, oldest first. */
  readonly ended: EndedState[];
  /** How long the last runs of jobs took, by the job (report/usual.ts). */
  readonly tookMs: Map<string, readonly number[]>;
  readonly starts: StartsKept;
  readonly notStarted: NotStarted;
  /** The jobs that ended badly the last time (report/alarms.ts). */
  readonly failing: Set<string>;
  /** Who of a schedule waits for its first start, by `queue/name`; when one of them is late, as of the last look. */
  readonly awaited: { readonly byName: Map<string, Awaited>; lookAt: number; lookedAt: number };
  /** False until a whole line was appended to the history: its last one may be a piece. */
  isHistoryWhole: boolean;
  /** When a lasting fault was said. */
  readonly saidAt: Map<string, number>;
  /** What is being asked outside the wake. */
  readonly asking: Set<string>;
  readonly reportedForeign: Set<number>;
  /** Something that the posted status tells is not as it was, and no action of the wake says so. */
  isNews: boolean;
  /** When everybody's open files may be looked at again. */
  writersAskableAt: number;
  /** When the last survey was: an earlier time now means that the clock was set back. */
  lookedAt?: number;
  /** The kernel's id of this boot, once it was asked for. */
  bootId?: string;
  /** Which mount of its file system the root lies on, once it was asked for: it cannot be unmounted while we hold the root. */
  mountId?: string;
  control: Control;
  jobTypes: readonly JobType[];
  readonly schedules: Map<Bytes, ScheduleState>;
  /** Something in schedules/ may have changed. */
  areSchedulesHinted: boolean;
  /** The mtime of schedules/ at its last listing; a change within the same tick would not be seen by it. */
  schedulesListedMtimeMs?: number;
  /** Who waits for whom. */
  readonly parents: Parents;
  /** The flows that are not over, by name. */
  readonly flows: Map<Bytes, FlowState>;
  flowsLoaded: 'none' | 'some' | 'all';
  lastStamp: Stamp | undefined;
  /** How many wakes there were: in the first one everything that waits is old news. */
  wakes: number;
  readyCommand?: CommandAnswer;
  /** What the `when` of UOWs said, by their stamps as text. */
  readonly whenAnswers: Map<string, CommandAnswer>;
  /** The disk refused something: nothing new is begun until then. */
  trouble?: Refused;
  /** What of that was told last. */
  toldTrouble?: string | undefined;
  /** The UOWs that the machine would not let be claimed, when that was last. */
  readonly refusals: Map<UowName, Refused>;
  /** The root's disk refused everything, by which code; and since when it takes something again. */
  disk?: { readonly code: string; readonly wellAt?: number };
  foreign?: { readonly at: number; readonly processes: readonly ForeignProcess[] };
}

/** Gives a picture of nothing: the first survey lists everything. That of an observer is whole after one survey, however long it takes. */
export function emptyPicture(
  control: Control,
  { isObserver, isOfWaiting }: Pick<Picture, 'isObserver' | 'isOfWaiting'> = { isObserver: false, isOfWaiting: false },
): Picture {
  return {
    isObserver,
    isOfWaiting,
    zone: localZone(),
    waiting: { wait: waitingIndex(), priority: waitingIndex(), executing: waitingIndex() },
    expiring: expiringIndex(),
    uniques: new Map(),
    arrivals: new Arrivals(),
    readmes: new Map(),
    vanished: [],
    runs: new Map(),
    dropping: new Set(),
    retried: new Map(),
    promised: new Map(),
    historySync: { running: Promise.resolve() },
    unfinished: new Set(),
    hints: new Map(queueKinds.map((queue) => [queue, { isAll: true, names: new Set() }])),
    ownMoves: new Map(),
    counts: Object.fromEntries(queueKinds.map((queue) => [queue, 0])) as Record<Queue, number>,
    listedMtimeMs: new Map(),
    staleCounts: new Set(),
    listableAt: new Map(),
    relooks: new Map(),
    listed: new Set(),
    unlooked: new Set(queueKinds),
    unread: new Set(),
    isFirstLook: true,
    namesAtStart: new Map(),
    stampsAtStart: new Map(),
    isLookOwed: false,
    endedListedAt: new Map(),
    ended: [],
    tookMs: new Map(),
    starts: noStarts(),
    notStarted: noneNotStarted(),
    failing: new Set(),
    awaited: { byName: new Map(), lookAt: Infinity, lookedAt: -Infinity },
    isHistoryWhole: false,
    saidAt: new Map(),
    asking: new Set(),
    whenAnswers: new Map(),
    refusals: new Map(),
    reportedForeign: new Set(),
    isNews: false,
    writersAskableAt: 0,
    control,
    jobTypes: [],
    schedules: new Map(),
    areSchedulesHinted: true,
    parents: noParents(),
    flows: new Map(),
    flowsLoaded: 'none',
    lastStamp: undefined,
    wakes: 0,
  };
}

/** Notes that something may have changed in a queue; without a name, anything. */
export function hint(picture: Picture, queue: Queue, name?: Bytes): void {
  const hinted: Hinted = picture.hints.get(queue) ?? { isAll: false, names: new Set() };
  picture.hints.set(queue, hinted);
  if (name === undefined) hinted.isAll = true;
  else hinted.names.add(name);
}

/** Notes that the monitor itself made, wrote or removed a name, so that the hint of it, or `hints` of them, are no news. */
export function noteOwnMove(
  { ownMoves, namesAtStart, parents }: Picture,
  place: Queue | 'runs',
  name: string,
  hints: number = 1,
): void {
  const key = `${place}/${name}`;
  if (place !== 'runs') touchParent(parents, name as Bytes);
  namesAtStart.get(place)?.add(name);
  ownMoves.set(key, (ownMoves.get(key) ?? 0) + hints);
}

/** True if a hint about a name is of what the monitor itself did there. */
export function isOwnMove({ ownMoves }: Picture, place: Queue | 'runs', name: string): boolean {
  const key = `${place}/${name}`;
  const count = ownMoves.get(key);
  if (count === undefined) return false;
  if (count > 1) ownMoves.set(key, count - 1);
  else ownMoves.delete(key);
  return true;
}

/** Notes a stamp that is in use, so that none is given out before it. One from far in the future is somebody's typing error. */
export function noteStamp(picture: Picture, stamp: Stamp, now: number): void {
  if (stamp.seconds > now / 1000 + 86_400) return;
  if (!picture.lastStamp || compareStamps(picture.lastStamp, stamp) < 0) picture.lastStamp = stamp;
}

/** Gives what a stamp is known by during the first look. Two of them may have one key, if a person wrote them: they are taken for the same. */
export function keyOfStamp({ seconds, ordinal }: Stamp): number {
  return seconds * 1_000_000 + ordinal;
}

/** Has whoever else has the stamp of one that waits judged by the plan. */
export function noteStampAtStart({ isFirstLook, stampsAtStart }: Picture, stamp: Stamp): void {
  if (isFirstLook) stampsAtStart.set(keyOfStamp(stamp), 'judged');
}

/** False if it is known without a look that nothing of that name stands there: at the start everything there is is read anyway. */
export function mayStandIn(picture: Picture, queue: Queue | 'flows', name: Bytes): boolean {
  if (!picture.isFirstLook) return true;
  if (queue === 'flows') return picture.namesAtStart.get(queue)?.has(name) ?? true;
  if (!picture.listed.has(queue)) return true;
  if (!isWaitingQueue(queue) && queue !== 'executing') return picture.namesAtStart.get(queue)?.has(name) ?? true;
  const isHinted = picture.hints.get(queue)?.names.has(name) === true;
  const isWaiting = picture.waiting[queue].get(name) !== undefined;
  const isRunning = queue === 'executing' && runOfName(picture, name) !== undefined;
  return isHinted || isWaiting || isRunning || picture.arrivals.get(keyOfArrival({ queue, name })) !== undefined;
}

/** Gives the run whose UOW has that inode. */
export function runOfInode(picture: Picture, ino: number): RunState | undefined {
  for (const run of picture.runs.values()) if (run.uowFile.ino === ino) return run;
  return undefined;
}

/** Gives the run that holds that name. */
export function runOfName(picture: Picture, name: string): RunState | undefined {
  for (const run of picture.runs.values()) if (run.record.name === name) return run;
  return undefined;
}
