// The claimed attempts: found on disk at the start, looked at in every wake. Gives the plan each one's row of protocol.md's table.
// Long because finding, looking at and dropping an attempt's files must agree on their order.
import { runRecordFromText, resultFromText, resultLineBytes } from '../../format/run-record.ts';
import { statusFromText } from '../../format/status-line.ts';
import { canHoldStatus } from '../../format/uow-edit.ts';
import { type Bytes, isUtf8, utf8FromBytes } from '../../model/bytes.ts';
import { join, runPaths } from '../../model/paths.ts';
import type { RunId, RunRecord } from '../../model/run.ts';
import type { ClaimSeen } from '../../model/seen.ts';
import { statusLineBytes } from '../../model/uow.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import { linkFree } from '../apply/names.ts';
import { dropHooks } from '../apply/hooks.ts';
import { untilDone } from '../apply/until-done.ts';
import { findHooks, hookingSeen } from './hooks.ts';
import type { Files } from '../../system/files.ts';
import { noteOwnMove, noteStamp } from './picture.ts';
import type { RunState } from './run-state.ts';
import { readHead } from './read-uow.ts';
import { sayOnce } from '../report/say-once.ts';
import { writeStatus } from '../apply/write-status.ts';

/** A record holds a head of 64 KiB at most, its command once more, and an environment. */
const recordReadBytes = 4 * 1024 * 1024;
const resultFileLimitBytes = 64 * 1024;
/** As which a guardian has its record open (launcher.sh). */
const guardiansDescriptor = 8;
/** A guardian that was asked has said that it started after this long, or something is amiss. */
const startMs = 10_000;

/** Loads every run record into the picture, for a look from outside. Changes nothing on disk. */
export function findRuns(context: Context): { readonly torn: readonly RunId[] } {
  const { picture, machine, paths } = context;
  const { files } = machine;
  const torn: RunId[] = [];
  for (const name of files.list(paths.runs) ?? []) {
    if (!name.endsWith('.run')) continue;
    const id = name.slice(0, -'.run'.length) as RunId;
    const own = runPaths(paths, id);
    const read = runRecordFromText(files.read(own.record, 0, recordReadBytes) ?? ('' as Bytes));
    const recordStat = files.stat(own.record);
    const uowStat = files.stat(own.uow);
    if (!read || !recordStat || !uowStat) {
      // Written before the second link, which is made before anything is started: it never ran, and its UOW stands in its queue.
      torn.push(id);
      continue;
    }
    noteStamp(picture, read.record.stamp, machine.clock.now());
    const hooking = read.record.hooks && findHooks(context, id);
    picture.runs.set(id, {
      record: read.record,
      recordFile: { ino: recordStat.ino, dev: recordStat.dev },
      uowFile: { ino: uowStat.ino, dev: uowStat.dev },
      isRecovered: true,
      started: 'no',
      isEndAsked: files.stat(own.end) !== undefined,
      hasNotes: true,
      isSuspended: isSuspended(context, own.uow, read.record),
      isTreeGone: false,
      resultFile: 'unread',
      isBusy: false,
      ...(read.result && { result: read.result }),
      ...(read.destination && { destination: read.destination }),
      ...(read.outputEndsAt !== undefined && { outputEndsAt: read.outputEndsAt }),
      ...(read.hooksEndAt !== undefined && { hooksEndAt: read.hooksEndAt }),
      ...(hooking && { hooking }),
    });
  }
  return { torn };
}

/** True if STATUS says that a person had the job stopped where it was. */
function isSuspended({ machine }: Context, uow: Bytes, { statusOffset }: RunRecord): boolean {
  const line = machine.files.read(uow, statusOffset, statusLineBytes);
  return line !== undefined && statusFromText(line.trim())?.flags.includes('held') === true;
}

