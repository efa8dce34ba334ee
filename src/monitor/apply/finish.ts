// The end of an attempt: STATUS, the move to its queue, one line of history; then, when the log is synced, the record is dropped.
// Every step may be repeated: until the record is gone, a crash only means that this is done again.
import { type AttemptEntry, isOfRun } from '../../format/history-line.ts';
import { destinationOffset, textFromEnding } from '../../format/run-record.ts';
import { textFromReason } from '../../format/status-line.ts';
import { type Bytes, textOfName } from '../../model/bytes.ts';
import type { Action } from '../../model/action.ts';
import { type Outcome, queueOfOutcome, type Return } from '../../model/outcome.ts';
import { runPaths } from '../../model/paths.ts';
import type { RunRecord, RunResult } from '../../model/run.ts';
import { isWaitingQueue } from '../../model/queue.ts';
import { instantOfStamp, textFromStamp } from '../../model/stamp.ts';
import { retryStatus, type Status } from '../../model/status.ts';
import { textFromDurationMs, textFromInstant, textFromInstantMs } from '../../model/time.ts';
import { searchPathOf } from '../../plan/given.ts';
import type { Batch } from './batch.ts';
import type { Context } from '../context.ts';
import { moveOut } from './destination.ts';
import { dropNow, dropWhenSynced } from './drop.ts';
import { appendHistory } from '../history.ts';
import { endHooks } from './hooks.ts';
import { mendHead } from './mend.ts';
import { alarmOfEnd } from '../report/alarms.ts';
import { noteStartOf } from '../survey/could-not-start.ts';
import type { Usage } from '../../system/cgroups.ts';
import { noteOwnMove } from '../survey/picture.ts';
import { leftResult, resultForHistory } from './result.ts';
import type { RunState } from '../survey/run-state.ts';

const notesLimitBytes = 16 * 1024 * 1024;

/** What is known of the attempt's end besides the outcome. */
export interface EndFacts {
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** How many processes were alive at its end. */
  readonly left: number;
}

/** Writes the outcome and moves the UOW to its queue. */
export function finish(context: Context, run: RunState, outcome: Outcome, facts: EndFacts, batch: Batch): void {
  const { machine, picture, config } = context;
  const { record } = run;
  if (!run.destination) mendHead(context, run, batch.sync);
  endHooks(context, run);
  const endedAt = facts.endedAt ?? machine.clock.now();
  const logBytes = endLog(context, run, leftResult(context, run), batch.sync);
  const status: Status = {
    ...{ word: outcome.word, reason: outcome.reason, flags: outcome.flags, attempt: record.attempt, at: endedAt },
    ...durationOf(facts.startedAt, endedAt),
  };
  const to = queueOfOutcome(outcome);
  const name = moveOut(context, run, to, status, batch);
  batch.after(() => {
    // A line may be there already: from before a crash, or from a try that failed after it.
    const isAgain = run.isRecovered || run.isFinishing === true;
    run.isFinishing = true;
    // Its group goes with its record.
    const usage = usageOf(context, run);
    const ended = { name, outcome, facts: { ...facts, endedAt }, logBytes, usage };
    const { durationMs } = durationOf(facts.startedAt, endedAt);
    alarmOfEnd(context, run, { name, outcome, durationMs }, { isAgain });
    appendAttempt(context, run, ended, { isAgain, sync: false });
    noteStartOf(picture, run, outcome);
    picture.counts[to] += 1;
    noteOwnMove(picture, to, name);
    if (config.durability === 'power') dropWhenSynced(context, run);
    else dropNow(context, run);
    sayEnd(context, run, ended);
  });
}

/** Gives how long it took; nothing if nobody knows. That of an interrupted attempt would be less than nothing if the clock was set back. */
function durationOf(startedAt: number | undefined, endedAt: number): Pick<Status, 'durationMs'> {
  return startedAt === undefined || endedAt < startedAt ? {} : { durationMs: endedAt - startedAt };
}

/**
 * Appends what stands behind the output: the result, and what people noted meanwhile. Gives the length of the output itself. A power
 * cut may have taken it although the destination is known: what counts is whether it stands there.
 */
