// The survey: brings the picture up to date with what stands on disk, and gives it to the plan. It reads and never changes a
// thing. Hints say which names to look at; a directory is listed anew at the start and when its mtime changed without a hint.
import type { Bytes } from '../model/bytes.ts';
import { Header } from '../model/header.ts';
import { join } from '../model/paths.ts';
import { isEndedQueue, isIgnoredName, isReadmeName, isWaitingQueue, type Queue, queueKinds } from '../model/queue.ts';
import type { Arrival, MessageSeen, Seen, WaitingUow } from '../model/seen.ts';
import type { UowHead } from '../model/uow.ts';
import type { FileStat } from '../system/files.ts';
import { arrivalFrom } from './arrival.ts';
import type { Context } from './context.ts';
import { hint, noteStamp, runOfInode, runOfName } from './picture.ts';
import { claimsSeen } from './runs.ts';

/** A directory whose mtime is younger than this at its listing may change once more within the same tick. @see facts.md */
const mtimeTickMs = 20;

/** Gives the picture of the root now. `isPoll` looks at every directory's mtime, not only at what hints named. */
export function survey(context: Context, messages: readonly MessageSeen[], isPoll: boolean): Seen {
  const { picture, machine, config } = context;
  const now = machine.clock.now();
  if (isPoll) hintChangedDirectories(context);
  for (const queue of queueKinds) {
    const names = picture.hints.get(queue);
    if (names === undefined) continue;
    picture.hints.delete(queue);
    if (names === 'all') list(context, queue, now);
    else for (const name of names) check(context, queue, name, now);
  }
  const needsGauges = config.ready.load ?? config.ready.freeDiskBytes ?? config.ready.freeMemoryBytes;
  const { gauges } = machine;
  return {
    now,
    control: picture.control,
    messages,
    arrivals: [...picture.arrivals.values(), ...(picture.readmes.size > 0 ? picture.readmes.values() : [])],
    vanished: [...picture.vanished],
    claims: claimsSeen(context),
    waiting: picture.waiting,
    machine: {
      load: needsGauges === undefined ? 0 : gauges.load(),
      freeMemoryBytes: needsGauges === undefined ? Infinity : gauges.freeMemoryBytes(),
      freeDiskBytes: needsGauges === undefined ? Infinity : gauges.freeDiskBytes(context.paths.root),
      ...(picture.readyCommand && { readyCommand: picture.readyCommand }),
      ...(picture.foreign && { foreign: picture.foreign }),
    },
    jobTypes: picture.jobTypes,
    reportedForeign: picture.reportedForeign,
    counts: countsOf(context),
  };
}

/** Gives how many UOWs stand in each queue; a count that a person's hand made doubtful is made anew. */
export function countsOf(context: Context): Readonly<Record<Queue, number>> {
  const { picture, machine, paths } = context;
  for (const queue of picture.staleCounts) {
    const names = machine.files.list(paths.queue[queue]) ?? [];
    picture.counts[queue] = names.filter((name) => !isIgnoredName(name) && !isReadmeName(name)).length;
  }
  picture.staleCounts.clear();
  const { waiting } = picture;
  return {
    ...picture.counts,
    wait: waiting.wait.size,
    priority: waiting.priority.size,
    executing: picture.runs.size + waiting.executing.size,
  };
}

function hintChangedDirectories({ picture, machine, paths }: Context): void {
  for (const queue of queueKinds) {
    const stat = machine.files.stat(paths.queue[queue]);
    if (stat && stat.mtimeMs !== picture.listedMtimeMs.get(queue)) hint(picture, queue);
  }
}

function list(context: Context, queue: Queue, now: number): void {
  const { picture, machine, paths } = context;
  const dir = paths.queue[queue];
  const mtimeMs = machine.files.stat(dir)?.mtimeMs;
  const names = machine.files.list(dir);
  if (names === undefined || mtimeMs === undefined) {
    // Deleted or unreadable: said once by the loop, which makes it again. What waited there is not concluded to be cancelled.
    picture.listedMtimeMs.delete(queue);
    return;
  }
  if (now - mtimeMs >= mtimeTickMs) picture.listedMtimeMs.set(queue, mtimeMs);
  else picture.listedMtimeMs.delete(queue);
  if (isWaitingQueue(queue) || queue === 'executing') {
    const present = new Set<string>(names);
    for (const name of [...picture.waiting[queue].names()])
      if (!present.has(name)) check(context, queue, name as Bytes, now);
    for (const key of [...picture.arrivals.keys()]) {
      const [where, name] = splitKey(key);
      if (where === queue && !present.has(name)) check(context, queue, name, now);
    }
    for (const name of names) check(context, queue, name, now);
    return;
  }
  // A queue of what has ended is counted, not read: it may hold a million. Its newcomers by hand are those whose inode changed
  // since the last listing; at the start nobody can tell them from the others.
  picture.counts[queue] = names.filter((name) => !isIgnoredName(name) && !isReadmeName(name)).length;
  for (const name of names) if (isReadmeName(name)) check(context, queue, name, now);
}

function splitKey(key: string): readonly [string, Bytes] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1) as Bytes];
}

