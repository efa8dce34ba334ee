// What becomes of files that appeared: taken in when complete, moved to trash when they are no UOW, left alone while they grow.
import type { Action } from '../../model/action.ts';
import type { Config } from '../../model/config.ts';
import { type Problem, textFromProblem } from '../../model/errors.ts';
import { isWaitingQueue } from '../../model/queue.ts';
import { type Arrival, isUow, type Seen, uniqueKeyOf, type Vanished } from '../../model/seen.ts';
import { textFromStamp } from '../../model/stamp.ts';
import { compareProgress, hasEnded, type Status } from '../../model/status.ts';
import type { UowHead } from '../../model/uow.ts';
import { type Doorkeeper, doorkeeper } from '../unique.ts';

/** A file that does not parse may be half an upload: it is given this long before it goes to trash. */
const invalidQuietMs = 10_000;
/** A file that changed less long ago than this is looked at for somebody who has it open for writing. */
const youngMs = 60_000;
/** Somebody who writes is asked about again after this long. */
const askWritersEveryMs = 1000;
/** A submitter takes its second name away at once; one that was killed before it could is not waited for. */
const linkingMs = 2000;
const linkingEveryMs = 10;
/** One that may have another name among those that are not looked at yet is judged again after this long. */
const unseenEveryMs = 1000;
/** So many newcomers at most in one wake, so that jobs start while thousands arrive. */
const newcomersAWake = 256;

/** What an editor that saves a running UOW leaves if the job ends first: taken for one that is next in line, it would run once more. */
const lateSave =
  'a copy of a UOW that runs or ran (an editor’s save that came too late?): not run again; move it to wait-q for that';

/** Gives what to do about every arrival and every UOW that a person took away. */
export function intake(seen: Seen, config: Config): readonly Action[] {
  const { trouble } = seen.machine;
  if (trouble && seen.now < trouble.until) return [{ kind: 'look-again', at: trouble.until }];
  const actions: Action[] = seen.vanished.map((vanished: Vanished) => ({ kind: 'note-vanished', vanished }) as const);
  const unknown: Arrival[] = [];
  const ordered = [...seen.arrivals].sort(byArrival);
  const copies = copiesAmong(ordered);
  const surplus = surplusNames(ordered);
  // What has a name too many is judged when it has gone: until then nobody knows whether it can be kept as it is.
  const unsettled = new Set([...surplus].map(({ ino }) => ino));
  const duplicates: Action[] = [];
  const isOneTooMany = doorkeeper(seen);
  let newcomers = 0;
  for (const arrival of ordered) {
    if (unsettled.has(arrival.ino) && !surplus.has(arrival)) continue;
    const verdict = surplus.has(arrival)
      ? ofSurplus(arrival, seen.now)
      : ofArrival(arrival, arrival.hasOriginal || copies.has(arrival), seen.now, config);
    if (verdict === undefined) continue;
    if (verdict === 'ask-writers') unknown.push(arrival);
    else if (verdict.kind === 'unlink-duplicate') duplicates.push(verdict);
    else if (verdict.kind === 'take-in' && arrival.hasOtherName && seen.hasUnseenNames)
      actions.push({ kind: 'leave', arrival, until: seen.now + unseenEveryMs });
    else if (verdict.kind === 'take-in' && ++newcomers > newcomersAWake) break;
    else actions.push(admitted(verdict, isOneTooMany));
  }
  actions.push(...surplusReadmes(ordered));
  if (unknown.length > 0) {
    // One look serves all: those who are known to be written are asked about along with the others, not each at its own time.
    const written = ordered.filter((arrival) => arrival.isBeingWritten === true && !unknown.includes(arrival));
    actions.push({ kind: 'ask-writers', arrivals: [...unknown, ...written] });
  }
  return [...duplicates, ...actions];
}

