// Looking at the queues: which names came, changed or went. Hints say which names to look at; a directory is listed anew at the
// start, and at the poll when its mtime changed. Nothing that is known and unchanged is read again, and of many names some in one
// wake, so that messages and ends of jobs come between.
// Long because each queue is looked at by the same few steps.
import type { Bytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import {
  isEndedQueue,
  isIgnoredName,
  isReadmeName,
  isWaitingQueue,
  type Queue,
  queueKinds,
  type WaitingQueue,
} from '../../model/queue.ts';
import { type Arrival, isUow, type WaitingUow } from '../../model/seen.ts';
import { errnoOf } from '../../model/errno.ts';
import type { FileStat } from '../../system/files.ts';
import { arrivalAs, arrivalFrom, type Found } from './arrival.ts';
import type { Context } from '../context.ts';
import { isCounted, isLarge, mayList, noteListed } from './count.ts';
import { isKnownOfOld, twinAtStart } from './known-of-old.ts';
import { suffixed } from '../apply/names.ts';
import { touchParent } from './parents.ts';
import { isSame, noteRelook, relookSome } from './relook.ts';
import { hint, isOwnMove, noteStamp, runOfInode, runOfName } from './picture.ts';
import { sayOnce } from '../report/say-once.ts';

/** A directory whose mtime is younger than this at its listing may change once more within the same tick. @see facts.md */
const mtimeTickMs = 20;

/** Of a queue of what has ended so many names at most are kept for the first look. */
const keptAtMost = 20_000;
/** So many names at most are looked at in one wake. */
const looksAWake = 1024;

/** Brings the picture's waiting UOWs, arrivals and counts up to date. A queue that cannot be read is said, and left as it was. */
export function lookAround(context: Context, isPoll: boolean): void {
  const { picture, machine } = context;
  const now = machine.clock.now();
  if (isPoll) {
    for (const queue of queueKinds) if (mayList(context, queue) && mayHaveChanged(context, queue)) hint(picture, queue);
    for (const queue of [...picture.relooks.keys()])
      for (const name of relookSome(context, queue)) hint(picture, queue, name);
    // Their hints have long come, or never will.
    picture.ownMoves.clear();
  }
  // Nothing hints at its other name going, which begins with a dot.
  for (const { queue, name } of picture.arrivals.beingLinked()) hint(picture, queue, name);
  picture.isFirstLook = picture.unlooked.size > 0;
  if (picture.isFirstLook) noteFlowNames(context);
  else {
    picture.namesAtStart.clear();
    picture.stampsAtStart.clear();
  }
  picture.isLookOwed = false;
  let left = picture.isObserver ? Infinity : looksAWake;
  for (const queue of queueKinds) {
    const hinted = picture.hints.get(queue);
    if (hinted === undefined) continue;
    picture.hints.delete(queue);
    try {
      if (hinted.isAll) list(context, queue, hinted.names, now);
      left -= checkSome(context, queue, hinted.names, { atMost: left, now });
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      picture.listedMtimeMs.delete(queue);
      picture.unread.add(queue);
      for (const name of hinted.names) hint(picture, queue, name);
      picture.unlooked.delete(queue);
      const text = `${context.config.queues[queue]} cannot be read (${String(error)}): give the monitor’s user the right to`;
      sayOnce(context, `cannot read ${queue}`, { event: 'fault', text });
    }
  }
  dropRenamed(context);
}

/** Where they cannot be listed each name is looked up in flows/, and the fault is said by who reads them. */
function noteFlowNames({ machine, paths, picture }: Context): void {
  if (picture.namesAtStart.has('flows')) return;
  try {
    picture.namesAtStart.set('flows', new Set(machine.files.list(paths.flows)));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/** Looks at some of the names, and leaves the others hinted at. Gives how many it looked at. */
function checkSome(
  context: Context,
  queue: Queue,
  names: Set<Bytes>,
  { atMost, now }: { readonly atMost: number; readonly now: number },
): number {
  const { picture } = context;
  let looks = 0;
  for (const name of names) {
    if (looks >= atMost) break;
    looks += 1;
    check(context, queue, name, now);
    // Not before: what a fault of the disk keeps from being looked at is to be looked at again.
    names.delete(name);
  }
  if (names.size === 0) {
    picture.unlooked.delete(queue);
    return looks;
  }
  for (const name of picture.hints.get(queue)?.names ?? []) names.add(name);
  picture.hints.set(queue, { isAll: false, names });
  picture.isLookOwed = true;
  return looks;
}

/** True if the directory was changed since it was listed, or cannot be asked: the listing says what is the matter. */
function mayHaveChanged({ picture, machine, paths }: Context, queue: Queue): boolean {
  try {
    return machine.files.stat(paths.queue[queue])?.mtimeMs !== picture.listedMtimeMs.get(queue);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return true;
  }
}

/** A UOW that a person renamed within the queues where it can wait was not taken away: it is there as an arrival. */
function dropRenamed({ picture }: Context): void {
  if (picture.vanished.length === 0) return;
  const gone = picture.vanished.filter(({ uow }) => !picture.arrivals.ofInode(uow.ino).some(isLive));
  picture.vanished.splice(0, picture.vanished.length, ...gone);
}

function isLive({ queue }: Pick<Arrival, 'queue'>): boolean {
  return isWaitingQueue(queue) || queue === 'executing';
}

/** Lists a directory: adds to `hinted` the names in it that are to be looked at. */
function list(context: Context, queue: Queue, hinted: Set<Bytes>, now: number): void {
  const { picture, machine, paths } = context;
  const dir = paths.queue[queue];
  const startedAt = machine.clock.now();
  const stat = machine.files.stat(dir);
  const isCountedLater = !isWaitingQueue(queue) && queue !== 'executing' && isLarge(context, stat);
  const names = isCountedLater ? [] : machine.files.list(dir);
  if (names === undefined || !stat) {
    // Deleted by somebody: what waited there is not concluded to be cancelled.
    const text = `${context.config.queues[queue]} is gone: make it again (mkdir), the monitor goes on then`;
    sayOnce(context, `gone ${queue}`, { event: 'fault', text });
    picture.listedMtimeMs.delete(queue);
    picture.unread.add(queue);
    return;
  }
  const isFirst = !picture.listed.has(queue);
  picture.listed.add(queue);
  picture.unread.delete(queue);
  // One that lies ahead, because the clock was set back, is as little of this tick.
  if (Math.abs(now - stat.mtimeMs) >= mtimeTickMs) picture.listedMtimeMs.set(queue, stat.mtimeMs);
  else picture.listedMtimeMs.delete(queue);
  if (isWaitingQueue(queue) || queue === 'executing') listLive(context, queue, names, hinted);
  else if (isCountedLater) picture.staleCounts.add(queue);
  else listEnded(context, queue, names, { first: isFirst ? stat : undefined, hinted, now });
  noteListed(context, queue, startedAt);
}

function listLive(
  context: Context,
  queue: WaitingQueue | 'executing',
  names: readonly Bytes[],
  hinted: Set<Bytes>,
): void {
  const { picture } = context;
  const known = picture.waiting[queue];
  // Those that are gone first: one that was renamed is then known as that when it is found.
  const present = new Set<string>(known.size > 0 || picture.arrivals.size > 0 ? names : []);
  for (const name of known.keys()) if (!present.has(name)) hinted.add(name as Bytes);
  for (const { queue: where, name } of picture.arrivals) if (where === queue && !present.has(name)) hinted.add(name);
  noteRelook(context, queue);
  for (const name of relookSome(context, queue)) hinted.add(name);
  for (const name of names) if (!known.get(name) && !isIgnoredName(name)) hinted.add(name);
}

/**
 * A queue of what has ended is counted, not read: it may hold a million. Only when the count is not what the monitor's own moves
 * made it, or at the start when the directory changed after the history did, are files looked at that a person may have put there.
 */
function listEnded(
  context: Context,
  queue: Queue,
  names: readonly Bytes[],
  { first, hinted, now }: { readonly first: FileStat | undefined; readonly hinted: Set<Bytes>; readonly now: number },
): void {
  const { picture, machine, paths } = context;
  const counted = names.filter(isCounted);
  if (picture.isFirstLook && counted.length <= keptAtMost) picture.namesAtStart.set(queue, new Set(counted));
  else picture.namesAtStart.delete(queue);
  const lastOwnMs = machine.files.stat(paths.history)?.mtimeMs ?? 0;
  const isForeign = first ? first.mtimeMs > lastOwnMs : counted.length > picture.counts[queue];
  const sinceMs = first ? lastOwnMs : (picture.endedListedAt.get(queue) ?? 0);
  picture.isNews ||= picture.counts[queue] !== counted.length;
  picture.counts[queue] = counted.length;
  picture.staleCounts.delete(queue);
  picture.endedListedAt.set(queue, now);
  if (queue !== 'trash') for (const name of names) if (isReadmeName(name)) hinted.add(name);
  if (!isForeign || !isEndedQueue(queue) || picture.isOfWaiting) return;
  for (const name of counted) {
    const stat = machine.files.stat(join(paths.queue[queue], name));
    if (stat && stat.ctimeMs >= sinceMs) hinted.add(name);
  }
}

/** Looks at one name in one queue and puts what it is into the picture; with `isAnew` also if it is as it was known to wait. */
function check(context: Context, queue: Queue, name: Bytes, now: number, isAnew: boolean = false): void {
  if (isIgnoredName(name)) return;
  const { picture, machine, paths } = context;
  const key = `${queue}/${name}`;
  touchParent(picture.parents, name);
  const stat = machine.files.stat(join(paths.queue[queue], name));
  // In trash there may be many: it is where the surplus ones of all queues go.
  if (isReadmeName(name) && queue !== 'trash') {
    picture.readmes.delete(key);
    if (stat?.kind === 'file') {
      picture.readmes.set(key, arrivalAs({ kind: 'readme' }, { queue, name, stat, now }));
      return;
    }
  }
  if (!isWaitingQueue(queue) && queue !== 'executing') {
    checkEnded(context, queue, name, stat, now);
    return;
  }
  const known = picture.waiting[queue].get(name);
  if (!stat) {
    picture.arrivals.delete(key);
    if (known) vanish(context, known);
    return;
  }
  if (known && !isAnew && isSame(known, stat)) return;
  // Whatever stands under a running UOW's name is the run's affair (runs.ts: placed).
  if (queue === 'executing' && runOfName(picture, name)) return;
  if (runOfInode(picture, stat.ino)?.destination || picture.dropping.has(stat.ino)) {
    // Where it goes to, or where a person who was quicker has moved it: looked at again when the record is gone.
    hint(picture, queue, name);
    return;
  }
  const before = picture.arrivals.get(key);
  if (before && isSame(before, stat)) return;
  if (known) picture.waiting[queue].remove(name);
  take(context, queue, name, stat, now);
}

function take(context: Context, queue: Queue, name: Bytes, stat: FileStat, now: number): void {
  const { picture } = context;
  const key = `${queue}/${name}`;
  if (stat.kind === 'directory') {
    const text = 'a directory in a queue is left alone: move it elsewhere';
    sayOnce(context, key, { event: 'attention', name, fields: { queue: context.config.queues[queue] }, text });
    return;
  }
  picture.arrivals.delete(key);
  const run = runOfInode(picture, stat.ino);
  const arrival = arrivalBesideTwin(context, { queue, name, stat, now });
  if (arrival === undefined) return;
  // Before a stamp is given out: with the clock set back the next one might be this.
  if (arrival.is.kind === 'uow' && arrival.is.head.stamp) noteStamp(picture, arrival.is.head.stamp, now);
  if (picture.isFirstLook && isKnownOfOld(context, arrival, now)) return;
  const standsIn = run || stat.links < 2 ? undefined : laterPlaceOf(context, arrival);
  const isSecond = !standsIn && arrivesAlready(context, arrival);
  const isSecondName = !run && stat.links > 1 && (isSecond || waitsAlready(context, stat.ino));
  picture.arrivals.set({
    ...arrival,
    ...(run && { runId: run.record.id }),
    ...(standsIn && { standsIn }),
    ...(isSecondName && { isSecondName }),
  });
}

/**
 * Gives the arrival. If another file of its stamp waits since this start, that one goes back to those that arrive, so that the plan tells the
 * original from the copy with both before its eyes.
 */
function arrivalBesideTwin(context: Context, found: Found): Arrival | undefined {
  const { picture } = context;
  const arrival = arrivalFrom(context, found);
  const twin = arrival && picture.isFirstLook ? twinAtStart(picture, arrival) : undefined;
  if (!twin) return arrival;
  // Whatever the disk refuses meanwhile, it is looked at again.
  hint(picture, twin.queue, twin.name);
  picture.isLookOwed = true;
  check(context, twin.queue, twin.name, found.now, true);
  return arrivalFrom(context, found);
}

/** True if the file is about to be taken in under another name, which is not on its way out itself. */
function arrivesAlready({ picture }: Context, arrival: Arrival): boolean {
  if (!isLive(arrival) || !isUow(arrival)) return false;
  return picture.arrivals
    .ofInode(arrival.ino)
    .some((each) => isLive(each) && isUow(each) && each.standsIn === undefined);
}

/** True if the file waits under another name: somebody linked that of a waiting UOW. Looks at all that wait, which is seldom. */
function waitsAlready({ picture, machine, paths }: Context, ino: number): boolean {
  for (const queue of ['wait', 'priority', 'executing'] as const) {
    for (const uow of picture.waiting[queue]) {
      if (uow.ino === ino && machine.files.stat(join(paths.queue[queue], uow.name))?.ino === ino) return true;
    }
  }
  return false;
}

/** Gives the queue in which the same file has its name of a later stage; in the same queue that is the one made unique. */
function laterPlaceOf({ machine, paths }: Context, { queue, name, ino }: Arrival): Queue | undefined {
  const stage = queueKinds.indexOf(queue);
  for (let suffix = 1; ; suffix++) {
    const stats = queueKinds.map((each) => machine.files.stat(join(paths.queue[each], suffixed(name, suffix))));
    if (stats.every((stat) => stat === undefined)) return undefined;
    const place = stats.findIndex((stat, at) => stat?.ino === ino && (at > stage || (at === stage && suffix > 1)));
    if (place >= 0) return queueKinds[place];
  }
}

function checkEnded(context: Context, queue: Queue, name: Bytes, stat: FileStat | undefined, now: number): void {
  const { picture } = context;
  const key = `${queue}/${name}`;
  if (stat) picture.namesAtStart.get(queue)?.add(name);
  if (isOwnMove(picture, queue, name) && stat) return;
  picture.arrivals.delete(key);
  picture.staleCounts.add(queue);
  // On its way there.
  if (stat && runOfInode(picture, stat.ino)?.destination?.queue === queue) return;
  if (!stat || queue === 'trash' || queue === 'archive') return;
  take(context, queue, name, stat, now);
}

function vanish({ picture, machine, paths }: Context, uow: WaitingUow): void {
  picture.waiting[uow.queue].remove(uow.name);
  const now = queueKinds.find((queue) => machine.files.stat(join(paths.queue[queue], uow.name))?.ino === uow.ino);
  if (now === 'wait' || now === 'priority' || now === 'executing') {
    // Moved between the waiting queues, for urgency: it is found there as what it is.
    hint(picture, now, uow.name);
    return;
  }
  picture.vanished.push({ uow, ...(now && { now }) });
}
