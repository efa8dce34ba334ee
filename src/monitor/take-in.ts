// Files on their way in: taken in by a stamped copy, accepted as they stand, moved to trash, or noted as taken away.
import { stampedUow, canHoldStatus } from '../format/uow-edit.ts';
import { statusLineFromStatus } from '../format/status-line.ts';
import type { Bytes } from '../model/bytes.ts';
import { join } from '../model/paths.ts';
import { isEndedQueue, isWaitingQueue, type Queue } from '../model/queue.ts';
import type { Arrival, Vanished } from '../model/seen.ts';
import { nextStamp, type Stamp } from '../model/stamp.ts';
import { hasEnded, type Status } from '../model/status.ts';
import type { UowHead } from '../model/uow.ts';
import { errnoOf } from '../system/files.ts';
import type { Batch } from './batch.ts';
import type { Context } from './context.ts';
import { appendHistory, textOfName } from './history.ts';
import { freeName, suffixed } from './names.ts';
import { hint, noteStamp } from './picture.ts';
import { type ReadHead, readHead } from './read-uow.ts';
import { enlist } from './look.ts';

/** A foreign file's text behind `==== JOB LOG` is carried over up to this size; a longer one stays with the original, in trash. */
const carriedLogBytes = 16 * 1024 * 1024;

/** Where a dropped file stands while its copy is made, by the queue it came from. */
export function asidePath({ paths }: Pick<Context, 'paths'>, queue: Queue, name: Bytes): Bytes {
  return join(join(paths.intake, queue), name);
}

/**
 * Takes a dropped file in: renames it aside, which ends every race with whoever still writes to its name, and links a stamped
 * copy of ours into the queue. A crash leaves the original aside; the next start puts it back (recover-intake.ts).
 */
export function takeIn(context: Context, arrival: Arrival, isFresh: boolean, batch: Batch): void {
  const { files, host, clock } = context.machine;
  const { queue, name } = arrival;
  if (!isWaitingQueue(queue) && queue !== 'executing') return;
  const dir = context.paths.queue[queue];
  const aside = asidePath(context, queue, name);
  if (files.stat(aside) || files.rename(join(dir, name), aside) === 'gone') return;
  context.picture.arrivals.delete(`${queue}/${name}`);
  const stat = files.stat(aside);
  const read = stat && readHead(files, aside, stat.sizeBytes);
  if (!stat || read?.parsed.kind !== 'uow' || stat.ino !== arrival.ino) {
    // Changed in this very instant: back with it, to be looked at anew.
    putBack(context, queue, name);
    return;
  }
  const { head } = read.parsed;
  const stamp = isFresh ? undefined : head.stamp;
  const given = stamp ?? newStamp(context);
  const status = statusOfNewcomer(isFresh ? undefined : head.status, clock.now());
  const newHead = stampedUow(read.bytes, head, { stamp: given, event: 'enqueued', status });
  const log = isFresh ? '' : carriedLog(context, aside, stat.sizeBytes, head);
  const taken = freeName(context, name, stat.ino);
  const copy = join(context.paths.copies, taken);
  try {
    files.unlink(copy);
    files.create(copy, (newHead + (log ?? '')) as Bytes, { mode: (stat.mode & 0o777) | 0o600, sync: batch.sync });
    if (host.uid === 0 && (stat.uid !== 0 || stat.gid !== 0)) files.setOwner(copy, stat.uid, stat.gid);
    files.link(copy, join(dir, taken));
  } catch (error) {
    // A full or failing disk: the file gets its name back and is looked at anew.
    putBack(context, queue, name);
    throw error;
  }
  batch.made(dir, context.paths.intake);
  batch.remove(() => {
    files.unlink(copy);
    if (log === undefined) moveToTrash(context, aside, name, stat.ino);
    else files.unlink(aside);
  });
  batch.after(() => {
    relist(context, queue, taken);
  });
  const as = taken === name ? undefined : 'the name was taken';
  context.say({
    event: status.attempt > 0 ? 'rerun' : 'taken-in',
    name: taken,
    fields: { queue: context.config.queues[queue], stamp: `${given.seconds}-${given.ordinal}`, dropped: as && name },
    ...(as !== undefined && { text: as }),
  });
}