/** The start of a monitor's life: loads the records, and drops or says what a crash left half made. */
export function loadRuns(context: Context): void {
  const { picture, machine, paths } = context;
  const { files } = machine;
  const { torn } = findRuns(context);
  // Before what follows counts the names of a UOW.
  for (const name of files.list(paths.hooks) ?? []) {
    const id = name.replace(/\.(run|uow)$/, '') as RunId;
    if (!picture.runs.has(id)) untilDone(context, () => dropHooks(context, id));
  }
  for (const id of torn) {
    untilDone(context, () => {
      keepOrDropOrphan(context, id);
      dropRecord(context, id);
    });
  }
  const known: ReadonlySet<string> = new Set(picture.runs.keys());
  for (const name of files.list(paths.claimed) ?? []) {
    const id = name.replace(/\.(uow|notes|idle)$/, '') as RunId;
    if (!known.has(id)) untilDone(context, () => keepOrDropOrphan(context, id));
  }
  for (const name of files.list(paths.runs) ?? []) {
    if (!name.endsWith('.run') && !known.has(name))
      untilDone(context, () => dropDirectory(context, name as string as RunId));
  }
}

/**
 * A second link whose record is gone or torn: the UOW has its name in a queue, or a person removed that. If there is no other
 * name it may have run, and nobody knows what it was called: it goes to fail-q under the attempt's id.
 */
function keepOrDropOrphan(context: Context, id: RunId): void {
  const { files, clock } = context.machine;
  const { uow, notes, idle } = runPaths(context.paths, id);
  const stat = files.stat(uow);
  if (stat?.links === 1) {
    const read = readHead(files, uow, stat.sizeBytes);
    const head = read?.parsed.kind === 'uow' ? read.parsed.head : undefined;
    if (head?.layout.status && canHoldStatus(head.layout)) {
      const attempt = head.status?.attempt ?? 1;
      const status = { word: 'fail', reason: { kind: 'interrupted' }, flags: [], attempt, at: clock.now() } as const;
      writeStatus(files, { path: uow, offset: head.layout.status.offset, eol: head.layout.eol }, status, true);
    }
    const as = linkFree(context, { from: uow, ino: stat.ino }, context.paths.queue.fail, id as string as Bytes);
    files.syncDirectory(context.paths.queue.fail);
    const text = 'found without a record and without a name in any queue; kept in fail-q';
    context.say({ event: 'attention', name: as ?? id, text });
  }
  for (const path of [uow, notes, idle]) files.unlink(path);
}

/**
 * Removes the record of an attempt. The second link first: a record without it is known to be over, and one whose `started` is gone
 * would be launched again. What its job had for itself goes by {@link dropDirectory}, afterwards: the start of a monitor finds it
 * without its record.
 */
export function dropRecord({ machine, paths, picture }: Context, id: RunId, hasNotes: boolean = true): void {
  const own = runPaths(paths, id);
  machine.files.unlink(own.uow);
  if (hasNotes) machine.files.unlink(own.notes);
  if (machine.files.unlink(own.record) === 'ok') noteOwnMove(picture, 'runs', `${id}.run`);
}

/** Removes what the job of an attempt had for itself, and whatever it made of that. @throws errno errors, for what it made immutable */
export function dropDirectory({ machine, paths }: Context, id: RunId): void {
  const { files } = machine;
  const own = runPaths(paths, id);
  if (files.stat(own.dir)?.kind === 'directory' && isEmptied(files, own)) return;
  files.removeTree(own.dir);
}

