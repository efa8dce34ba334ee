// The messages about a flow: PAUSE FLOW, RESUME FLOW.
import { shownFromName } from '../../model/bytes.ts';
import type { Message } from '../../model/message.ts';
import type { MessageSeen, Seen } from '../../model/seen.ts';
import { type Answer, refuse, sayTo } from './answer.ts';

/** Gives the answer to a message about a flow. */
export function answerAboutFlow(
  message: MessageSeen,
  { keyword, name }: Extract<Message, { kind: 'flow' }>,
  { flows }: Seen,
): Answer {
  const shown = shownFromName(name);
  const flow = flows.find((each) => each.name === shown);
  if (!flow) return refuse(message, `there is no flow named ${shown} that is not done`);
  const isPaused = keyword === 'PAUSE FLOW';
  const text = isPaused ? `nothing more of ${shown} is started until RESUME FLOW ${shown}` : `${shown} goes on`;
  const { notice } = sayTo(message, text);
  return { actions: [{ kind: 'obey', message, deed: { kind: 'switch-flow', flow: name, isPaused }, answer: notice }] };
}