function newStamp({ picture, machine }: Context): Stamp {
  picture.lastStamp = nextStamp(machine.clock.nowMicros(), picture.lastStamp);
  return picture.lastStamp;
}

function statusOfNewcomer(before: Status | undefined, now: number): Status {
  const flags = before?.word === 'waiting' && before.flags.includes('held') ? (['held'] as const) : [];
  return { word: 'waiting', flags, attempt: before?.attempt ?? 0, at: now };
}

function carriedLog(context: Context, aside: Bytes, sizeBytes: number, head: UowHead): Bytes | undefined {
  const from = head.layout.logOffset;
  if (from === undefined || from >= sizeBytes) return '' as Bytes;
  if (sizeBytes - from > carriedLogBytes) return undefined;
  return context.machine.files.read(aside, from, sizeBytes - from);
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

function relist(context: Context, queue: 'wait' | 'priority' | 'executing', name: Bytes): void {
  const { files } = context.machine;
  const path = join(context.paths.queue[queue], name);
  const stat = files.stat(path);
  const read = stat && readHead(files, path, stat.sizeBytes);
  if (stat && read?.parsed.kind === 'uow') enlist(context, queue, name, stat, read.parsed.head);
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
  const isNews = picture.wakes > 0 || isRerun;
  const kept = isNews ? freeName(context, name, arrival.ino) : name;
  if (head.stamp) noteStamp(picture, head.stamp, clock.now());
  const before = head.status;
  if (before && (hasEnded(before) || before.flags.includes('retry')) && head.layout.status) {
    const status: Status = { word: 'waiting', flags: [], attempt: before.attempt, at: clock.now() };
    files.overwrite(path, head.layout.status.offset, statusLineFromStatus(status, head.layout.eol), {
      sync: batch.sync,
    });
  }
  if (kept !== name) {
    files.link(path, join(dir, kept));
    batch.made(dir);
    batch.remove(() => void files.unlink(path));
  }
  batch.after(() => {
    relist(context, queue, kept);
  });
  if (!isNews) return;
  const dropped = kept === name ? undefined : name;
  const fields = { queue: context.config.queues[queue], attempts: before?.attempt ?? 0, dropped };
  context.say({ event: isRerun ? 'rerun' : 'taken-in', name: kept, fields });
}

/** Moves a file to trash under a free name there, and says why. */
export function trash(context: Context, arrival: Arrival, why: string): void {
  const { picture, paths, config } = context;
  const key = `${arrival.queue}/${arrival.name}`;
  const as = moveToTrash(context, join(paths.queue[arrival.queue], arrival.name), arrival.name, arrival.ino);
  picture.arrivals.delete(key);
  picture.readmes.delete(key);
  if (as === undefined) return;
  if (isEndedQueue(arrival.queue)) picture.staleCounts.add(arrival.queue);
  const fields = { from: config.queues[arrival.queue], as: as === arrival.name ? undefined : as };
  context.say({ event: 'trashed', name: arrival.name, fields, text: why });
}

/** Moves what has that inode at `path` to trash; gives the name it has there, or undefined if it is gone. */
export function moveToTrash(context: Context, path: Bytes, name: Bytes, ino: number): Bytes | undefined {
  const { files } = context.machine;
  const dir = context.paths.queue.trash;
  if (files.stat(path)?.ino !== ino) return undefined;
  for (let suffix = 1; ; suffix++) {
    const as = suffixed(name, suffix);
    const target = join(dir, as);
    if (files.stat(target)) continue;
    if (linkOrRename(context, path, target) === 'exists') continue;
    context.picture.ownMoves.add(`trash/${as}`);
    context.picture.counts.trash += 1;
    return as;
  }
}

function linkOrRename({ machine }: Context, from: Bytes, to: Bytes): 'ok' | 'exists' | 'gone' {
  const { files } = machine;
  try {
    const linked = files.link(from, to);
    if (linked === 'ok') files.unlink(from);
    return linked;
  } catch (error) {
    // Another user's file (protected_hardlinks), or a file system without links for this kind of file.
    if (errnoOf(error) === 'EPERM') return files.rename(from, to);
    throw error;
  }
}

/** Moves a UOW that says `running` and has no record to fail-q; it may have run. One that says it is idempotent waits again. */
export function interrupt(context: Context, arrival: Arrival, batch: Batch): void {
  const { files, clock } = context.machine;
  const { paths, picture } = context;
  const { name, queue, is } = arrival;
  picture.arrivals.delete(`${queue}/${name}`);
  if (is.kind !== 'uow') return;
  const { head } = is;
  const attempt = head.status?.attempt ?? 1;
  const isAgain = head.header.some((line) => line.name === 'idempotent' && line.content.toLowerCase() === 'yes');
  const to: Queue = isAgain ? (isWaitingQueue(queue) ? queue : 'wait') : 'fail';
  const path = join(paths.queue[queue], name);
  const status: Status = isAgain
    ? { word: 'waiting', flags: [], attempt, at: clock.now() }
    : { word: 'fail', reason: { kind: 'interrupted' }, flags: [], attempt, at: clock.now() };
  if (canHoldStatus(head.layout) && head.layout.status) {
    files.overwrite(path, head.layout.status.offset, statusLineFromStatus(status, head.layout.eol), {
      sync: batch.sync,
    });
  }
  if (to !== queue) {
    const as = freeName(context, name, arrival.ino);
    if (linkOrRename(context, path, join(paths.queue[to], as)) !== 'ok') return;
    batch.made(paths.queue[to], paths.queue[queue]);
    if (to === 'fail') {
      picture.counts.fail += 1;
      picture.ownMoves.add(`fail/${as}`);
    }
  }
  if (isWaitingQueue(to)) hint(picture, to, name);
  const text =
    'its STATUS says running, but no record of the attempt is here (a restored or copied root?): it may have run';
  context.say({
    event: isAgain ? 'returned' : 'ended',
    name,
    fields: { outcome: to, attempt, reason: 'interrupted' },
    text,
  });
}

/** Removes the second name of a claimed UOW from a queue where it does not belong. */
export function unlinkDuplicate(context: Context, arrival: Arrival): void {
  const { machine, paths, picture, config } = context;
  const { name, queue, runId } = arrival;
  const path = join(paths.queue[queue], name);
  picture.arrivals.delete(`${queue}/${name}`);
  const run = [...picture.runs.values()].find(({ record }) => record.id === runId);
  if (!run || run.destination?.queue === queue) {
    // On its way there by now, or finished: this very name may be the one it keeps.
    hint(picture, queue, name);
    return;
  }
  if (machine.files.stat(path)?.ino !== run.uowFile.ino) return;
  machine.files.unlink(path);
  if (isEndedQueue(queue)) picture.staleCounts.add(queue);
  if (run.started !== 'yes') return;
  const text = 'it runs: put back into currently-executing';
  context.say({ event: 'restored', name, fields: { from: config.queues[queue] }, text });
}

/** Writes into a UOW that a person took out of its queue what that means, and says it. */
export function noteVanished(context: Context, vanished: Vanished): void {
  const { machine, paths, picture, config } = context;
  const at = picture.vanished.indexOf(vanished);
  if (at >= 0) picture.vanished.splice(at, 1);
  const { uow, now } = vanished;
  const word = now === 'done' ? 'skipped' : 'cancelled';
  if (now) {
    const path = join(paths.queue[now], uow.name);
    const stat = machine.files.stat(path);
    const read: ReadHead | undefined = stat && readHead(machine.files, path, stat.sizeBytes);
    const head = read?.parsed.kind === 'uow' ? read.parsed.head : undefined;
    if (head && canHoldStatus(head.layout) && head.layout.status && stat?.uid === machine.host.uid) {
      const status: Status = { word, flags: [], attempt: uow.attempts, at: machine.clock.now() };
      const line = statusLineFromStatus(status, head.layout.eol);
      machine.files.overwrite(path, head.layout.status.offset, line, { sync: false });
    }
    if (isEndedQueue(now)) picture.staleCounts.add(now);
  }
  const fields = { queue: config.queues[uow.queue], to: now && config.queues[now] };
  context.say({ event: word, name: uow.name, fields, text: now ? 'moved by hand' : 'removed by hand' });
  appendHistory(context, {
    kind: word,
    name: textOfName(uow.name),
    queue: uow.queue,
    at: new Date(machine.clock.now()).toISOString(),
  });
}
