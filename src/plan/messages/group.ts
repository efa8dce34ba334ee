// PAUSE GROUP and RESUME GROUP: nothing of a group is started.
import type { Config } from '../../model/config.ts';
import type { Message } from '../../model/message.ts';
import type { MessageSeen, Seen } from '../../model/seen.ts';
import { type Answer, refuse, sayTo } from './answer.ts';

/** Gives the answer to a message about a group. A name that nobody has is a typing error. */
export function answerAboutGroup(
  message: MessageSeen,
  { keyword, name }: Extract<Message, { kind: 'group' }>,
  seen: Seen,
  config: Config,
): Answer {
  const { control } = seen;
  const paused = control.pausedGroups ?? [];
  const isPaused = paused.includes(name);
  if (keyword === 'RESUME GROUP' && !isPaused) return refuse(message, `the group ${name} is not paused`);
  if (keyword === 'PAUSE GROUP' && isPaused) return refuse(message, `the group ${name} is paused already`);
  if (keyword === 'PAUSE GROUP' && !isKnown(name, seen, config))
    return refuse(message, `no UOW of a group ${name} waits or runs, and config.yaml has no such group`);
  const next =
    keyword === 'PAUSE GROUP'
      ? { ...control, pausedGroups: [...paused, name] }
      : { ...control, pausedGroups: paused.filter((each) => each !== name) };
  const text =
    keyword === 'PAUSE GROUP'
      ? `the group ${name} is paused: nothing more of it is started`
      : `the group ${name} goes on`;
  return { actions: [{ kind: 'control', control: next }, sayTo(message, text)], control: next };
}

function isKnown(name: string, { claims, waiting }: Seen, { groups }: Config): boolean {
  if (Object.hasOwn(groups, name) || claims.some(({ record }) => record.group === name)) return true;
  for (const queue of ['executing', 'priority', 'wait'] as const) {
    for (const uow of waiting[queue]) if (uow.group === name) return true;
  }
  return false;
}
