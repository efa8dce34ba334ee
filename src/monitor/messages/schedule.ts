// FIRE, DISABLE and ENABLE. The time that a FIRE makes its UOW for is noted before, so that a crash in between makes no second one.
import type { Deed, Done } from '../../model/action.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import { occurrenceName } from '../../model/schedule.ts';
import type { MessageLine } from '../../model/seen.ts';
import { deliver } from '../apply/deliver.ts';
import { isAsRead, keep, make, showStatus, undelivered } from '../apply/fire.ts';
import { isNameTaken } from '../apply/names.ts';
import { untilDone } from '../apply/until-done.ts';
import type { Context } from '../context.ts';

/** Makes a UOW of the schedule. `resolve` notes for which time. */
export function fireNow(
  context: Context,
  { schedule }: Extract<Deed, { kind: 'fire-now' }>,
  { resolvedTo }: MessageLine,
  resolve: (to: string) => void,
): Done {
  const { picture, machine } = context;
  const state = picture.schedules.get(schedule);
  if (!state?.fired || !state.template || !isAsRead(context, state)) {
    picture.areSchedulesHinted = true;
    return 'gone';
  }
  const nameOf = (time: number): Bytes => occurrenceName(schedule, time) as Bytes;
  const isAgain = resolvedTo !== undefined;
  let at = isAgain ? Number(resolvedTo) : Math.floor(machine.clock.now() / 1000) * 1000;
  while (!isAgain && isNameTaken(context, nameOf(at))) at += 1000;
  const name = nameOf(at);
  const text = `fired as ${shownFromName(name)}`;
  // A start has put it there, if the life before came so far.
  if (isAgain && isNameTaken(context, name)) return { text };
  if (!isAgain) resolve(String(at));
  const before = undelivered(context, state);
  try {
    const made = make(context, state, [at]);
    keep(context, state, { ...state.fired, last: at, firing: [...before, ...made] });
  } catch (error) {
    // What is refused is answered so, and leaves no copy.
    untilDone(context, () => {
      const isKept = state.fired?.firing.includes(shownFromName(name)) === true;
      if (!isKept) machine.files.unlink(join(context.paths.firing, name));
    });
    throw error;
  }
  deliver(context, [name]);
  showStatus(context, state);
  return { text };
}

/** Lets a schedule go on, or not. */
export function switchSchedule(
  context: Context,
  { schedule, isDisabled }: Extract<Deed, { kind: 'switch-schedule' }>,
): Done {
  const state = context.picture.schedules.get(schedule);
  if (!state?.fired) return 'gone';
  const { after } = state.fired;
  // What was due while it was disabled is not made up for.
  const from = isDisabled ? after : Math.max(after, context.machine.clock.now());
  if (state.fired.isDisabled !== isDisabled) keep(context, state, { ...state.fired, isDisabled, after: from });
  showStatus(context, state);
  return 'done';
}
