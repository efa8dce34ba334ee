// When an attempt, or a UOW that waits, is worth an alarm: how it ended, how long it takes, and how late it is. What a schedule or a flow is
// worth one for is said where it is met (apply/fire.ts, apply/note-flows.ts).
import { failingFromTail } from '../../format/history-failing.ts';
import { textFromReason } from '../../format/status-line.ts';
import type { Alarm, AlarmKind } from '../../model/alarm.ts';
import { type Bytes, textOfName } from '../../model/bytes.ts';
import { estimateOf } from '../../model/estimate.ts';
import { jobOf } from '../../model/job-of.ts';
import { type Outcome, queueOfOutcome } from '../../model/outcome.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { textFromDurationMs, textFromInstant } from '../../model/time.ts';
import type { Context } from '../context.ts';
import type { Picture } from '../survey/picture.ts';
import type { RunState } from '../survey/run-state.ts';
import { raise } from './alarm.ts';
import { earlierRunsMs } from './usual.ts';

/** So much of the end of the history is read at the start: some thousand lines. */
const tailBytes = 2 * 1024 * 1024;
/** Fewer runs than these tell nothing of what is usual. */
const usualRuns = 3;
/** More failing jobs than these are not remembered: the oldest then are back to normal without a word. */
const failingAtMost = 2000;

/** A UOW of a schedule that waits for its first start. */
export interface Awaited {
  readonly uow: Pick<WaitingUow, 'name' | 'queue'>;
  /** When it was to start. */
  readonly dueAt: number;
  isSaid: boolean;
}

/** Fills the picture from the history. */
export function loadFailing({ machine: { files }, paths, picture }: Context): void {
  const path = files.realPath(paths.history) ?? paths.history;
  const from = Math.max(0, (files.stat(path)?.sizeBytes ?? 0) - tailBytes);
  for (const job of failingFromTail(files.read(path, from, tailBytes) ?? ('' as Bytes))) picture.failing.add(job);
}

/** Raises what the end of an attempt is worth, once it is no longer tried again. Before its line is in the history: it is no earlier run of itself. */
export function alarmOfEnd(
  context: Context,
  run: RunState,
  {
    name,
    outcome,
    durationMs,
  }: { readonly name: Bytes; readonly outcome: Outcome; readonly durationMs?: number | undefined },
  { isAgain }: { readonly isAgain: boolean },
): void {
  const { picture, config } = context;
  const { record } = run;
  const tell = (kind: AlarmKind, text: string): void => {
    raise(context, { kind, name, attempt: record.attempt, text }, { isAgain });
  };
  const job = jobOf(textOfName(record.name), record.schedule);
  if (outcome.word === 'error' || outcome.word === 'fail') {
    picture.failing.add(job);
    const [oldest] = picture.failing;
    if (picture.failing.size > failingAtMost && oldest !== undefined) picture.failing.delete(oldest);
    tell(
      'failed',
      `${outcome.word} ${textFromReason(outcome.reason)}: it stands in ${config.queues[queueOfOutcome(outcome)]}`,
    );
  }
  if (outcome.word !== 'done') return;
  if (picture.failing.delete(job)) tell('back-to-normal', 'done, after its last run had ended badly');
  const usualMs = usualOf(picture, run);
  if (usualMs === undefined || durationMs === undefined) return;
  const took = `it took ${textFromDurationMs(durationMs)}, usually ${textFromDurationMs(usualMs)}`;
  if (durationMs < usualMs * config.alarms.shorter) tell('shorter-than-usual', took);
  if (durationMs >= usualMs * config.alarms.longer && !run.isLongSaid) tell('longer-than-usual', took);
}

function usualOf(picture: Picture, { record }: RunState): number | undefined {
  const earlierMs = earlierRunsMs(picture, record);
  return earlierMs.length < usualRuns ? undefined : estimateOf({ since: 0, earlierMs })?.usualMs;
}

/** Notes one that has come to wait for its time. Of a flow only its schedule knows when each of its UOWs is to start, and of a window nobody. */
export function noteAwaited(
  { awaited }: Picture,
  { name, queue, schedule, flow, attempts, times }: WaitingUow,
  scheduledAt: number | undefined,
): void {
  if (scheduledAt === undefined || schedule === undefined || flow !== undefined || attempts > 0 || times?.window)
    return;
  const key = `${queue}/${name}`;
  const dueAt = Math.max(scheduledAt, times?.notBefore ?? 0);
  awaited.byName.set(key, { uow: { name, queue }, dueAt, isSaid: awaited.byName.get(key)?.isSaid === true });
  awaited.lookAt = 0;
}

/** Raises what time has made of what runs and waits. Gives when to look again; Infinity for not by itself. */
export function lookForAlarms(context: Context): number {
  const now = context.machine.clock.now();
  return Math.min(lookAtRuns(context, now), lookAtAwaited(context, now));
}

function lookAtRuns(context: Context, now: number): number {
  const { picture, config } = context;
  let next = Infinity;
  for (const run of picture.runs.values()) {
    if (run.isLongSaid || run.result) continue;
    const usualMs = (run.usualMs ??= usualOf(picture, run) ?? Infinity);
    const at = run.record.claimedAt + usualMs * config.alarms.longer;
    if (now < at) {
      next = Math.min(next, at);
      continue;
    }
    run.isLongSaid = true;
    const { name, attempt } = run.record;
    const text = `it runs for ${textFromDurationMs(now - run.record.claimedAt)}, usually ${textFromDurationMs(usualMs)}`;
    raise(context, { kind: 'longer-than-usual', name, attempt, text }, { isAgain: run.isRecovered });
  }
  return next;
}

function lookAtAwaited(context: Context, now: number): number {
  const { picture, config } = context;
  const { awaited, waiting } = picture;
  if (now < awaited.lookAt && now >= awaited.lookedAt) return awaited.lookAt;
  let next = Infinity;
  for (const [key, one] of awaited.byName) {
    const { name, queue } = one.uow;
    const at = one.dueAt + config.alarms.lateMs;
    if (waiting[queue].get(name) === undefined) awaited.byName.delete(key);
    else if (one.isSaid) continue;
    else if (now < at) next = Math.min(next, at);
    else {
      one.isSaid = true;
      const alarm: Alarm = { kind: 'late', name, text: `it was to start at ${textFromInstant(one.dueAt)}, and waits` };
      // Its time is in its name: whoever said so before said it of this one.
      raise(context, alarm, { isAgain: true });
    }
  }
  awaited.lookAt = next;
  awaited.lookedAt = now;
  return next;
}
