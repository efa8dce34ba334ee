// Moving a UOW that does not run to another queue at a person's word, and taking a waiting one in anew with a field changed.
import { canHoldStatus } from '../../format/uow-edit.ts';
import type { Deed, Done } from '../../model/action.ts';
import { type Bytes, shownFromName, textOfName } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import { isWaitingQueue, type Queue } from '../../model/queue.ts';
import type { UowSeen } from '../../model/seen.ts';
import { textFromStamp } from '../../model/stamp.ts';
import type { Status } from '../../model/status.ts';
import { textFromInstantMs } from '../../model/time.ts';
import { errnoOf } from '../../model/errno.ts';
import { Batch } from '../apply/batch.ts';
import type { Context } from '../context.ts';
import { reportFault } from '../apply/fault.ts';
import { appendHistory } from '../history.ts';
import { linkOrMove } from '../apply/by-hand.ts';
import { hint, noteOwnMove } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';
import { carriedLogBytes, takeIn } from '../apply/take-in.ts';
import { untilDone } from '../apply/until-done.ts';
import { writeStatus } from '../apply/write-status.ts';

type Move = Extract<Deed, { kind: 'move' }>;

/**
 * Moves it: STATUS first, then the new name, then the old one goes. One without a STATUS is left to the survey to take in, as if
 * a person had moved it. A crash on the way leaves it where it was, or with two names of which the later stage's is kept; the
 * message is read again and ends the move. A fault of the disk undoes it.
 */
export function move(context: Context, { uow, to, status }: Move, by: string | undefined): Done {
  const { machine, paths, picture, config } = context;
  const { files } = machine;
  const { name, queue, ino } = uow;
  if (queue === to) {
    // Here it is only when a crash came before this could be noted as done.
    if (status) noteEnd(context, uow, to, status, by, true);
    else picture.retried.set(ino, name);
    return 'done';
  }
  const from = join(paths.queue[queue], name);
  const stat = files.stat(from);
  const parsed = stat && readHead(files, from, stat.sizeBytes)?.parsed;
  if (stat?.ino !== ino || parsed?.kind !== 'uow') return 'gone';
  const { layout, status: before } = parsed.head;
  const place =
    layout.status && canHoldStatus(layout) ? { path: from, offset: layout.status.offset, eol: layout.eol } : undefined;
  const sync = config.durability === 'power';
  if (status && place && writeStatus(files, place, status, sync) === 'gone') return 'gone';
  let as: Bytes | undefined;
  try {
    as = linkOrMove(context, { queue, name, ino }, to);
    if (as === undefined) {
      // Taken away in this instant: what stands there now is left alone, and looked at anew.
      if (before && place && files.stat(from)?.ino === ino) writeStatus(files, place, before, false);
      hint(picture, queue, name);
      return 'gone';
    }
    if (sync) files.syncDirectory(paths.queue[to]);
    files.unlink(from);
  } catch (error) {
    undo(context, uow, () => {
      if (as !== undefined && files.stat(from)?.ino === ino) files.unlink(join(paths.queue[to], as));
      if (before && place) writeStatus(files, place, before, false);
    });
    throw error;
  }
  try {
    if (sync) files.syncDirectory(paths.queue[queue]);
  } catch (error) {
    // It is done all the same; after a power cut it may have two names, which the intake mends.
    reportFault(context, 'sync', error);
  }
  if (isWaitingQueue(queue) || queue === 'executing') picture.waiting[queue].remove(name);
  if (!isWaitingQueue(queue) && queue !== 'executing') picture.staleCounts.add(queue);
  if (!status) {
    picture.retried.set(ino, as);
    hint(picture, to, as);
    return as === name ? 'done' : { text: `its name was taken: goes to ${config.queues[to]} as ${shownFromName(as)}` };
  }
  noteOwnMove(picture, to, as);
  picture.counts[to] += 1;
  noteEnd(context, uow, to, status, by, false);
  return 'done';
}

/** Takes back what was done of a move, as soon as the disk lets it; until then the UOW is not touched. */
function undo(context: Context, { name, queue, ino }: UowSeen, act: () => void): void {
  const { picture } = context;
  if (isWaitingQueue(queue) || queue === 'executing') picture.waiting[queue].remove(name);
  picture.dropping.add(ino);
  untilDone(context, () => {
    act();
    picture.dropping.delete(ino);
    hint(picture, queue, name);
  });
}

/** Says and writes down that it was skipped or cancelled. With `isAgain` the history may have it already. */
function noteEnd(
  context: Context,
  { name, queue, head }: UowSeen,
  to: Queue,
  { word }: Status,
  by: string | undefined,
  isAgain: boolean,
): void {
  if (word !== 'skipped' && word !== 'cancelled') return;
  const { queues } = context.config;
  context.say({ event: word, name, fields: { queue: isAgain ? undefined : queues[queue], to: queues[to], by } });
  const { clock, host } = context.machine;
  const stamp = head?.stamp ? textFromStamp(head.stamp) : '';
  const entry = {
    ...{ kind: word, name: textOfName(name), stamp, queue: isAgain ? undefined : queue, by },
    ...{ at: textFromInstantMs(clock.now()), host: host.name, monitor_version: context.version },
  };
  const isSaid = (line: string): boolean => line.includes(`"kind":"${word}"`) && line.includes(`"stamp":"${stamp}"`);
  const sync = context.config.durability === 'power';
  appendHistory(context, entry, { unless: isAgain ? isSaid : undefined, sync });
}

/** Takes a waiting UOW in anew with the field changed: a stamped copy takes its place, as at intake, and a crash is mended as there. */
export function editWaiting(context: Context, { uow, field, content }: Extract<Deed, { kind: 'edit' }>): Done {
  const { machine, paths, config, picture } = context;
  const { name, queue, head } = uow;
  if (!isWaitingQueue(queue) && queue !== 'executing') return 'gone';
  const stat = machine.files.stat(join(paths.queue[queue], name));
  if (stat?.ino !== uow.ino) return 'gone';
  const logBytes = stat.sizeBytes - (head?.layout.logOffset ?? 0);
  if (logBytes > carriedLogBytes) {
    return {
      refused: `has a log of ${Math.round(logBytes / 1e6)} MB, which would have to be written anew: edit its head yourself`,
    };
  }
  const batch = new Batch(machine.files, config.durability);
  picture.waiting[queue].remove(name);
  const receipt = takeIn(context, { queue, name, ...stat }, { isFresh: false, edit: [field, content] }, batch);
  const faults: unknown[] = [];
  batch.commit((step) => {
    try {
      step();
      return true;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      faults.push(error);
      return false;
    }
  });
  if (faults.length > 0) throw faults[0];
  return receipt === 'done' ? 'done' : 'gone';
}
