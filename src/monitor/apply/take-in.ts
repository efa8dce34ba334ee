// Files on their way in: taken in by a stamped copy, or accepted as they stand.
// Long because what a crash leaves of a taking-in is mended beside it.
import { fieldEdited, stampedUow } from '../../format/uow-edit.ts';
import type { Bytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import { isWaitingQueue, type Queue, type WaitingQueue } from '../../model/queue.ts';
import type { Receipt } from '../../model/action.ts';
import type { Arrival } from '../../model/seen.ts';
import { nextStamp, type Stamp, textFromStamp } from '../../model/stamp.ts';
import { hasEnded, retryOf, type Status } from '../../model/status.ts';
import type { UowHead } from '../../model/uow.ts';
import type { FileStat } from '../../system/files.ts';
import type { Batch } from './batch.ts';
import type { Context } from '../context.ts';
import { freeName, isNameTaken, linkFree, suffixed } from './names.ts';
import { hint, mayStandIn, noteOwnMove, noteStamp } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';
import { enlist } from '../survey/enlist.ts';
import type { FileFacts } from '../survey/relook.ts';
import { enqueuedEvent } from './submitter.ts';
import { moveToTrash } from './trash.ts';
import { dropOldName, untilDone } from './until-done.ts';
import { writeStatus } from './write-status.ts';

/** A foreign file's text behind `==== JOB LOG` is carried over up to this size; a longer one stays with the original, in trash. */
export const carriedLogBytes: number = 16 * 1024 * 1024;

/** Where a dropped file stands while its copy is made, by the queue it came from. */
export function asidePath({ paths }: Pick<Context, 'paths'>, queue: Queue, name: Bytes): Bytes {
  return join(join(paths.intake, queue), name);
}

/** Where the stamped copy is made. Named by its original's inode, so that a crash leaves no doubt whose copy it is. */
export function copyPath({ paths }: Pick<Context, 'paths'>, queue: Queue, ino: number): Bytes {
  return join(paths.copies, `${queue}.${ino}`);
}

/**
 * Takes a dropped file in: renames it aside, which ends every race with whoever still writes to its name, and links a stamped
 * copy of ours into the queue. A crash leaves the original aside and perhaps the copy: root.ts, recoverIntake, reads from the
 * copy's number of links whether the UOW stands in its queue. That is why the copy goes last.
 */
export function takeIn(context: Context, arrival: Newcomer, as: TakenAs, batch: Batch): Receipt {
  const { machine, paths, picture } = context;
  const { files } = machine;
  const { queue, name } = arrival;
  if (!isWaitingQueue(queue) && queue !== 'executing') return 'gone';
  const dir = paths.queue[queue];
  const aside = asidePath(context, queue, name);
  const earlier = files.stat(aside);
  // One of this name whose clean-up met a fault.
  if (earlier) recoverAside(context, queue, name);
  const isAside = files.rename(join(dir, name), aside) === 'ok';
  picture.arrivals.delete(`${queue}/${name}`);
  if (!isAside) return 'gone';
  noteOwnMove(picture, queue, name);
  let copied: Copied | undefined;
  try {
    copied = linkCopy(context, arrival, aside, as, batch.sync);
  } finally {
    // Changed in this very instant, or a full or failing disk: the file gets its name back and is looked at anew, unless its
    // copy stands in the queue already.
    if (!copied) untilDone(context, () => recoverAside(context, queue, name));
  }
  if (!copied) return 'gone';
  const { taken, isLogCarried, status, stamp, known } = copied;
  batch.made(dir);
  batch.remove(
    () => {
      if (isLogCarried) files.unlink(aside);
      else moveToTrash(context, aside, name, arrival.ino);
    },
    join(paths.intake, queue),
  );
  const end = (): void => {
    untilDone(context, () => recoverAside(context, queue, name, arrival.ino));
    relist(context, queue, taken, known);
    if (as.edit) return;
    const dropped = taken === name ? undefined : name;
    const fields = { queue: context.config.queues[queue], stamp: textFromStamp(stamp), dropped };
    const text = dropped === undefined ? '' : 'the name was taken';
    context.say({ event: status.attempt > 0 ? 'rerun' : 'taken-in', name: taken, fields, text });
  };
  batch.after(end);
  batch.unlessSynced(() => {
    const { ino } = known.facts;
    // Until it is settled the copy is not touched: taken in anew under its name it would not be known as this one's.
    picture.dropping.add(ino);
    untilDone(context, () => {
      const isTaken = files.stat(aside)?.ino !== arrival.ino;
      if (!isTaken) {
        // As if it had never been taken in.
        if (files.stat(join(dir, taken))?.ino === ino) files.unlink(join(dir, taken));
        recoverAside(context, queue, name, arrival.ino);
      }
      picture.dropping.delete(ino);
      if (isTaken) end();
    });
  });
  return 'done';
}

/** A file in a queue, as it was when it was looked at. */
type Newcomer = FileFacts & Pick<Arrival, 'queue' | 'name'>;

/** What of it is taken: without its log and attempts, or with one field changed. */
interface TakenAs {
  readonly isFresh: boolean;
  readonly edit?: readonly [field: string, content: string];
}

interface Copied {
  readonly taken: Bytes;
  readonly isLogCarried: boolean;
  readonly status: Status;
  readonly stamp: Stamp;
  readonly known: Known;
}

/** Writes the stamped copy and links it into the queue under a free name; undefined if the original is not what it was. */
function linkCopy(
  context: Context,
  arrival: Newcomer,
  aside: Bytes,
  { isFresh, edit }: TakenAs,
  sync: boolean,
): Copied | undefined {
  const { files, host, clock } = context.machine;
  const { queue, name, ino } = arrival;
  const stat = files.stat(aside);
  const read = stat && readHead(files, aside, stat.sizeBytes);
  if (!stat || read?.parsed.kind !== 'uow' || stat.ino !== ino || stat.sizeBytes !== arrival.sizeBytes)
    return undefined;
  const { head } = read.parsed;
  const text = edit ? fieldEdited(read.bytes, head, ...edit) : read.bytes;
  const stamp = (isFresh ? undefined : head.stamp) ?? newStamp(context);
  const status = statusOfNewcomer(head.status, isFresh, clock.now());
  const newHead = stampedUow(text, head, {
    stamp,
    event: enqueuedEvent(host, stat.uid, isFresh ? '' : head.event),
    status,
  });
  const log = isFresh ? ('' as Bytes) : carriedLog(context, aside, stat.sizeBytes, head);
  const copy = copyPath(context, queue, ino);
  files.unlink(copy);
  files.create(copy, (newHead + (log ?? '')) as Bytes, { mode: (stat.mode & 0o777) | 0o600, sync });
  giveToOwner(context, copy, stat);
  // Before the link: behind it nothing may fail.
  const facts = files.stat(copy) ?? arrival;
  for (;;) {
    const taken = freeName(context, name, ino);
    const linked = files.link(copy, join(context.paths.queue[queue], taken));
    if (linked === 'ok') {
      noteOwnMove(context.picture, queue, taken);
      const known = { facts, head: { ...head, stamp, status }, isExact: edit === undefined };
      return { taken, isLogCarried: log !== undefined, status, stamp, known };
    }
    if (linked === 'gone') return undefined;
    // Somebody took the name in this instant: another one.
  }
}

/** Gives a copy that a root monitor made to the owner of its original. */
export function giveToOwner({ machine, config }: Context, copy: Bytes, of: FileStat): void {
  // A copy that is to run as its owner must be that user's word alone: else it stays root's, as whom nothing runs then.
  const isOwners = config.runAs === 'monitor' || (of.links === 1 && (of.mode & 0o022) === 0);
  const isAnothers = of.uid !== 0 || of.gid !== 0;
  if (machine.host.uid === 0 && isAnothers && isOwners) machine.files.setOwner(copy, of.uid, of.gid);
}

/** Gives the next stamp. */
export function newStamp({ picture, machine }: Context): Stamp {
  picture.lastStamp = nextStamp(machine.clock.nowMicros(), picture.lastStamp);
  return picture.lastStamp;
}

function statusOfNewcomer(before: Status | undefined, isFresh: boolean, now: number): Status {
  // A retry is to come though its header was edited.
  if (!isFresh && before && retryOf(before) > 0) return before;
  const flags = before?.word === 'waiting' && before.flags.includes('held') ? (['held'] as const) : [];
  return { word: 'waiting', flags, attempt: isFresh ? 0 : (before?.attempt ?? 0), at: now };
}

function carriedLog(context: Context, aside: Bytes, sizeBytes: number, head: UowHead): Bytes | undefined {
  const from = head.layout.logOffset;
  if (from === undefined || from >= sizeBytes) return '' as Bytes;
  if (sizeBytes - from > carriedLogBytes) return undefined;
  return context.machine.files.read(aside, from, sizeBytes - from);
}

/**
 * Ends what was interrupted: if the stamped copy of an original stands in its queue (it has two names), the original is dropped;
 * if not, it gets its name back. The copy goes last, because it tells. `of` is the original's inode, where that may be gone.
 */
export function recoverAside(context: Context, queue: Queue, name: Bytes, of?: number): void {
  const { files } = context.machine;
  const aside = asidePath(context, queue, name);
  const ino = of ?? files.stat(aside)?.ino;
  if (ino === undefined) return;
  const copy = copyPath(context, queue, ino);
  if (files.stat(aside)?.ino === ino) {
    if ((files.stat(copy)?.links ?? 0) < 2) putBack(context, queue, name);
    else dropOriginal(context, queue, name, ino);
  }
  files.unlink(copy);
}

/** Drops the original of a UOW that is taken in; into trash if its log may have been too long to be carried over. */
function dropOriginal(context: Context, queue: Queue, name: Bytes, ino: number): void {
  const { files } = context.machine;
  const aside = asidePath(context, queue, name);
  if ((files.stat(aside)?.sizeBytes ?? 0) <= carriedLogBytes) files.unlink(aside);
  else moveToTrash(context, aside, name, ino);
}

/** Gives a file set aside its name in the queue again, under another name if that is taken by now. */
export function putBack(context: Context, queue: Queue, name: Bytes): void {
  const { files } = context.machine;
  const aside = asidePath(context, queue, name);
  const dir = context.paths.queue[queue];
  for (let suffix = 1; suffix < 1000; suffix++) {
    if (files.stat(join(dir, suffixed(name, suffix)))) continue;
    // rename and not link: link() of another user's file is not permitted to us. Nobody else makes names here with a `~`.
    if (files.rename(aside, join(dir, suffixed(name, suffix))) === 'ok')
      hint(context.picture, queue, suffixed(name, suffix));
    return;
  }
}

/** What a UOW was when it got its name in its queue. */
export interface Known {
  readonly facts: FileFacts;
  readonly head: UowHead;
  /** False if the file's head says something else by now. */
  readonly isExact: boolean;
}

/** Puts a UOW that has just got its name in its queue among those that wait. */
export function relist(context: Context, queue: WaitingQueue | 'executing', name: Bytes, known: Known): void {
  const { files } = context.machine;
  const path = join(context.paths.queue[queue], name);
  const stat = files.stat(path);
  const { ino, sizeBytes, mtimeMs } = known.facts;
  if (known.isExact && stat?.ino === ino && stat.sizeBytes === sizeBytes && stat.mtimeMs === mtimeMs) {
    // As it was written a moment ago.
    enlist(context, queue, name, stat, known.head);
    return;
  }
  const read = stat && readHead(files, path, stat.sizeBytes);
  if (stat && read) {
    if (read.parsed.kind === 'uow') enlist(context, queue, name, stat, read.parsed.head);
    return;
  }
  // A person took it away while the directory was synced. It must be known to be missed.
  enlist(context, queue, name, known.facts, known.head);
  hint(context.picture, queue, name);
}

/** Takes a stamped file in as it stands; a rerun's STATUS is set back to waiting first. */
export function accept(context: Context, arrival: Arrival, isRerun: boolean, batch: Batch): void {
  const { files, clock } = context.machine;
  const { queue, name, is } = arrival;
  const { picture } = context;
  picture.arrivals.delete(`${queue}/${name}`);
  if (is.kind !== 'uow' || (!isWaitingQueue(queue) && queue !== 'executing')) return;
  const { head } = is;
  const dir = context.paths.queue[queue];
  const path = join(dir, name);
  const isNews = !picture.isFirstLook || isRerun;
  if (head.stamp) noteStamp(picture, head.stamp, clock.now());
  const before = head.status;
  const isSetBack = before && hasEnded(before);
  if (isSetBack && head.layout.status) {
    // A person's move syncs nothing: after a power cut it would say `waiting` in the queue where it ended.
    batch.found(dir);
    const status: Status = { word: 'waiting', flags: [], attempt: before.attempt, at: clock.now() };
    writeStatus(files, { path, offset: head.layout.status.offset, eol: head.layout.eol }, status, batch.sync);
  }
  // At the start too: people move files while no monitor lives.
  const isFree = !isNameTaken(context, name, arrival.ino, (each) => each !== queue && mayStandIn(picture, each, name));
  const kept = isFree ? name : linkFree(context, { from: path, ino: arrival.ino }, dir, name);
  if (kept === undefined) return;
  if (kept !== name) {
    batch.made(dir);
    dropOldName(context, arrival, batch);
  }
  batch.unlessSynced(() => hint(picture, queue, name));
  batch.after(() => {
    // As it was looked at; what has become of it since a hint will tell.
    if (kept === name && !isSetBack) enlist(context, queue, name, arrival, head);
    else relist(context, queue, kept, { facts: arrival, head, isExact: false });
    if (!isNews && kept === name) return;
    const dropped = kept === name ? undefined : name;
    const fields = { queue: context.config.queues[queue], attempts: before?.attempt ?? 0, dropped };
    context.say({ event: isRerun ? 'rerun' : 'taken-in', name: kept, fields });
  });
}
