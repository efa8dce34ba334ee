// The messages about a flow: PAUSE FLOW, RESUME FLOW, CLOSE FLOW.
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
  if (keyword === 'CLOSE FLOW') {
    if (!flow.isPersistent) return refuse(message, `${shown} is not persistent: it is done when its UOWs are`);
    const { notice: answer } = sayTo(message, `no more UOWs join ${shown}: it is done when those are that have`);
    return { actions: [{ kind: 'obey', message, deed: { kind: 'close-flow', flow: name }, answer }] };
  }
  const isPaused = keyword === 'PAUSE FLOW';
  const text = isPaused ? `nothing more of ${shown} is started until RESUME FLOW ${shown}` : `${shown} goes on`;
  const { notice } = sayTo(message, text);
  return { actions: [{ kind: 'obey', message, deed: { kind: 'switch-flow', flow: name, isPaused }, answer: notice }] };
}
