// The messages about a schedule: FIRE, DISABLE, ENABLE.
import { shownFromName } from '../../model/bytes.ts';
import { textFromProblem } from '../../model/errors.ts';
import type { Message } from '../../model/message.ts';
import type { MessageSeen, Seen } from '../../model/seen.ts';
import { type Answer, refuse, sayTo } from './answer.ts';

/** One that is just being written is waited for so long. */
const arrivingMs = 10_000;

/** Gives the answer to a message about a schedule. */
export function answerAboutSchedule(
  message: MessageSeen,
  { keyword, name }: Extract<Message, { kind: 'schedule' }>,
  seen: Seen,
): Answer {
  const shown = shownFromName(name);
  const one = seen.schedules.find((each) => each.name === name && each.goneAt === undefined);
  if (!one) return refuse(message, `there is no schedule named ${shown}`);
  const { schedule, problems, fired } = one;
  if (problems.length > 0)
    return refuse(message, `${shown} is no schedule: ${problems.map(textFromProblem).join('; ')}`);
  if (!schedule || fired?.rule !== schedule.rule) {
    const since = message.waitsSince ?? seen.now;
    if (seen.now >= since && seen.now < since + arrivingMs) return { actions: [], waitUntil: since + arrivingMs };
    return refuse(message, `${shown} is still being written: say it again`);
  }
  if (keyword === 'FIRE') {
    const { notice } = sayTo(message, `${shown} fired`);
    return { actions: [{ kind: 'obey', message, deed: { kind: 'fire-now', schedule: name }, answer: notice }] };
  }
  const isDisabled = keyword === 'DISABLE';
  if (!schedule.enabled && !isDisabled)
    return refuse(message, `${shown} says enabled :: no itself: edit schedules/${shown}`);
  const { notice } = sayTo(message, isDisabled ? `${shown} makes nothing until ENABLE` : `${shown} goes on`);
  return {
    actions: [{ kind: 'obey', message, deed: { kind: 'switch-schedule', schedule: name, isDisabled }, answer: notice }],
  };
}
