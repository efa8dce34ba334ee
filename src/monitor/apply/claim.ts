// Claiming a waiting UOW: the record, the second link and the word `running` stand durably on disk before the launcher hears of
// the attempt. What a crash between two of these steps leaves is read by runs.ts and the recover rule.
import { canHoldStatus } from '../../format/uow-edit.ts';
import { attemptSeparator } from '../../format/separators.ts';
import { resultLineBytes, textFromResult, textFromRunRecord } from '../../format/run-record.ts';
import { type Bytes, bytesFromUtf8 } from '../../model/bytes.ts';
import type { KeptBy, Limits } from '../../model/limits.ts';
import { join, runPaths } from '../../model/paths.ts';
import { type RunId, type RunRecord, type RunResult, runIdOf } from '../../model/run.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { retryStatus } from '../../model/status.ts';
import type { UowHead } from '../../model/uow.ts';
import { errnoOf } from '../../model/errno.ts';
import type { FileStat } from '../../system/files.ts';
import type { Batch } from './batch.ts';
import type { Context } from '../context.ts';
import { type AttemptGroup, launchOf, noGroup } from './launch-of.ts';
import { hint, noteOwnMove } from '../survey/picture.ts';
import type { RunState } from '../survey/run-state.ts';
import { readHead } from '../survey/read-uow.ts';
import { noteStart } from '../survey/starts.ts';
import { dropDirectory, dropRecord } from '../survey/runs.ts';
import { keptFrom } from './output-of.ts';
import { sayOnce } from '../report/say-once.ts';
import { submitterOf } from './submitter.ts';
import { dropOldName, untilDone } from './until-done.ts';
import { writeStatus } from './write-status.ts';

/**
 * Claims the UOW; with a fault, or if it has expired, as one that has its result at once. `gone` if it changed or vanished since the
 * survey: it is then looked at anew.
 */