/** Gives the action, or that what it would take in goes to trash because of its `unique`. */
function admitted(action: Action, isOneTooMany: Doorkeeper): Action {
  if (action.kind !== 'take-in' && action.kind !== 'accept') return action;
  const { arrival } = action;
  if (!isWaitingQueue(arrival.queue) && arrival.queue !== 'executing') return action;
  const why = isOneTooMany(arrival);
  return why === undefined ? action : { kind: 'trash', arrival, why };
}

/** The documented order of unstamped files found in one wake: ctime, mtime, name. */
function byArrival(a: Arrival, b: Arrival): number {
  return a.ctimeMs - b.ctimeMs || a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1);
}

/**
 * Gives all of a stamp but the original: whoever copied a file before anybody looked. The original is the one of which the most has come, because
 * a copy stands still at what was true when it was made: made the original, it would have an attempt run again that has ended. Of
 * those that say the same it is the first.
 */
function copiesAmong(arrivals: readonly Arrival[]): ReadonlySet<Arrival> {
  const originals = new Map<string, { readonly arrival: Arrival; readonly status: Status }>();
  const copies = new Set<Arrival>();
  for (const arrival of arrivals) {
    const { is, queue, ino, hasOriginal } = arrival;
    if (is.kind !== 'uow' || !is.head.stamp || !is.head.status || hasOriginal) continue;
    if (!isWaitingQueue(queue) && queue !== 'executing') continue;
    const stamp = textFromStamp(is.head.stamp);
    const { status } = is.head;
    const known = originals.get(stamp);
    if (known?.arrival.ino === ino) continue;
    const isOriginal = !known || compareProgress(status, known.status) > 0;
    if (isOriginal) originals.set(stamp, { arrival, status });
    if (known) copies.add(isOriginal ? known.arrival : arrival);
  }
  return copies;
}

/**
 * Gives the names that are one too many: of an earlier stage than another of the same file (a crash came in a move), or not the
 * first of it (a hard link). Both names would run.
 */
function surplusNames(arrivals: readonly Arrival[]): ReadonlySet<Arrival> {
  const inodes = new Set<number>();
  const surplus = new Set<Arrival>();
  for (const arrival of arrivals) {
    const { is, ino, queue, standsIn, runId, isSecondName = false } = arrival;
    // All of these go.
    if (runId !== undefined) continue;
    const isRunning = is.kind === 'uow' && is.head.status?.word === 'running';
    if (standsIn !== undefined) {
      // One that says `running` is on its way to fail-q, and has yet to say so.
      if (!isRunning || isWaitingQueue(standsIn) || standsIn === 'executing') surplus.add(arrival);
      continue;
    }
    const canStart = isUow(arrival) && (isWaitingQueue(queue) || queue === 'executing');
    if (isSecondName || (canStart && inodes.has(ino))) surplus.add(arrival);
    if (canStart) inodes.add(ino);
  }
  return surplus;
}

function ofSurplus(arrival: Arrival, now: number): Action {
  const { refusedUntil } = arrival;
  if (refusedUntil !== undefined && now < refusedUntil) return { kind: 'leave', arrival, until: refusedUntil };
  return { kind: 'unlink-duplicate', arrival };
}

/**
 * True for one that is accepted without a change, whatever else arrives, unless it has the stamp of another: as a rule one that an earlier
 * life of the monitor took in. One that was held is judged by the plan, and so is one that is unique.
 */
export function isAcceptedAsItStands(arrival: Arrival, now: number, config: Config): boolean {
  const { is, queue, hasOriginal } = arrival;
  if (is.kind !== 'uow' || !isWaitingQueue(queue) || uniqueKeyOf(arrival) !== undefined) return false;
  if (is.head.status?.flags.includes('held') === true) return false;
  const verdict = ofArrival(arrival, hasOriginal, now, config);
  return typeof verdict === 'object' && verdict.kind === 'accept' && !verdict.rerun;
}

