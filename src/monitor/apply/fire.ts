// Firing a schedule: UOWs or flows of its times, each once, whatever comes between. In this order: the UOWs are written and synced in
// .sjq/firing; the record says, durably, that their times are dealt with and which UOWs they are; they get their names in wait-q,
// durably; their names in .sjq/firing go. A crash before the record has fired nothing, one behind it is ended by deliver.ts.
import { textFromFired } from '../../format/fired-json.ts';
import { occurrenceFromTemplate, templateFromText } from '../../format/flow-template.ts';
import { templateStatus, templateStatusEdit } from '../../format/occurrence.ts';
import type { Action, Receipt } from '../../model/action.ts';
import { type Bytes, nameFromShown, shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { join } from '../../model/paths.ts';
import { type Fired, occurrenceName } from '../../model/schedule.ts';
import { textFromInstantMs } from '../../model/time.ts';
import { textInZone } from '../../model/zone.ts';
import type { Context } from '../context.ts';
import { appendHistory } from '../history.ts';
import { raise } from '../report/alarm.ts';
import { sayOnce } from '../report/say-once.ts';
import type { ScheduleState } from '../survey/picture.ts';
import { keyOf, renewNextDue } from '../survey/schedules.ts';
import { deliver } from './deliver.ts';
import { isNameTaken } from './names.ts';
import { enqueuedEvent } from './submitter.ts';
import { giveToOwner, newStamp } from './take-in.ts';

type Fire = Extract<Action, { kind: 'fire' }>;

/** Makes the UOWs of what is due. `gone` if the template is not what the plan saw: it is looked at anew. */
export function fire(context: Context, action: Fire): Receipt {
  const { picture } = context;
  const state = picture.schedules.get(action.schedule);
  if (!state?.fired || !isAsRead(context, state)) {
    picture.areSchedulesHinted = true;
    return 'gone';
  }
  // A name that is there is of this time: restored, or from before a clock was set back.
  const times = action.times.filter((at) => !isNameTaken(context, nameFor(state, at)));
  const before = undelivered(context, state);
  const made = make(context, state, times);
  noteUnfired(context, state, action);
  const { after } = action;
  const last = action.times.at(-1);
  const count = state.fired.count + action.times.length;
  keep(context, state, {
    ...state.fired,
    after,
    count,
    firing: [...before, ...made],
    ...(last !== undefined && { last }),
  });
  deliver(
    context,
    times.map((at) => nameFor(state, at)),
  );
  sayUnfired(context, state, action);
  showStatus(context, state);
  return 'done';
}

/** Keeps what is known of a new or edited schedule. */
export function adopt(context: Context, { schedule, fired, why }: Extract<Action, { kind: 'keep-fired' }>): Receipt {
  const state = context.picture.schedules.get(schedule);
  if (!state) return 'gone';
  keep(context, state, { ...fired, firing: undelivered(context, state) });
  const next = Number.isFinite(state.nextDueAt) ? textFromInstantMs(state.nextDueAt) : 'never';
  const words = {
    new: 'its times count from now on',
    edited: 'edited: its new times count from now on',
    clock: 'the clock was set back: its times count from now on',
  };
  context.say({ event: 'taken-in', name: schedule, fields: { in: 'schedules', next }, text: words[why] });
  showStatus(context, state);
  return 'done';
}

/** Drops what is kept of a schedule that is gone. */
export function forgetSchedule(context: Context, name: Bytes): Receipt {
  const { machine, paths, picture } = context;
  const state = picture.schedules.get(name);
  // Without it, what the disk keeps from its queue would pass for never fired at the next start.
  if (state && undelivered(context, state).length > 0) return 'gone';
  machine.files.unlink(join(paths.fired, name));
  picture.schedules.delete(name);
  return 'done';
}

/** Replaces the record, durably. */
export function keep({ machine, paths, config }: Context, state: ScheduleState, fired: Fired): void {
  const { files } = machine;
  const fresh = join(paths.fired, `.${state.name}.new` as Bytes);
  const sync = config.durability === 'power';
  files.unlink(fresh);
  files.create(fresh, textFromFired(fired), { mode: 0o600, sync });
  files.rename(fresh, join(paths.fired, state.name));
  if (sync) files.syncDirectory(paths.fired);
  state.fired = fired;
  renewNextDue(state);
}

/** Gives the names of earlier firings that the disk kept from their queue: they stay in the record. */
export function undelivered({ machine, paths }: Context, { fired }: ScheduleState): readonly string[] {
  const names = fired?.firing ?? [];
  return names.filter((name) => machine.files.stat(join(paths.firing, nameFromShown(name))) !== undefined);
}

/** Writes the UOWs of these times into .sjq/firing, durably; gives their names as the record will have them. */
export function make(context: Context, state: ScheduleState, times: readonly number[]): readonly string[] {
  const { machine, paths, config } = context;
  const { files, host, clock } = machine;
  const { template, schedule } = state;
  if (!template || !schedule || times.length === 0) return [];
  const sync = config.durability === 'power';
  for (const at of times) {
    const scheduledAt = textInZone(schedule.zone, at);
    const event = enqueuedEvent(host, template.stat.uid, '');
    const madeFor = { by: state.name, scheduledAt, stamp: newStamp(context), event, now: clock.now() };
    const text = occurrenceFromTemplate(template.bytes, template.head, madeFor);
    if (text === undefined) continue;
    const copy = join(paths.firing, nameFor(state, at));
    files.unlink(copy);
    files.create(copy, text, { mode: (template.stat.mode & 0o777) | 0o600, sync });
    giveToOwner(context, copy, template.stat);
  }
  if (sync) files.syncDirectory(paths.firing);
  return times.map((at) => shownFromName(nameFor(state, at)));
}

function nameFor({ name }: ScheduleState, at: number): Bytes {
  return occurrenceName(name, at) as Bytes;
}

/** True if its file is still the one that was read. */
export function isAsRead({ machine, paths }: Context, state: ScheduleState): boolean {
  const stat = machine.files.stat(join(paths.schedules, state.name));
  return stat !== undefined && keyOf(stat) === state.key;
}

/** The lines of the history come before the record: a crash between them finds the line and writes no second one. */
function noteUnfired(context: Context, { name }: ScheduleState, { skipped, missed }: Fire): void {
  const { machine, version } = context;
  const entries = [
    ...skipped.map((at) => ({ why: 'overlap' as const, first: at, count: 1 })),
    ...(missed ? [{ why: 'missed' as const, ...missed }] : []),
  ];
  for (const { why, first, count } of entries) {
    const about = { schedule: shownFromName(name), scheduled_at: textFromInstantMs(first) };
    const needle = JSON.stringify(about).slice(1, -1);
    const by = { at: textFromInstantMs(machine.clock.now()), host: machine.host.name, monitor_version: version };
    appendHistory(
      context,
      { kind: 'unfired', why, ...about, count, ...by },
      { unless: (line) => line.includes(needle) },
    );
  }
}

function sayUnfired(context: Context, { name }: ScheduleState, { skipped, missed }: Fire): void {
  for (const at of skipped) {
    const about = {
      name: occurrenceName(name, at) as Bytes,
      text: 'the one before still waits or runs (overlap :: skip)',
    };
    context.say({ event: 'skipped', ...about });
    raise(context, { kind: 'skipped', ...about });
  }
  if (!missed) return;
  const { first, count } = missed;
  const text =
    count === 1
      ? 'its time passed unfired'
      : `${count >= 1000 ? '1000 or more' : count} times passed unfired, this the first`;
  const about = { name: occurrenceName(name, first) as Bytes, text };
  context.say({ event: 'missed', ...about, fields: { count } });
  raise(context, { kind: 'missed', ...about });
}

/**
 * Shows in the template when it was last fired and when it will be next. The file is a person's: a line of the right length is
 * overwritten, a file without STATUS gets one appended, and nothing else is ever changed. What it says is for eyes only.
 */
export function showStatus(context: Context, state: ScheduleState): void {
  const { template, fired } = state;
  const { files } = context.machine;
  if (!template || !fired || !isAsRead(context, state)) return;
  const next = Number.isFinite(state.nextDueAt) ? state.nextDueAt : undefined;
  const isDisabled = fired.isDisabled || state.schedule?.enabled !== true;
  const edit = templateStatusEdit(template.bytes, template.head, templateStatus(fired.last, next, isDisabled));
  if (!edit) return;
  const path = join(context.paths.schedules, state.name);
  try {
    if (edit.kind === 'append') files.append(path, edit.text, { sync: false });
    else files.overwrite(path, edit.offset, edit.line, { sync: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const text = `its STATUS cannot be written (${String(error)}): the schedule is served all the same`;
    sayOnce(context, `schedule status ${state.name}`, { event: 'attention', name: state.name, text });
    return;
  }
  knowAgain(
    context,
    state,
    edit.kind === 'append' ? template.bytes + edit.text : spliced(template.bytes, edit.offset, edit.line),
  );
}

/** Our own line is no edit. Looked at before it is read: whatever a person changes behind that is news. */
function knowAgain({ machine, paths, picture }: Context, state: ScheduleState, expected: string): void {
  const { files } = machine;
  const path = join(paths.schedules, state.name);
  const stat = files.stat(path);
  const bytes = files.read(path, 0, expected.length + 1);
  picture.areSchedulesHinted = true;
  if (!stat || bytes === undefined || bytes !== expected) return;
  const parsed = templateFromText(bytes);
  if (parsed.kind !== 'uow') return;
  state.key = keyOf(stat);
  state.template = { bytes, head: parsed.head, stat };
}

function spliced(bytes: Bytes, offset: number, line: Bytes): string {
  return bytes.slice(0, offset) + line + bytes.slice(offset + line.length);
}