/** Looks at one name in one queue and puts what it is into the picture. */
function check(context: Context, queue: Queue, name: Bytes, now: number): void {
  if (isIgnoredName(name)) return;
  const { picture, machine, paths } = context;
  const key = `${queue}/${name}`;
  const stat = machine.files.stat(join(paths.queue[queue], name));
  if (isReadmeName(name) && stat?.kind === 'file') {
    picture.readmes.set(key, { ...bare(queue, name, stat, now), is: { kind: 'readme' } });
    return;
  }
  picture.readmes.delete(key);
  if (isEndedQueue(queue) || queue === 'trash' || queue === 'archive') {
    checkEnded(context, queue, name, stat, now);
    return;
  }
  const known = picture.waiting[queue].get(name);
  if (!stat) {
    picture.arrivals.delete(key);
    if (known) vanish(context, known);
    return;
  }
  if (known && isSame(known, stat)) return;
  if (queue === 'executing') {
    const run = runOfName(picture, name);
    // Whatever stands under a running UOW's name is the run's affair (runs.ts: placed).
    if (run) return;
  }
  if (picture.dropping.has(stat.ino)) {
    // A person was quicker than the log's sync: look again when the record is gone.
    hint(picture, queue, name);
    return;
  }
  const before = picture.arrivals.get(key);
  if (before && isSame(before, stat)) return;
  if (known) picture.waiting[queue].remove(name);
  take(context, queue, name, stat, now);
}

function isSame(known: Pick<WaitingUow, 'ino' | 'sizeBytes' | 'mtimeMs' | 'ctimeMs'>, stat: FileStat): boolean {
  return (
    known.ino === stat.ino &&
    known.sizeBytes === stat.sizeBytes &&
    known.mtimeMs === stat.mtimeMs &&
    known.ctimeMs === stat.ctimeMs
  );
}

function bare(queue: Queue, name: Bytes, stat: FileStat, now: number): Omit<Arrival, 'is'> {
  const { ino, sizeBytes, mtimeMs, ctimeMs } = stat;
  const facts = { name, queue, ino, sizeBytes, mtimeMs, ctimeMs };
  return { ...facts, unchangedSince: now, isBeingWritten: undefined, canKeepFile: false, hasOriginal: false };
}

function take(context: Context, queue: Queue, name: Bytes, stat: FileStat, now: number): void {
  const { picture } = context;
  const key = `${queue}/${name}`;
  if (stat.kind === 'directory') {
    if (!picture.reported.has(key)) {
      picture.reported.add(key);
      const text = 'a directory in a queue is left alone: move it elsewhere';
      context.say({ event: 'attention', name, fields: { queue: context.config.queues[queue] }, text });
    }
    return;
  }
  const run = runOfInode(picture, stat.ino);
  const arrival = arrivalFrom(context, bare(queue, name, stat, now), stat);
  if (arrival === undefined) return;
  picture.arrivals.set(key, run ? { ...arrival, runId: run.record.id } : arrival);
}

function checkEnded(context: Context, queue: Queue, name: Bytes, stat: FileStat | undefined, now: number): void {
  const { picture } = context;
  const key = `${queue}/${name}`;
  if (picture.ownMoves.delete(key) && stat) return;
  picture.arrivals.delete(key);
  picture.staleCounts.add(queue);
  if (!stat || queue === 'trash' || queue === 'archive') return;
  take(context, queue, name, stat, now);
}

function vanish({ picture, machine, paths }: Context, uow: WaitingUow): void {
  if (uow.queue === 'executing' || isWaitingQueue(uow.queue)) picture.waiting[uow.queue].remove(uow.name);
  const now = queueKinds.find((queue) => machine.files.stat(join(paths.queue[queue], uow.name))?.ino === uow.ino);
  if (now === 'wait' || now === 'priority' || now === 'executing') {
    // Moved between the waiting queues, for urgency: it is found there as what it is.
    hint(picture, now, uow.name);
    return;
  }
  picture.vanished.push({ uow, ...(now && { now }) });
}

/** Puts a UOW that is taken in into its place among the waiting. */
export function enlist(
  context: Context,
  queue: 'wait' | 'priority' | 'executing',
  name: Bytes,
  stat: Pick<FileStat, 'ino' | 'sizeBytes' | 'mtimeMs' | 'ctimeMs'>,
  head: UowHead,
): void {
  const { picture, machine, config } = context;
  if (!head.stamp) return;
  const header = new Header(head.header, config.defaults);
  const jobType = header.text('job');
  const { ino, sizeBytes, mtimeMs, ctimeMs } = stat;
  const status = head.status;
  picture.arrivals.delete(`${queue}/${name}`);
  picture.waiting[queue].add({
    ...{ name, queue, ino, sizeBytes, mtimeMs, ctimeMs },
    stamp: head.stamp,
    priority: header.whole('priority') ?? 0,
    slots: header.whole('slots') ?? 1,
    held: status?.flags.includes('held') ?? false,
    attempts: status ? (status.flags.includes('retry') ? status.attempt - 1 : status.attempt) : 0,
    ...(jobType !== undefined && { jobType }),
  });
  noteStamp(picture, head.stamp, machine.clock.now());
}

/** Counts every complete, stamped arrival as waiting without touching it: what an observer can know. */
export function acceptable(context: Context): void {
  const { picture } = context;
  for (const arrival of [...picture.arrivals.values()]) {
    const { is, queue, name, ino, sizeBytes, mtimeMs, ctimeMs } = arrival;
    if (is.kind !== 'uow' || arrival.runId !== undefined || (!isWaitingQueue(queue) && queue !== 'executing')) continue;
    enlist(context, queue, name, { ino, sizeBytes, mtimeMs, ctimeMs }, is.head);
  }
}