export function claim(
  context: Context,
  uow: WaitingUow,
  batch: Batch,
  { fault, isExpired = false }: { readonly fault?: string; readonly isExpired?: boolean } = {},
): 'done' | 'gone' {
  const { machine, paths, picture } = context;
  const { files, clock, host, processes } = machine;
  const from = join(paths.queue[uow.queue], uow.name);
  const stat = files.stat(from);
  const isChanged =
    stat?.ino !== uow.ino || stat.sizeBytes !== uow.sizeBytes || stat.mtimeMs !== uow.mtimeMs || stat.links !== 1;
  const read = stat && !isChanged ? readHead(files, from, stat.sizeBytes) : undefined;
  if (!stat || read?.parsed.kind !== 'uow' || !isClaimable(read.parsed.head)) {
    hint(picture, uow.queue, uow.name);
    return 'gone';
  }
  const { head } = read.parsed;
  const onExpire = isExpired ? (uow.expires?.how ?? 'fail') : undefined;
  const token = host.token();
  const number = uow.attempts + 1;
  const id = runIdOf(uow.stamp, number, token);
  const of = launchOf(context, uow.name, head, {
    id,
    number,
    retry: uow.retry?.number ?? 0,
    token,
    groupFor: (limits) => groupFor(context, id, limits),
    file: stat,
    ...(fault !== undefined && { fault }),
  });
  sayUnkept(context, uow.name, of.limits);
  const own = runPaths(paths, id);
  const needsSeparator = number > 1 && stat.sizeBytes > head.layout.logOffset;
  const claimedAt = clock.now();
  const separator = needsSeparator ? separatorOf({ attempt: number, claimedAt }) : '';
  const record: RunRecord = {
    id,
    name: uow.name,
    queue: uow.queue === 'executing' ? 'wait' : uow.queue,
    stamp: uow.stamp,
    attempt: number,
    token,
    bootId: (picture.bootId ??= processes.bootId()),
    mountId: (picture.mountId ??= machine.mountIdOf(paths.root)),
    claimedAt,
    // What the gates judged by: whatever settings say by now, no more is taken than there was.
    slots: isExpired ? 0 : uow.slots,
    ...(uow.needs && !isExpired && { needs: uow.needs }),
    ...(uow.unique !== undefined && { unique: uow.unique }),
    ...(of.jobType !== undefined && { jobType: of.jobType }),
    ...(Object.keys(of.given).length > 0 && { given: of.given }),
    submitter: submitterOf(host, stat.uid, head.event),
    ...(uow.group !== undefined && { group: uow.group }),
    ...(of.flow !== undefined && { flow: of.flow }),
    ...(uow.array && { array: uow.array.of }),
    ...(of.schedule !== undefined && { schedule: of.schedule }),
    ...(of.scheduledAt !== undefined && { scheduledAt: of.scheduledAt }),
    head: read.bytes,
    statusOffset: head.layout.status.offset,
    logOffset: stat.sizeBytes + separator.length,
    eol: head.layout.eol,
    launch: keptFrom(of.launch, stat.sizeBytes + separator.length),
    judging: { ...of.judging, ...(onExpire && { onExpire }) },
    ...(of.limits && { limits: of.limits }),
    // Who says skip or trash wants to hear nothing of it.
    ...(of.hooks && (!onExpire || onExpire === 'fail') && { hooks: of.hooks }),
  };
  const notStartable = isExpired ? undefined : of.fault;
  const result = isExpired
    ? notBegun('expired', claimedAt)
    : notStartable === undefined
      ? undefined
      : notBegun('cannot-start', claimedAt);
  let recordStat: FileStat | undefined;
  try {
    files.makeDirectory(own.dir, 0o700);
    if (of.user.uid !== host.uid) files.setOwner(own.dir, of.user.uid, of.user.gid);
    files.create(own.record, recordText(record, result), { mode: 0o600, sync: batch.sync });
    // Made, and written.
    noteOwnMove(picture, 'runs', `${id}.run`, 2);
    // Taken away in this very instant, or replaced: by a symlink even, which tee would follow.
    if (files.link(from, own.uow) !== 'ok' || files.stat(own.uow)?.ino !== stat.ino) {
      unclaim(context, uow, record);
      return 'gone';
    }
    const log = separator + (notStartable === undefined ? '' : bytesFromUtf8(`sjq: cannot start: ${notStartable}\n`));
    if (log !== '') files.append(own.uow, log as Bytes, { sync: false });
    writeRunning(context, record, batch.sync);
    if (uow.queue !== 'executing' && files.link(own.uow, join(paths.queue.executing, uow.name)) === 'ok') {
      noteOwnMove(picture, 'executing', uow.name);
    }
    recordStat = files.stat(own.record);
  } catch (error) {
    // A full or failing disk: as if it had never been claimed, as soon as the disk lets that be.
    unclaim(context, uow, record);
    throw error;
  }
  picture.waiting[uow.queue].remove(uow.name);
  const run: RunState = {
    record,
    recordFile: { ino: recordStat?.ino ?? 0, dev: recordStat?.dev ?? 0 },
    uowFile: { ino: stat.ino, dev: stat.dev },
    isRecovered: false,
    started: result ? 'yes' : 'no',
    isEndAsked: false,
    hasNotes: false,
    isSuspended: false,
    isTreeGone: false,
    resultFile: 'unread',
    isBusy: false,
    ...(notStartable !== undefined && { isRefused: true }),
    ...(result && { result }),
  };
  picture.runs.set(id, run);
  if (!result) noteStart(picture, record, claimedAt);
  batch.made(paths.runs, paths.claimed, paths.queue.executing);
  if (uow.queue !== 'executing') {
    dropOldName(context, uow, batch, { isSynced: true, then: () => noteOwnMove(picture, uow.queue, uow.name) });
  }
  if (!result) batch.after(() => launch(context, run));
  batch.unlessSynced(() => {
    // It has two names now, and may be launched all the same if it cannot be withdrawn.
    hint(picture, uow.queue, uow.name);
    withdraw(context, id);
  });
  return 'done';
}

/**
 * Undoes a claim that was not completed. Until that is done the UOW is not touched: a record left beside it would be acted upon
 * at the next start. STATUS before the record, because one that says `running` and has none is taken for interrupted.
 */
function unclaim(context: Context, uow: WaitingUow, record: RunRecord): void {
  const { machine, paths, picture } = context;
  const { files } = machine;
  const { name, queue, ino, attempts, retry } = uow;
  const from = join(paths.queue[queue], name);
  const executing = join(paths.queue.executing, name);
  picture.dropping.add(ino);
  const undo = (): void => {
    if (queue !== 'executing' && files.stat(executing)?.ino === ino) files.unlink(executing);
    if (files.stat(from)?.ino === ino) {
      const at = machine.clock.now();
      const status = retry
        ? retryStatus(attempts, retry)
        : ({ word: 'waiting', flags: [], attempt: attempts, at } as const);
      writeStatus(files, { path: from, offset: record.statusOffset, eol: record.eol }, status, false);
    }
    dropRecord(context, record.id);
    dropDirectory(context, record.id);
    if (record.launch.cgroup !== '') context.cgroups?.remove(record.launch.cgroup);
    picture.dropping.delete(ino);
    hint(picture, queue, name);
  };
  untilDone(context, undo);
  if (picture.unfinished.has(undo)) picture.waiting[queue].remove(name);
}

