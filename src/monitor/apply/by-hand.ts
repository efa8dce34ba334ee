// What people's hands did to UOWs that the monitor knows: copied a root without its records, moved a running UOW, took a
// waiting one away.
import { textOfName } from '../../model/bytes.ts';
import { isOfAttempt } from '../../format/history-line.ts';
import { canHoldStatus } from '../../format/uow-edit.ts';
import type { UowHead } from '../../model/uow.ts';
import type { Bytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import { isEndedQueue, isWaitingQueue, type Queue, queueKinds } from '../../model/queue.ts';
import type { Arrival, Vanished } from '../../model/seen.ts';
import { textFromStamp } from '../../model/stamp.ts';
import type { Status } from '../../model/status.ts';
import { textFromInstantMs } from '../../model/time.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Batch } from './batch.ts';
import type { Context } from '../context.ts';
import { entryOfFile } from '../entry-of-file.ts';
import { appendHistory } from '../history.ts';
import { freeName, linkFree } from './names.ts';
import { touchParent } from '../survey/parents.ts';
import { keyOfArrival } from '../survey/arrivals.ts';
import { hint, noteOwnMove } from '../survey/picture.ts';
import { type ReadHead, readHead } from '../survey/read-uow.ts';
import { dropOldName, untilDone } from './until-done.ts';
import { writeStatus } from './write-status.ts';

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
  const status: Status = isAgain
    ? { word: 'waiting', flags: [], attempt, at: clock.now() }
    : { word: 'fail', reason: { kind: 'interrupted' }, flags: [], attempt, at: clock.now() };
  noteInterrupted(context, arrival, head, { attempt, isAgain, sync: batch.sync });
  // First its new name, then STATUS, then the old name goes: one that says `fail` and waits would be a rerun, and one that says
  // `running` in fail-q is looked at by nobody. While it has both a crash is recognised (Arrival.standsIn).
  const as = to === queue ? name : linkOrMove(context, arrival, to);
  if (as === undefined) return;
  if (canHoldStatus(head.layout) && head.layout.status) {
    const place = { path: join(paths.queue[to], as), offset: head.layout.status.offset, eol: head.layout.eol };
    // Taken away in this instant: it has its old name still.
    if (writeStatus(files, place, status, batch.sync) === 'gone') {
      hint(picture, queue, name);
      return;
    }
  }
  if (to !== queue) {
    batch.made(paths.queue[to]);
    dropOldName(context, arrival, batch, { isSynced: true, isHeld: true });
    if (to === 'fail') {
      picture.counts.fail += 1;
      noteOwnMove(picture, 'fail', as);
    }
  }
  if (isWaitingQueue(to)) hint(picture, to, as);
  const text =
    'its STATUS says running, but no record of the attempt is here (a restored or copied root?): it may have run';
  context.say({
    event: isAgain ? 'returned' : 'ended',
    name,
    fields: { outcome: to, attempt, reason: 'interrupted' },
    text,
  });
}

/**
 * Appends the line of the attempt, before anything of the UOW changes: behind a crash it is found, and not written twice. So is that
 * of an attempt that had ended when its UOW was saved from elsewhere.
 */
function noteInterrupted(
  context: Context,
  { name, sizeBytes }: Arrival,
  head: UowHead,
  { attempt, isAgain, sync }: { readonly attempt: number; readonly isAgain: boolean; readonly sync: boolean },
): void {
  const { machine, paths, version } = context;
  const at = machine.clock.now();
  const status: Status = { word: 'fail', reason: { kind: 'interrupted' }, flags: [], attempt, at };
  const of = { name, head, stat: { sizeBytes }, status, outcome: 'fail' } as const;
  const entry = entryOfFile(of, { host: machine.host.name, version, root: paths.root });
  if (!entry || !head.stamp) return;
  const retry = isAgain ? { retry_at: textFromInstantMs(at) } : {};
  const unless = isOfAttempt(textFromStamp(head.stamp), attempt);
  appendHistory(context, { ...entry, ...retry }, { unless, sync });
}