function ofArrival(arrival: Arrival, isCopy: boolean, now: number, config: Config): Action | 'ask-writers' | undefined {
  if (arrival.refusedUntil !== undefined && now < arrival.refusedUntil) {
    return { kind: 'leave', arrival, until: arrival.refusedUntil };
  }
  if (arrival.runId !== undefined) return { kind: 'unlink-duplicate', arrival };
  const { is } = arrival;
  switch (is.kind) {
    case 'directory':
    case 'readme':
      // Directories are left alone and were reported by the survey; READMEs are compared with each other below.
      return undefined;
    case 'special':
      return { kind: 'trash', arrival, why: `${is.what}, not a regular file: drop a plain text file` };
    case 'invalid':
      return ofInvalid(arrival, is.problems, now);
    case 'unstamped':
    case 'flow':
    case 'uow':
      break;
  }
  if (!isWaitingQueue(arrival.queue) && arrival.queue !== 'executing') {
    return { kind: 'accept', arrival, rerun: false };
  }
  if (arrival.isBeingLinked && Math.abs(now - arrival.ctimeMs) < linkingMs) {
    return { kind: 'leave', arrival, until: now + linkingEveryMs };
  }
  if (is.kind === 'unstamped' || is.kind === 'flow') {
    const isWhole = is.kind === 'flow' && is.isSubmitted;
    const unsettled = isWhole ? undefined : whenSettled(arrival, config.settleMs, now);
    return unsettled ?? { kind: 'take-in', arrival, fresh: false };
  }
  const { head } = is;
  if (!isSubmitted(arrival, head)) {
    const unsettled = whenSettled(arrival, config.settleMs, now);
    if (unsettled) return unsettled;
  }
  const isWaiting = head.status?.word === 'waiting';
  if (arrival.queue === 'executing' && isCopy && !isWaiting) return { kind: 'trash', arrival, why: lateSave };
  if (head.status?.word === 'running' && !isCopy) return { kind: 'interrupt', arrival };
  const isRerun = head.status !== undefined && hasEnded(head.status) && !isCopy;
  if (head.stamp && !isCopy && arrival.canKeepFile) return { kind: 'accept', arrival, rerun: isRerun };
  return { kind: 'take-in', arrival, fresh: isCopy };
}

/**
 * True if the file says of itself that it is whole: `sjq submit` writes its size behind the stamp. A half-copied file with
 * that line is shorter. @see docs/decisions
 */
function isSubmitted(arrival: Arrival, head: UowHead): boolean {
  return head.event === `submitted size=${arrival.sizeBytes}`;
}

function ofInvalid(arrival: Arrival, problems: readonly Problem[], now: number): Action | 'ask-writers' {
  const unsettled = whenSettled(arrival, invalidQuietMs, now);
  if (unsettled) return unsettled;
  return { kind: 'trash', arrival, why: problems.map(textFromProblem).join('; ') };
}

/** Gives what is to be waited for; undefined if it has settled. */
function whenSettled(arrival: Arrival, quietMs: number, now: number): Action | 'ask-writers' | undefined {
  // A file that this monitor sees for the first time may have been at rest for long; one with a time in the future is so since then.
  const since = Math.min(arrival.mtimeMs, arrival.unchangedSince);
  if (now - since < quietMs) return { kind: 'leave', arrival, until: since + quietMs };
  if (now - since >= youngMs || arrival.isBeingWritten === false) return undefined;
  const askAgainAt = (arrival.writersAskedAt ?? -Infinity) + askWritersEveryMs;
  return now >= askAgainAt ? 'ask-writers' : { kind: 'leave', arrival, until: askAgainAt };
}

/** Of several READMEs in one queue only the newest stays. */
function surplusReadmes(arrivals: readonly Arrival[]): readonly Action[] {
  const newest = new Map<string, Arrival>();
  const actions: Action[] = [];
  for (const arrival of arrivals) {
    if (arrival.is.kind !== 'readme') continue;
    const other = newest.get(arrival.queue);
    const surplus = other && other.mtimeMs > arrival.mtimeMs ? arrival : other;
    if (surplus !== arrival) newest.set(arrival.queue, arrival);
    if (surplus) actions.push({ kind: 'trash', arrival: surplus, why: 'one README a queue: the newest stays' });
  }
  return actions;
}