function endLog({ machine, paths }: Context, run: RunState, result: Bytes, sync: boolean): number {
  const { files } = machine;
  const own = runPaths(paths, run.record.id);
  const notes = run.hasNotes ? files.read(own.notes, 0, notesLimitBytes) : undefined;
  const end = (result + (notes ?? '')) as Bytes;
  run.outputEndsAt ??= files.stat(own.uow)?.sizeBytes ?? run.record.logOffset;
  if (end !== '') {
    // On disk before anything of ours is: after a crash it tells the output from a piece of this, and people may have noted
    // more since.
    if (!run.destination) files.overwrite(own.record, destinationOffset, textFromEnding(run), { sync });
    const there = files.read(own.uow, run.hooksEndAt ?? run.outputEndsAt, end.length) ?? '';
    // What does not fit was written by a process that outlived the job.
    const missing = end.startsWith(there) ? end.slice(there.length) : end;
    if (missing !== '') files.append(own.uow, missing as Bytes, { sync: false });
  }
  return run.outputEndsAt - run.record.logOffset;
}

interface Ended {
  readonly name: Bytes;
  readonly outcome: Outcome;
  readonly facts: EndFacts & { readonly endedAt: number };
  readonly logBytes: number;
  readonly retryAt?: number | undefined;
  readonly usage: Usage;
}

function appendAttempt(
  context: Context,
  run: RunState,
  ended: Ended,
  { isAgain, sync }: { readonly isAgain: boolean; readonly sync: boolean },
): void {
  const { record, result } = run;
  const { outcome, facts, logBytes, retryAt, usage } = ended;
  const { id, stamp, attempt, queue, claimedAt, submitter, group, flow, schedule, scheduledAt, launch } = record;
  // What the monitor itself refused to start began at no time.
  const startedAt = result?.why === 'cannot-start' ? undefined : facts.startedAt;
  const { cpuMs = result?.cpuMs, memoryPeakBytes, oomKills = 0 } = usage;
  const [jobType, jobVersion] = record.jobType?.split('@') ?? [];
  appendHistory(
    context,
    {
      ...{ kind: 'attempt', id, name: textOfName(ended.name), stamp: textFromStamp(stamp), attempt },
      ...{ outcome: outcome.word, reason: textFromReason(outcome.reason), ...codeOf(outcome, result) },
      enqueued_at: textFromInstantMs(instantOfStamp(stamp)),
      scheduled_at: scheduledAt === undefined ? undefined : textFromInstantMs(Date.parse(scheduledAt)),
      claimed_at: textFromInstantMs(claimedAt),
      started_at: startedAt === undefined ? undefined : textFromInstantMs(startedAt),
      ended_at: textFromInstantMs(facts.endedAt),
      duration_ms: durationOf(startedAt, facts.endedAt).durationMs,
      retry_at: retryAt === undefined ? undefined : textFromInstantMs(retryAt),
      ...{ cpu_ms: cpuMs, memory_peak_bytes: memoryPeakBytes, log_bytes: logBytes },
      ...{ memory_max_by: record.limits?.memory, cpu_max_by: record.limits?.cpu },
      oom_kills: oomKills > 0 ? oomKills : undefined,
      log_lost: outcome.flags.includes('log!') ? true : undefined,
      leftovers: facts.left > 0 && launch.leftovers === 'kill' ? facts.left : undefined,
      result: resultForHistory(context, run),
      ...{ queue, group, flow, schedule, job_type: jobType, job_version: jobVersion },
      ...{ host: context.machine.host.name, monitor_version: context.version, submitter },
      directory: textOfName(launch.directory),
      ...givenFields(record),
    },
    { unless: isAgain ? isOfRun(id) : undefined, sync },
  );
}

/** Gives what its control group counted. */
function usageOf({ cgroups }: Context, { record: { launch } }: RunState): Usage {
  return launch.cgroup === '' ? {} : (cgroups?.usage(launch.cgroup) ?? {});
}

/** Gives what the history tells of the environment. */
function givenFields({
  given,
  launch,
}: RunRecord): Pick<AttemptEntry, 'search_path' | 'environment' | 'environment_hidden' | 'environment_left_out'> {
  return {
    search_path: searchPathOf(given, launch.environment),
    environment: given?.environment,
    environment_hidden: given?.hidden,
    environment_left_out: given?.leftOut,
  };
}