/** Gives the attempt's control group; none if there are none to be had, or this one could not be made. */
function groupFor(context: Context, id: RunId, limits: Limits): AttemptGroup {
  const { cgroups } = context;
  try {
    if (cgroups) return { dir: cgroups.create(id, limits), keeps: cgroups.keeps };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const text = `no control group for jobs (${String(error)}): they are ended by group, descent and token`;
    sayOnce(context, 'cgroup', { event: 'attention', text });
  }
  return noGroup;
}

/** A limit that nobody keeps is no reason not to run, but one to say so. */
function sayUnkept(context: Context, name: Bytes, { cpu }: KeptBy = {}): void {
  if (cpu !== 'nobody') return;
  const text =
    'its cpu-max is kept by nobody: there is no control group here that could (docs/resources.md, "Memory and CPU")';
  sayOnce(context, 'cpu-max', { event: 'attention', name, text });
}

function isClaimable(
  head: UowHead,
): head is UowHead & { readonly layout: { readonly status: { readonly offset: number }; readonly logOffset: number } } {
  return canHoldStatus(head.layout) && head.layout.status !== undefined && head.layout.logOffset !== undefined;
}

function notBegun(why: 'cannot-start' | 'expired', at: number): RunResult {
  return { code: 126, why, startedAt: at, endedAt: at, tee: 0, left: 0 };
}

function recordText(record: RunRecord, result: RunResult | undefined): Bytes {
  const text = textFromRunRecord(record);
  return result ? ((textFromResult(result) + text.slice(resultLineBytes)) as Bytes) : text;
}

/** Creates `started` before a guardian does: from then on the attempt cannot start any more, and the UOW goes back to its queue. */
export function withdraw({ machine, paths, picture }: Context, id: RunId): void {
  const { files } = machine;
  const run = picture.runs.get(id);
  if (run) run.isWithdrawing = true;
  const { dir, started } = runPaths(paths, id);
  // Linked whole: a piece of the word, which a crash left, would pass for a guardian's.
  const whole = join(dir, 'withdrawn');
  files.makeDirectory(dir, 0o700);
  files.unlink(whole);
  files.create(whole, bytesFromUtf8('withdrawn\n'), { mode: 0o644, sync: false });
  files.link(whole, started);
}

/** Writes `running #N` in place: STATUS never says less than the truth once the attempt may have begun. */
export function writeRunning({ machine, paths }: Context, record: RunRecord, sync: boolean): void {
  const status = { word: 'running', flags: [], attempt: record.attempt, at: machine.clock.now() } as const;
  const place = { path: runPaths(paths, record.id).uow, offset: record.statusOffset, eol: record.eol };
  writeStatus(machine.files, place, status, sync);
}

/**
 * Launches an attempt that never ran, as far as anybody can tell. What a crash kept its claim from is done first: the directory
 * in which its guardian says that it started, the line between attempts, and the word `running`.
 */
export function launchAgain(context: Context, run: RunState, batch: Batch): void {
  const { machine, paths } = context;
  const { files } = machine;
  const { record } = run;
  const own = runPaths(paths, record.id);
  files.makeDirectory(own.dir, 0o700);
  const missing = record.logOffset - (files.stat(own.uow)?.sizeBytes ?? record.logOffset);
  if (missing > 0) files.append(own.uow, separatorOf(record).slice(-missing) as Bytes, { sync: false });
  writeRunning(context, record, batch.sync);
  batch.made(paths.runs, paths.claimed, paths.queue.executing);
  batch.after(() => launch(context, run));
}

/** Gives the line before the output of an attempt; the same one whenever it is asked for. */
function separatorOf({ attempt, claimedAt }: Pick<RunRecord, 'attempt' | 'claimedAt'>): Bytes {
  return attemptSeparator(attempt, claimedAt);
}

/** Asks the launcher to start an attempt that is durably claimed. */
export function launch(context: Context, run: RunState): void {
  const { record } = run;
  context.launcher().launch(record.id);
  run.askedAt = context.machine.clock.now();
  const { attempt, queue, jobType, limits } = record;
  context.say({
    event: 'started',
    name: record.name,
    fields: {
      ...{ attempt, from: context.config.queues[queue], job: jobType },
      ...{ 'memory-max': limits?.memory, 'cpu-max': limits?.cpu },
    },
  });
}
