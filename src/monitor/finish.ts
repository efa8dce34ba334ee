// The end of an attempt: STATUS, the move to its queue, one line of history; then, when the log is synced, the record is dropped.
// Every step may be repeated: until the record is gone, a crash only means that this is done again.
import { destinationOffset, textFromDestination } from '../format/run-record.ts';
import { resultLine } from '../format/separators.ts';
import { statusLineFromStatus } from '../format/status-line.ts';
import { type Bytes, utf8FromBytes } from '../model/bytes.ts';
import type { Outcome, Return } from '../model/outcome.ts';
import { join, runPaths } from '../model/paths.ts';
import { isWaitingQueue, type Queue, queueKinds } from '../model/queue.ts';
import { textFromStamp } from '../model/stamp.ts';
import type { Status } from '../model/status.ts';
import { textFromDurationMs, textFromInstantMs } from '../model/time.ts';
import type { Batch } from './batch.ts';
import type { Context } from './context.ts';
import { appendHistory, textOfName } from './history.ts';
import { mendHead } from './mend.ts';
import { suffixed } from './names.ts';
import { hint, type RunState } from './picture.ts';
import { dropFiles } from './runs.ts';
import { moveToTrash } from './trash.ts';

/** What is known of the attempt's end besides the outcome. */
export interface EndFacts {
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly left: number;
}

/** Writes the outcome and moves the UOW to its queue. */
export function finish(context: Context, run: RunState, outcome: Outcome, facts: EndFacts, batch: Batch): void {
  const { machine, paths, picture } = context;
  const { files, clock } = machine;
  const { record } = run;
  const own = runPaths(paths, record.id);
  const to: Queue = outcome.word;
  mendHead(context, run, batch.sync);
  const endedAt = facts.endedAt ?? clock.now();
  const durationMs = facts.startedAt === undefined ? undefined : endedAt - facts.startedAt;
  const result = run.resultFile === 'json' ? files.read(own.result, 0, 64 * 1024) : undefined;
  if (result !== undefined && !run.destination) appendResult(context, own.uow, utf8FromBytes(result));
  const status: Status = {
    ...{ word: outcome.word, reason: outcome.reason, flags: outcome.flags, attempt: record.attempt, at: endedAt },
    ...(durationMs !== undefined && { durationMs }),
  };
  files.overwrite(own.uow, record.statusOffset, statusLineFromStatus(status, record.eol), { sync: false });
  const suffix = linkAt(context, run, to, batch.sync);
  const name = suffixed(record.name, suffix);
  batch.made(paths.queue[to]);
  const logBytes = (files.stat(own.uow)?.sizeBytes ?? record.logOffset) - record.logOffset;
  batch.remove(() => leaveExecuting(context, run));
  batch.after(() => {
    const { queue, id, stamp, attempt, claimedAt, jobType } = record;
    const code = outcome.reason.kind === 'exit' ? outcome.reason.code : undefined;
    appendHistory(
      context,
      {
        ...{ kind: 'attempt', id, name: textOfName(name) },
        ...{ stamp: textFromStamp(stamp), attempt, outcome: outcome.word, reason: textFromReason(outcome), exit: code },
        enqueued_at: textFromInstantMs(stamp.seconds * 1000),
        claimed_at: textFromInstantMs(claimedAt),
        started_at: facts.startedAt === undefined ? undefined : textFromInstantMs(facts.startedAt),
        ended_at: textFromInstantMs(endedAt),
        ...{ duration_ms: durationMs, log_bytes: logBytes, queue, job: jobType, host: machine.host.name },
        directory: utf8FromBytes(record.launch.directory),
      },
      run.isRecovered ? id : undefined,
    );
    drop(context, run);
  });
  picture.counts[to] += 1;
  picture.ownMoves.add(`${to}/${name}`);
  const fields = {
    ...{ outcome: outcome.word, reason: textFromReason(outcome), attempt: record.attempt },
    took: durationMs === undefined ? undefined : textFromDurationMs(durationMs),
    leftovers: facts.left > 0 ? facts.left : undefined,
    to: context.config.queues[to],
    as: suffix > 1 ? suffixed(record.name, suffix) : undefined,
  };
  const left = record.launch.leftovers === 'kill' ? 'processes were still alive at its end and were killed' : undefined;
  const lost = outcome.flags.includes('log!') ? 'part of its output could not be written to the log' : undefined;
  const text = [facts.left > 0 ? left : undefined, lost].filter((part) => part !== undefined).join('; ');
  context.say({ event: 'ended', name: record.name, fields, ...(text !== '' && { text }) });
}

/** Gives the reason as STATUS writes it: `exit=3`, `signal=KILL`, `timeout`. */
export function textFromReason({ reason }: Outcome): string {
  if (reason.kind === 'exit') return `exit=${reason.code}`;
  return reason.kind === 'signal' ? `signal=${reason.signal}` : reason.kind;
}

