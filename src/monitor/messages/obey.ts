// Doing what a message asks for, durably, before it is answered. Each deed is whole by the time it returns, not at the end of the
// wake: what a crash leaves undone is done when the message is read again, and what is done is not done twice.
import type { Action, Deed, Done, Receipt } from '../../model/action.ts';
import { shownFromName } from '../../model/bytes.ts';
import type { Notice } from '../../model/notice.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import type { Inbox } from './inbox.ts';
import { closeFlow, switchFlow } from './flow.ts';
import { mark } from './mark.ts';
import { editWaiting, move } from './move.ts';
import { fireNow, switchSchedule } from './schedule.ts';
import { signalJob } from './signal-job.ts';
import { submitJob } from './submit-job.ts';

/** Does the deed and says how it went. A fault of the machine is the answer too: a message is never tried for ever. */
export function obey(context: Context, action: Extract<Action, { kind: 'obey' }>, inbox: Inbox): Receipt {
  const { answer } = action;
  let done: Done;
  try {
    done = doDeed(context, action.deed, action, inbox);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    done = { refused: `could not be done: ${String(error)}` };
  }
  const said = saidOf(action.deed);
  const refused = (text: string): Notice => ({ ...answer, event: 'refused', text: `${said}${text}` });
  if (done === 'done') context.say(answer);
  else if (done === 'gone') context.say(refused('was changed in this very moment: say it again'));
  else if ('text' in done) context.say({ ...answer, text: done.text });
  else context.say(refused(done.refused));
  return 'done';
}

function doDeed(context: Context, deed: Deed, { message }: Extract<Action, { kind: 'obey' }>, inbox: Inbox): Done {
  switch (deed.kind) {
    case 'mark':
      return mark(context, deed);
    case 'move':
      return move(context, deed, message.by);
    case 'edit':
      return editWaiting(context, deed);
    case 'signal-job':
      return signalJob(context, deed);
    case 'fire-now':
      return fireNow(context, deed, message, (to) => inbox.resolve(message, to));
    case 'close-flow':
      return closeFlow(context, deed);
    case 'switch-flow':
      return switchFlow(context, deed);
    case 'switch-schedule':
      return switchSchedule(context, deed);
    case 'submit':
      return submitJob(context, deed, message, (to) => inbox.resolve(message, to));
  }
}

function saidOf(deed: Deed): string {
  if (deed.kind === 'submit') return 'it ';
  if (deed.kind === 'switch-flow' || deed.kind === 'close-flow') return `${shownFromName(deed.flow)} `;
  if ('schedule' in deed) return `${shownFromName(deed.schedule)} `;
  return `${shownFromName(deed.kind === 'signal-job' ? deed.record.name : deed.uow.name)} `;
}