/** Gives the job's own exit code, or the signal that ended it; neither if it was ended, or nobody knows. */
function codeOf(
  { reason }: Outcome,
  result: RunResult | undefined,
): { readonly exit?: number; readonly signal?: string } {
  if (result?.why !== 'exit') return {};
  if (reason.kind === 'signal') return { signal: reason.signal };
  return reason.kind === 'log-lost' ? { signal: 'PIPE' } : { exit: result.code };
}

/** Says how it ended. With `back` it is tried again, and that is said. */
function sayEnd(
  context: Context,
  { record, hooking }: RunState,
  { name, outcome, facts, usage }: Ended,
  back?: Return,
): void {
  const { startedAt, endedAt, left } = facts;
  const { durationMs } = durationOf(startedAt, endedAt);
  const fields = {
    ...{ outcome: outcome.word, reason: textFromReason(outcome.reason), attempt: record.attempt },
    took: durationMs === undefined ? undefined : textFromDurationMs(durationMs),
    leftovers: left > 0 ? left : undefined,
    next: back?.retry && textFromInstant(back.retry.at),
    to: context.config.queues[back?.to ?? queueOfOutcome(outcome)],
    as: name === record.name ? undefined : name,
  };
  const { oomKills = 0 } = usage;
  const texts: string[] = [];
  if (left > 0 && record.launch.leftovers === 'kill') {
    texts.push('processes were still alive at its end and were killed');
  }
  if (oomKills > 0) texts.push(outOfMemory(record, oomKills));
  if (outcome.flags.includes('log!')) texts.push('part of its output could not be written to the log');
  if (hooking && hooking.result?.code !== 0) texts.push('a hook did not end well: see its log');
  const event = back ? 'retried' : 'ended';
  context.say({ event, name: record.name, fields, ...(texts.length > 0 && { text: texts.join('; ') }) });
}

/**
 * Moves a claimed UOW back to a waiting queue: its attempt never took place, or may be repeated. An attempt that ended has its
 * result behind its output and its line of history all the same.
 */
export function giveBack(
  context: Context,
  run: RunState,
  { back, ended }: Pick<Extract<Action, { kind: 'return' }>, 'back' | 'ended'>,
  batch: Batch,
): void {
  const { machine, config } = context;
  const to = isWaitingQueue(back.to) ? back.to : 'wait';
  const now = machine.clock.now();
  const status: Status = back.retry
    ? retryStatus(back.attempts, back.retry)
    : { word: 'waiting', flags: [], attempt: back.attempts, at: now };
  if (!run.destination) mendHead(context, run, batch.sync);
  endHooks(context, run);
  const logBytes = endLog(context, run, ended ? leftResult(context, run) : ('' as Bytes), batch.sync);
  const name = moveOut(context, run, to, status, batch);
  const isRetry = back.why === 'retry';
  batch.after(() => {
    const facts = ended && { ...ended, endedAt: ended.endedAt ?? now };
    const past = facts && {
      ...{ name, outcome: facts.outcome, facts, logBytes, usage: usageOf(context, run) },
      retryAt: isRetry ? back.retry?.at : undefined,
    };
    if (past) {
      const isAgain = run.isRecovered || run.isFinishing === true;
      run.isFinishing = true;
      appendAttempt(context, run, past, { isAgain, sync: batch.sync && !isRetry });
    }
    noteStartOf(context.picture, run, ended?.outcome);
    if (isRetry && past) sayEnd(context, run, past, back);
    else {
      const fields = { to: config.queues[to], attempts: back.attempts, reason: back.why };
      context.say({ event: 'returned', name: run.record.name, fields });
    }
    // Until the record is gone nothing else may be done with the UOW. A retry can wait for the sync of its log, and an attempt's
    // output is to be there after a power cut; who was interrupted goes on at once.
    if (isRetry && config.durability === 'power') dropWhenSynced(context, run);
    else dropNow(context, run);
  });
}

function outOfMemory({ limits }: RunRecord, count: number): string {
  const why = limits?.memory === 'cgroup' ? 'it reached its memory-max' : 'the machine had no memory left';
  return `out of memory: the kernel killed ${count} of its processes (${why})`;
}
