// Schedules: whose time has come, whose times count from now on because they are new or were edited, and which are gone.
import type { Action } from '../../model/action.ts';
import { type Bytes, nameFromShown, shownFromName } from '../../model/bytes.ts';
import { isGoingOn } from '../../model/flow.ts';
import { isOccurrenceOf } from '../../model/schedule.ts';
import type { ScheduleSeen, Seen } from '../../model/seen.ts';
import { dueTimes } from '../schedules/due.ts';

/** An editor that saves takes a file away for a moment: what is kept of it is not dropped before. */
const forgetAfterMs = 60_000;
/** Further back than any change of local time a clock was set: what was dealt with then lies in a future that may be years away. */
const clockBackMs = 25 * 3_600_000;

/** Gives what is to be fired, kept and forgotten, and when to look again. */
export function fire(seen: Seen): readonly Action[] {
  const actions: Action[] = [];
  // Whether the UOW of a time before still waits is not known yet.
  if (seen.isPartial) return actions;
  const { trouble } = seen.machine;
  const mayChange = !trouble || seen.now >= trouble.until;
  let lookAt = Infinity;
  for (const one of seen.schedules) {
    const verdict = ofSchedule(one, seen);
    if (typeof verdict === 'number') lookAt = Math.min(lookAt, verdict);
    else if (mayChange) actions.push(verdict);
  }
  if (Number.isFinite(lookAt)) actions.push({ kind: 'look-again', at: lookAt });
  return actions;
}

/** Gives what to do about one schedule, or when to look at it again. */
function ofSchedule(one: ScheduleSeen, seen: Seen): Action | number {
  const { name, schedule, fired, goneAt, nextDueAt } = one;
  const { now } = seen;
  if (one.lookAt !== undefined && now < one.lookAt) return one.lookAt;
  if (goneAt !== undefined) {
    return now - goneAt < forgetAfterMs ? goneAt + forgetAfterMs : { kind: 'forget-schedule', schedule: name };
  }
  if (!schedule) return Infinity;
  if (fired?.rule !== schedule.rule) {
    const isDisabled = fired?.isDisabled ?? false;
    const last = fired?.last === undefined ? {} : { last: fired.last };
    const fresh = { rule: schedule.rule, after: now, count: 0, isDisabled, firing: [], ...last };
    return { kind: 'keep-fired', schedule: name, fired: fresh, why: fired ? 'edited' : 'new' };
  }
  if (fired.after > now + clockBackMs) {
    return { kind: 'keep-fired', schedule: name, fired: { ...fired, after: now }, why: 'clock' };
  }
  if (now < nextDueAt) return nextDueAt;
  const due = dueTimes(schedule, name, fired.after, now);
  if (!due) return Infinity;
  const { after, missed } = due;
  const wanted = due.times.slice(0, (schedule.repeat ?? Infinity) - fired.count);
  const times = schedule.overlap === 'skip' ? wanted.slice(0, isBusy(name, seen) ? 0 : 1) : wanted;
  const skipped = schedule.overlap === 'skip' ? wanted.slice(times.length) : [];
  return { kind: 'fire', schedule: name, times, skipped, after, ...(missed && { missed }) };
}

/** True while a UOW of the schedule runs, or waits and could start, or an iteration of its flow goes on. */
function isBusy(schedule: Bytes, seen: Seen): boolean {
  const name = shownFromName(schedule);
  if (seen.flows.some((flow) => isGoingOn(flow.word) && isOccurrenceOf(nameFromShown(flow.name), schedule)))
    return true;
  if (seen.claims.some(({ record, isFinished }) => record.schedule === name && !isFinished)) return true;
  for (const queue of ['executing', 'priority', 'wait'] as const) {
    for (const uow of seen.waiting[queue]) if (uow.schedule === name && !uow.held && !uow.isParked) return true;
  }
  // Found at the start, and not taken in yet.
  return seen.arrivals.some(
    ({ is, queue, name: arrived }) =>
      (queue === 'wait' || queue === 'priority') &&
      ((is.kind === 'uow' && is.head.header.some((line) => line.name === 'scheduled-by' && line.content === name)) ||
        (is.kind === 'flow' && isOccurrenceOf(arrived, schedule))),
  );
}
