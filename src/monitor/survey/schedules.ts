// Looking at schedules/: which files came, changed or went, and what each asks for. Listed anew when a hint or the poll says so; a
// file that is as it was is not read again. What is kept of each in .sjq/fired is read once.
import { headReadBytes } from '../../format/uow-parse.ts';
import { firedFromText } from '../../format/fired-json.ts';
import { scheduleFromText } from '../../format/schedule-parse.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { textFromProblem } from '../../model/errors.ts';
import { join } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName } from '../../model/queue.ts';
import type { ScheduleSeen } from '../../model/seen.ts';
import { localZone } from '../../model/zone.ts';
import { nextDueAt } from '../../plan/schedules/due.ts';
import type { FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';
import { sayOnce } from '../report/say-once.ts';
import type { Picture, ScheduleState } from './picture.ts';

/** @see look.ts */
const mtimeTickMs = 20;
/** What is kept of a schedule is shorter: a firing names 100 UOWs at most. */
const firedLimitBytes = 256 * 1024;

/** Brings what is known of schedules up to date. A file that cannot be read is said, and stops no other. */
export function lookAtSchedules(context: Context, isPoll: boolean): void {
  const { picture, machine } = context;
  const now = machine.clock.now();
  const states = picture.schedules;
  const hasSettled = [...states.values()].some(({ settlesAt }) => settlesAt !== undefined && now >= settlesAt);
  if (isPoll || picture.areSchedulesHinted || hasSettled) {
    picture.areSchedulesHinted = false;
    orSaid(context, 'schedules', () => {
      for (const name of namesIn(context, now)) orSaid(context, name, () => lookAtName(context, name, now));
    });
  }
}

/** Gives what is known of schedules. */
export function schedulesSeen({ schedules }: Picture): readonly ScheduleSeen[] {
  return [...schedules.values()].map(seenOf);
}

/** Works out when the next UOW is due, after something about the schedule has changed. */
export function renewNextDue(state: ScheduleState): void {
  const { schedule, fired, name } = state;
  const isOn = schedule?.enabled === true && fired !== undefined && !fired.isDisabled;
  const isOver = fired !== undefined && fired.count >= (schedule?.repeat ?? Infinity);
  state.nextDueAt = isOn && !isOver ? (nextDueAt(schedule, name, fired.after) ?? Infinity) : Infinity;
}

/** Gives what tells one state of a file from another. */
export function keyOf({ ino, sizeBytes, mtimeMs, ctimeMs }: FileStat): string {
  return `${ino} ${sizeBytes} ${mtimeMs} ${ctimeMs}`;
}

function seenOf(state: ScheduleState): ScheduleSeen {
  const { name, schedule, problems, fired, nextDueAt: due, settlesAt, refusedUntil, goneAt } = state;
  const lookAt = Math.max(settlesAt ?? 0, refusedUntil ?? 0);
  return {
    ...{ name, problems, nextDueAt: due },
    ...(schedule && { schedule }),
    ...(fired && { fired }),
    ...(lookAt > 0 && { lookAt }),
    ...(goneAt !== undefined && { goneAt }),
  };
}

/** Does the look. What the machine refuses is said, and the directory is listed anew at the next poll. */
function orSaid(context: Context, what: string, look: () => void): void {
  try {
    look();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    delete context.picture.schedulesListedMtimeMs;
    const text = `${shownFromName(what)} cannot be read (${String(error)}): give the monitor’s user the right to`;
    sayOnce(context, `cannot read schedule ${what}`, { event: 'fault', text });
  }
}

function lookAtName(context: Context, name: Bytes, now: number): void {
  if (isIgnoredName(name) || isReadmeName(name)) return;
  const stat = context.machine.files.stat(join(context.paths.schedules, name));
  if (stat && stat.kind !== 'file') {
    const text = 'no regular file: a schedule is a plain text file in schedules/';
    sayOnce(context, `schedule ${name}`, { event: 'attention', name, text });
    return;
  }
  const state = stateOf(context, name);
  if (stat) {
    delete state.goneAt;
    lookAtFile(context, state, stat, now);
  } else if (state.goneAt === undefined) markGone(state, now);
}

/** Gives the names that may stand there: those that are known, and what a listing finds where the directory has changed. */
function namesIn({ picture, machine, paths }: Context, now: number): ReadonlySet<Bytes> {
  const { files } = machine;
  const names = new Set(picture.schedules.keys());
  const isFirst = picture.schedulesListedMtimeMs === undefined;
  const stat = files.stat(paths.schedules);
  if (!isFirst && stat?.mtimeMs === picture.schedulesListedMtimeMs) return names;
  for (const name of files.list(paths.schedules) ?? []) names.add(name);
  // What is kept of those that went while no monitor ran.
  const kept = isFirst ? (files.list(paths.fired) ?? []) : [];
  for (const name of kept) names.add(name);
  const isOld = stat !== undefined && Math.abs(now - stat.mtimeMs) >= mtimeTickMs;
  picture.schedulesListedMtimeMs = isOld ? stat.mtimeMs : 0;
  return names;
}

function stateOf({ picture, machine, paths }: Context, name: Bytes): ScheduleState {
  const known = picture.schedules.get(name);
  if (known) return known;
  const text = machine.files.read(join(paths.fired, name), 0, firedLimitBytes);
  const fired = text === undefined ? undefined : firedFromText(text);
  const state: ScheduleState = { name, key: '', problems: [], nextDueAt: Infinity, ...(fired && { fired }) };
  picture.schedules.set(name, state);
  return state;
}

function markGone(state: ScheduleState, now: number): void {
  state.goneAt = now;
  state.key = '';
  delete state.schedule;
  delete state.template;
  delete state.settlesAt;
  state.problems = [];
  state.nextDueAt = Infinity;
}

/** Half a file may be a whole schedule: it is read when it has been quiet for the settle time. Until then what it was is in force. */
function lookAtFile(context: Context, state: ScheduleState, stat: FileStat, now: number): void {
  const key = keyOf(stat);
  if (state.key === key) {
    delete state.settlesAt;
    return;
  }
  if (state.seen?.key !== key) state.seen = { key, at: now };
  const since = Math.min(stat.mtimeMs, state.seen.at);
  if (now - since < context.config.settleMs) {
    state.settlesAt = since + context.config.settleMs;
    return;
  }
  delete state.settlesAt;
  readTemplate(context, state, stat);
}

function readTemplate(context: Context, state: ScheduleState, stat: FileStat): void {
  const { name } = state;
  const bytes = context.machine.files.read(join(context.paths.schedules, name), 0, headReadBytes);
  if (bytes === undefined) return;
  state.key = keyOf(stat);
  const basics = { name: shownFromName(name), timezone: localZone().name };
  const parsed = scheduleFromText(bytes, basics, { complete: bytes.length < headReadBytes });
  if (parsed.kind === 'schedule') {
    const { head, schedule } = parsed;
    state.schedule = schedule;
    state.template = { bytes, head, stat };
    state.problems = [];
  } else {
    delete state.schedule;
    delete state.template;
    state.problems = parsed.problems;
    const text = parsed.problems.map(textFromProblem).join('; ');
    context.say({ event: 'refused', name, fields: { in: 'schedules' }, text });
  }
  renewNextDue(state);
}