/** Gives the file `ino` a name in another queue too, and gives that. Another user's file cannot have two (protected_hardlinks): it is moved. */
export function linkOrMove(
  context: Context,
  { queue, name, ino }: Pick<Arrival, 'queue' | 'name' | 'ino'>,
  to: Queue,
): Bytes | undefined {
  const { machine, paths } = context;
  const from = join(paths.queue[queue], name);
  const dir = paths.queue[to];
  try {
    return linkFree(context, { from, ino }, dir, name);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    const as = freeName(context, name, ino);
    return machine.files.rename(from, join(dir, as)) === 'ok' ? as : undefined;
  }
}

/** Removes the second name of a UOW: of a claimed one from a queue where it does not belong, of a waiting one anywhere, and what a crash left in a move. */
export function unlinkDuplicate(context: Context, arrival: Arrival, batch: Batch): void {
  const { machine, paths, picture, config } = context;
  const { name, queue, runId, standsIn } = arrival;
  const path = join(paths.queue[queue], name);
  const from = config.queues[queue];
  picture.arrivals.delete(`${queue}/${name}`);
  const stat = machine.files.stat(path);
  if (runId === undefined) {
    if (!stat || stat.ino !== arrival.ino || stat.links < 2) {
      hint(picture, queue, name);
      return;
    }
    // What is known of its other names is of a file with one more.
    for (const other of picture.arrivals.ofInode(arrival.ino)) {
      picture.arrivals.delete(keyOfArrival(other));
      hint(picture, other.queue, other.name);
    }
    batch.made(...queueKinds.map((each) => paths.queue[each]));
    const then = (): void => {
      if (standsIn !== undefined) return;
      const text = 'a second name of a file that waits already was removed: copy it to run it twice';
      context.say({ event: 'attention', name, fields: { queue: from }, text });
    };
    dropOldName(context, arrival, batch, { isHeld: true, then });
    return;
  }
  const run = [...picture.runs.values()].find(({ record }) => record.id === runId);
  if (!run || run.destination?.queue === queue) {
    // On its way there by now, or finished: this very name may be the one it keeps.
    hint(picture, queue, name);
    return;
  }
  if (stat?.ino !== run.uowFile.ino) return;
  batch.made(paths.claimed, paths.queue.executing);
  dropOldName(context, arrival, batch);
  if (isEndedQueue(queue)) picture.staleCounts.add(queue);
  if (run.started !== 'yes') return;
  context.say({ event: 'restored', name, fields: { from }, text: 'it runs: put back into currently-executing' });
}

/** Writes into a UOW that a person took out of its queue what that means, and says it. */
export function noteVanished(context: Context, vanished: Vanished): void {
  const { machine, paths, picture, config } = context;
  const at = picture.vanished.indexOf(vanished);
  if (at >= 0) picture.vanished.splice(at, 1);
  const { uow, now } = vanished;
  touchParent(picture.parents, uow.name);
  const word = now === 'done' ? 'skipped' : 'cancelled';
  if (now) {
    const path = join(paths.queue[now], uow.name);
    const at = machine.clock.now();
    untilDone(context, () => {
      const stat = machine.files.stat(path);
      if (stat?.ino !== uow.ino || stat.uid !== machine.host.uid) return;
      const read: ReadHead | undefined = readHead(machine.files, path, stat.sizeBytes);
      const head = read?.parsed.kind === 'uow' ? read.parsed.head : undefined;
      if (!head || !canHoldStatus(head.layout) || !head.layout.status) return;
      const status: Status = { word, flags: [], attempt: uow.attempts, at };
      writeStatus(machine.files, { path, offset: head.layout.status.offset, eol: head.layout.eol }, status, false);
    });
    if (isEndedQueue(now)) picture.staleCounts.add(now);
  }
  const fields = { queue: config.queues[uow.queue], to: now && config.queues[now] };
  context.say({ event: word, name: uow.name, fields, text: now ? 'moved by hand' : 'removed by hand' });
  appendHistory(context, {
    kind: word,
    name: textOfName(uow.name),
    stamp: textFromStamp(uow.stamp),
    queue: uow.queue,
    at: textFromInstantMs(machine.clock.now()),
    host: machine.host.name,
    monitor_version: context.version,
  });
}