function appendResult({ machine }: Context, uow: Bytes, json: string): void {
  const { files } = machine;
  const line = resultLine(json);
  const sizeBytes = files.stat(uow)?.sizeBytes ?? 0;
  // A crash between this and the destination must not leave it twice.
  if (files.read(uow, Math.max(0, sizeBytes - line.length), line.length) !== line)
    files.append(uow, line, { sync: false });
}

/**
 * Links the UOW into its queue. Its name is its own; only a person's file may stand there, and then it becomes `~2`. Where it
 * goes is in the record before it goes there, and one sync makes that and the guardian's result durable.
 */
function linkAt({ machine, paths }: Context, run: RunState, to: Queue, sync: boolean): number {
  const own = runPaths(paths, run.record.id);
  for (let suffix = run.destination?.queue === to ? run.destination.suffix : 1; ; suffix++) {
    run.destination = { queue: to, suffix };
    machine.files.overwrite(own.record, destinationOffset, textFromDestination(run.destination), { sync });
    const path = join(paths.queue[to], suffixed(run.record.name, suffix));
    const linked = machine.files.link(own.uow, path);
    if (linked !== 'exists' || machine.files.stat(path)?.ino === run.uowFile.ino) return suffix;
  }
}

function leaveExecuting({ machine, paths }: Context, run: RunState): void {
  const path = join(paths.queue.executing, run.record.name);
  if (machine.files.stat(path)?.ino === run.uowFile.ino) machine.files.unlink(path);
}

/** Drops the record once the log is durable, in the background: a 10 GB log holds nobody up. */
export function drop(context: Context, run: RunState): void {
  const { machine, paths, picture, config } = context;
  const { id } = run.record;
  picture.runs.delete(id);
  if (config.durability === 'process') {
    dropAll(context, run);
    return;
  }
  picture.dropping.add(run.uowFile.ino);
  const dropped = (): void => {
    picture.dropping.delete(run.uowFile.ino);
    dropAll(context, run);
    context.wake();
  };
  machine.files.syncFile(runPaths(paths, id).uow).then(dropped, (error: unknown) => {
    const text = `its log could not be synced (${String(error)}): check the disk`;
    context.say({ event: 'fault', name: run.record.name, text });
    dropped();
  });
}

function dropAll(context: Context, { record }: RunState): void {
  dropFiles(context, record.id);
  if (record.launch.cgroup !== '') context.cgroups?.remove(record.launch.cgroup);
}

/** Moves a claimed UOW back to a waiting queue: its attempt never took place, or may be repeated. */
export function giveBack(context: Context, run: RunState, back: Return, batch: Batch): void {
  const { machine, paths, picture, config } = context;
  const { record } = run;
  const to = isWaitingQueue(back.to) ? back.to : 'wait';
  const status: Status = { word: 'waiting', flags: [], attempt: back.attempts, at: machine.clock.now() };
  const own = runPaths(paths, record.id);
  mendHead(context, run, batch.sync);
  machine.files.overwrite(own.uow, record.statusOffset, statusLineFromStatus(status, record.eol), { sync: batch.sync });
  const suffix = linkAt(context, run, to, batch.sync);
  batch.made(paths.queue[to]);
  batch.remove(() => leaveExecuting(context, run), paths.queue.executing);
  batch.after(() => {
    // At once and not after a sync of the log: until the record is gone nothing else may be done with the UOW.
    picture.runs.delete(record.id);
    dropAll(context, run);
    hint(picture, to, suffixed(record.name, suffix));
  });
  const fields = { to: config.queues[to], attempts: back.attempts, reason: back.why };
  context.say({ event: 'returned', name: record.name, fields });
}

/** Puts the name of a claimed UOW back into currently-executing. What a person or an editor put there goes to trash. */
export function restore(context: Context, run: RunState): void {
  const { machine, paths, config } = context;
  const { record } = run;
  const path = join(paths.queue.executing, record.name);
  const stat = machine.files.stat(path);
  if (stat?.ino === run.uowFile.ino) return;
  for (const queue of queueKinds) {
    const other = join(paths.queue[queue], record.name);
    if (queue !== 'executing' && machine.files.stat(other)?.ino === run.uowFile.ino) machine.files.unlink(other);
  }
  const as = stat && moveToTrash(context, path, record.name, stat.ino);
  machine.files.link(runPaths(paths, record.id).uow, path);
  if (!context.picture.wakes && !as) return;
  const text = as
    ? 'a running UOW was replaced (an editor’s save?): the edited copy is in trash, the UOW itself is back in its place'
    : 'a running UOW was moved or removed: it is back in its place, its job goes on';
  context.say({ event: 'restored', name: record.name, fields: { to: config.queues.executing, trash: as }, text });
}