/** Removes the files that nearly all attempts leave and no others. False if there is more to it. */
function isEmptied(files: Files, own: ReturnType<typeof runPaths>): boolean {
  try {
    files.unlink(own.started);
    // Most jobs leave nothing else.
    if (files.removeDirectory(own.dir) !== 'not-empty') return true;
    for (const path of [own.end, own.progress, own.result]) files.unlink(path);
    return files.removeDirectory(own.dir) !== 'not-empty';
  } catch (error) {
    // A directory under one of the names, or a directory that the job closed.
    if (!['EISDIR', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
    return false;
  }
}

/** As long as both last, nothing that was written is lost, synced or not. */
interface Session {
  readonly bootId: string;
  readonly mountId: string;
}

/** Gives what is found of every claimed attempt now. */
export function claimsSeen(context: Context): readonly ClaimSeen[] {
  const { picture, machine } = context;
  if (picture.runs.size === 0) return [];
  const bootId = (picture.bootId ??= machine.processes.bootId());
  const mountId = (picture.mountId ??= machine.mountIdOf(context.paths.root));
  return [...picture.runs.values()].map((run) => guardedClaim(context, run, { bootId, mountId }));
}

/** A file of one attempt that cannot be read must not keep the others from being served: that one waits until it can. */
function guardedClaim(context: Context, run: RunState, now: Session): ClaimSeen {
  try {
    return openedClaim(context, run, now);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const { record } = run;
    const text = `what its attempt left cannot be read (${String(error)}): give the monitor’s user the right to`;
    sayOnce(context, `unreadable ${record.id}`, { event: 'fault', name: record.name, text });
    return {
      ...{ record, started: run.started, isGuardianAlive: false, isSameBoot: true, isSameMount: true },
      ...{ isTreeGone: false, placed: 'there' },
      ...{ isFinished: false, resultFile: 'unread', isEndAsked: false, isSuspended: false, isBusy: true },
    };
  }
}

/** A job may close its own directory: its owner, which we are, opens it again. */
function openedClaim(context: Context, run: RunState, now: Session): ClaimSeen {
  try {
    return claimSeen(context, run, now);
  } catch (error) {
    const { files } = context.machine;
    const { dir } = runPaths(context.paths, run.record.id);
    const stat = errnoOf(error) === 'EACCES' ? files.stat(dir) : undefined;
    if (stat?.kind !== 'directory' || (stat.mode & 0o700) === 0o700) throw error;
    files.setMode(dir, 0o700);
    return claimSeen(context, run, now);
  }
}

function claimSeen(context: Context, run: RunState, now: Session): ClaimSeen {
  const { machine, paths } = context;
  const { record } = run;
  const own = runPaths(paths, record.id);
  const isSameBoot = record.bootId === now.bootId;
  if (!run.result) look(context, run, isSameBoot);
  const isGuardianAlive = !run.result && isSameBoot && run.guardianPid !== undefined;
  if (run.result && run.resultFile === 'unread') run.resultFile = resultFileOf(context, own.result);
  const stat = machine.files.stat(join(paths.queue.executing, record.name));
  const link = machine.files.stat(own.uow);
  const isThere = stat?.ino === run.uowFile.ino && link?.ino === run.uowFile.ino;
  const placed = isThere ? 'there' : stat === undefined || stat.ino === run.uowFile.ino ? 'missing' : 'replaced';
  const isElsewhere = placed !== 'there' && (link?.links ?? 0) > 1;
  return {
    record,
    started: run.started,
    ...(run.result && { result: run.result }),
    isGuardianAlive,
    isSameBoot,
    isSameMount: record.mountId === undefined || record.mountId === now.mountId,
    ...(run.askedAt !== undefined && { askedAt: run.askedAt }),
    isTreeGone: run.isTreeGone,
    placed,
    isFinished: run.destination !== undefined && isElsewhere,
    ...(run.matched && { matched: run.matched }),
    resultFile: run.resultFile,
    ...(run.hooking && { hooking: hookingSeen(context, run.hooking, isSameBoot) }),
    isEndAsked: run.isEndAsked,
    isSuspended: run.isSuspended,
    isBusy: run.isBusy || machine.clock.now() < (run.refusedUntil ?? -Infinity),
  };
}

/**
 * Reads what the guardian left. The result first: most looks are at one that has ended. Without one whether it is alive, and then the
 * result once more, so that one who writes it and ends between two looks is never taken for dead without a result.
 */
function look(context: Context, run: RunState, isSameBoot: boolean): void {
  lookForResult(context, run);
  // That one was withdrawn counts for more than a result. Who did not ask for that knows that it was not.
  if (run.result && !run.isRecovered && !run.isWithdrawing) {
    run.started = 'yes';
    return;
  }
  lookForGuardian(context, run, isSameBoot);
  if (!run.result && run.guardianPid === undefined) lookForResult(context, run);
}

function lookForResult({ machine, paths }: Context, run: RunState): void {
  const line = machine.files.read(runPaths(paths, run.record.id).record, 0, resultLineBytes);
  const result = line === undefined ? undefined : resultFromText(line);
  if (result) run.result = result;
}

function lookForGuardian({ machine, paths, picture }: Context, run: RunState, isSameBoot: boolean): void {
  const { processes } = machine;
  const own = runPaths(paths, run.record.id);
  // Read again until all is known: it is written in two pieces.
  const isKnown = run.guardianPid !== undefined && run.jobGroup !== undefined;
  const text = isKnown ? undefined : startedText(machine, own.started);
  if (run.started === 'no') {
    if (text !== undefined) {
      run.started = text.startsWith('withdrawn') ? 'withdrawn' : 'yes';
    } else if (isDoubtful(run, machine.clock.now()) && isSameBoot && processes.holdersOf(run.recordFile).length > 0) {
      // The job itself may have removed the file; its guardian still holds the record.
      run.started = 'yes';
    }
    picture.isNews ||= run.started !== 'no';
  }
  if (run.started !== 'yes' || !isSameBoot) return;
  // line 1: guardian, session; line 2: the job
  const [guardian, session, job] = (text ?? '').split(/\s+/).map(Number);
  if (session && job) run.jobGroup = { pgid: job, session };
  const said = guardian !== undefined && guardian > 0 ? guardian : run.guardianPid;
  const pid = said ?? processes.holdersOf(run.recordFile)[0];
  if (pid !== undefined && processes.hasOpen(pid, run.recordFile)) run.guardianPid = pid;
  else delete run.guardianPid;
}

/**
 * True if the attempt's guardian lives and serves another root, which this one is a copy of: a record of the same name, which is another
 * file and still has that name. One that was deleted is nobody's: its root was, or is restored here.
 */
export function isAnotherRoots({ machine, paths }: Context, { record, recordFile }: RunState): boolean {
  const { processes } = machine;
  const guardian = Number((startedText(machine, runPaths(paths, record.id).started) ?? '').split(' ', 1)[0]);
  if (!(guardian > 0) || processes.hasOpen(guardian, recordFile)) return false;
  return processes.pathOpenAs(guardian, guardiansDescriptor)?.endsWith(`/.sjq/runs/${record.id}.run`) === true;
}

/**
 * Gives what `started` says; undefined if it is not there. Nothing, where a job put something else in its place (a FIFO, a link): somebody owned the
 * attempt, and a second start may be none. Nothing too, where a job of another user put its own in the place of root's: root would
 * signal whom it names.
 */
function startedText({ files, host }: Context['machine'], path: Bytes): Bytes | undefined {
  const text = files.read(path, 0, 64);
  if (text === undefined) return files.stat(path) === undefined ? undefined : ('' as Bytes);
  const isForeign = host.uid === 0 && files.stat(path)?.uid !== 0;
  return isForeign ? ('' as Bytes) : text;
}

/** True if nobody can be sure from the missing `started` alone, or something else than waiting is about to be done about it. */
function isDoubtful({ isRecovered, isEndAsked, askedAt }: RunState, now: number): boolean {
  return isRecovered || isEndAsked || askedAt === undefined || now - askedAt >= startMs;
}

function resultFileOf({ machine }: Context, path: Bytes): RunState['resultFile'] {
  const stat = machine.files.stat(path);
  if (!stat) return 'none';
  if (stat.kind !== 'file' || stat.sizeBytes > resultFileLimitBytes) return 'not-json';
  if (stat.sizeBytes === 0) return 'none';
  try {
    const text = machine.files.read(path, 0, resultFileLimitBytes);
    if (text === undefined) return 'none';
    JSON.parse(utf8FromBytes(text));
    // Other bytes would be replaced as they are decoded: what the job left is kept as it was.
    return isUtf8(text) ? 'json' : 'not-json';
  } catch (error) {
    // A result that its job made unreadable is none.
    if (error instanceof SyntaxError || errnoOf(error) === 'EACCES') return 'not-json';
    throw error;
  }
}
