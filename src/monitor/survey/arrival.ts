// What a file is that appeared in a queue: its head read, and the facts that the intake rule judges by.
import { wholeFlow } from '../../format/flow-use.ts';
import { isSubmittedFlow } from '../../format/flow-template.ts';
import { nameOfStamp } from '../../format/history-line.ts';
import { canHoldStatus } from '../../format/uow-edit.ts';
import { isNewArray } from '../../model/array.ts';
import type { Bytes } from '../../model/bytes.ts';
import { defaultedHeader, servicePriority } from '../../model/defaulted-header.ts';
import { join } from '../../model/paths.ts';
import { type Queue, queueKinds } from '../../model/queue.ts';
import type { Arrival, ArrivalKind } from '../../model/seen.ts';
import { compareStamps, type Stamp, textFromStamp } from '../../model/stamp.ts';
import { compareProgress, type Status } from '../../model/status.ts';
import { type UowHead, uniqueKeyIn } from '../../model/uow.ts';
import { errnoOf } from '../../model/errno.ts';
import type { FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';
import { keyOfStamp } from './picture.ts';
import { readHead } from './read-uow.ts';
import { templateTexts } from './templates.ts';
import { stampedIn } from './waiting-index.ts';

/** How much of the history's end is searched for the original of a copy. */
const historyTailBytes = 4 * 1024 * 1024;

type Place = Pick<Arrival, 'queue' | 'name' | 'ino'>;

const unstamped = { kind: 'unstamped' } as const;

/** Where a file was found, when, and what lstat said of it. */
export interface Found {
  readonly queue: Queue;
  readonly name: Bytes;
  readonly stat: FileStat;
  readonly now: number;
}

/** Gives the arrival of a file of which that much is known. Field by field: there may be 100,000, and a spread takes five times as long. */
export function arrivalAs(
  is: ArrivalKind,
  { queue, name, stat, now }: Found,
  facts: Pick<Arrival, 'canKeepFile' | 'hasOriginal'> = { canKeepFile: false, hasOriginal: false },
): Arrival {
  const { ino, sizeBytes, mtimeMs, ctimeMs, links } = stat;
  const { canKeepFile, hasOriginal: isOther } = facts;
  const state = { isBeingWritten: undefined, canKeepFile, hasOriginal: isOther };
  const arrival = { is, name, queue, ino, sizeBytes, mtimeMs, ctimeMs, unchangedSince: now, ...state };
  return links > 1 ? { ...arrival, hasOtherName: true } : arrival;
}

/** Gives the arrival with its head read; undefined if it is gone again. */
export function arrivalFrom(context: Context, found: Found): Arrival | undefined {
  const { queue, name, stat } = found;
  if (stat.kind !== 'file') {
    const what = stat.kind === 'symlink' ? 'a symbolic link' : 'a device, socket or FIFO';
    return arrivalAs({ kind: 'special', what }, found);
  }
  const { machine, paths } = context;
  let read;
  try {
    read = readHead(machine.files, join(paths.queue[queue], name), stat.sizeBytes);
  } catch (error) {
    // Only a missing right is the file's own fault; what else the disk says is asked again.
    if (!['EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
    const remedy = `make it readable for the monitor’s user (${machine.host.user.name})`;
    const problem = { line: 0, message: `cannot be read (${String(error)})`, remedy };
    return arrivalAs({ kind: 'invalid', problems: [problem] }, found);
  }
  if (!read) return undefined;
  const { parsed } = read;
  if (parsed.kind === 'invalid' || isNewArray(parsed.head)) {
    const flow = wholeFlow(read.bytes, templateTexts(machine.files, paths), name);
    if (flow.kind === 'invalid') return arrivalAs(flow, found);
    if (flow.kind === 'none') return parsed.kind === 'invalid' ? arrivalAs(parsed, found) : undefined;
    const isSubmitted = isSubmittedFlow(flow.flow, stat.sizeBytes);
    const arrival = arrivalAs({ kind: 'flow', isSubmitted }, found);
    return isSubmitted && stat.links === 2 ? { ...arrival, isBeingLinked: true } : arrival;
  }
  const { head } = parsed;
  if (!head.stamp && !head.status && head.event === '') {
    const unique = uniqueKeyIn(head);
    return arrivalAs(unique === undefined ? unstamped : { ...unstamped, unique }, found);
  }
  const isOurs = stat.uid === machine.host.uid && stat.links === 1;
  const canKeepFile = isOurs && head.stamp !== undefined && head.status !== undefined && canHoldStatus(head.layout);
  const isBeingLinked = stat.links === 2 && head.event.startsWith('submitted ');
  const isOther = hasOriginal(context, { queue, name, ino: stat.ino }, head);
  const arrival = arrivalAs({ kind: 'uow', head }, found, { canKeepFile, hasOriginal: isOther });
  return isBeingLinked ? { ...arrival, isBeingLinked } : arrival;
}

/**
 * True if another file with the stamp of this one waits or runs: whoever copied it made a new UOW. Who saved it anew under its
 * name or moved it did not, and left none.
 */
function isCopy({ picture, machine, config, paths }: Context, ino: number, head: UowHead): boolean {
  const { stamp, status } = head;
  if (!stamp || !status) return false;
  for (const { record, uowFile } of picture.runs.values())
    if (uowFile.ino !== ino && compareStamps(record.stamp, stamp) === 0) return true;
  if (picture.isFirstLook && !picture.stampsAtStart.has(keyOfStamp(stamp))) return false;
  const { header } = defaultedHeader(head.header, config, picture.jobTypes);
  const priority = servicePriority(header, config);
  return Object.values(picture.waiting).some((index) => {
    const other = stampedIn(index, stamp, priority);
    if (!other || other.ino === ino) return false;
    return machine.files.stat(join(paths.queue[other.queue], other.name))?.ino === other.ino;
  });
}

/**
 * True if a UOW with this stamp still stands elsewhere, so that this one is a copy of it: under the same name, or under the
 * name that the history knows for the stamp. A file that a person moved has no original, and is a rerun; nor has one of which more
 * has come than of the other.
 */
export function hasOriginal(context: Context, bare: Place, head: UowHead): boolean {
  const { stamp, status } = head;
  if (isCopy(context, bare.ino, head)) return true;
  if (context.picture.retried.get(bare.ino) === bare.name) return false;
  // One that never ran is in no history: a copy of it that comes when it has ended cannot be told from it, and runs once too.
  if (!stamp || !status || (status.word === 'waiting' && status.attempt === 0)) return false;
  if (standsElsewhere(context, bare, bare.name, { stamp, status })) return true;
  if (status.word === 'running') return false;
  const { files } = context.machine;
  const sizeBytes = files.stat(context.paths.history)?.sizeBytes ?? 0;
  const from = Math.max(0, sizeBytes - historyTailBytes);
  const tail = files.read(context.paths.history, from, sizeBytes - from);
  const name = tail === undefined ? undefined : nameOfStamp(tail, textFromStamp(stamp));
  return name !== undefined && name !== bare.name && standsElsewhere(context, bare, name, { stamp, status });
}

function standsElsewhere(
  { machine, paths, picture }: Context,
  bare: Place,
  name: Bytes,
  { stamp, status }: { readonly stamp: Stamp; readonly status: Status },
): boolean {
  return queueKinds.some((queue) => {
    if (queue === bare.queue && name === bare.name) return false;
    const path = join(paths.queue[queue], name);
    const stat = machine.files.stat(path);
    if (stat?.kind !== 'file' || stat.ino === bare.ino) return false;
    // One that was found to be a copy is nobody's original.
    const pending = picture.arrivals.get(`${queue}/${name}`);
    if (pending?.hasOriginal === true && pending.ino === stat.ino) return false;
    const read = readHead(machine.files, path, stat.sizeBytes);
    if (read?.parsed.kind !== 'uow' || !read.parsed.head.stamp) return false;
    if (compareStamps(read.parsed.head.stamp, stamp) !== 0) return false;
    const { status: there } = read.parsed.head;
    // A copy stands still: of its original at least as much has come.
    if (there && compareProgress(there, status) < 0) return false;
    // What an editor made of it while it ran is in trash too, and has none of its log.
    return (
      queue !== 'trash' || (there?.word === status.word && there.attempt === status.attempt && there.at === status.at)
    );
  });
}
