// What people asked for in monitor_reads. Messages come first in a wake, because they may change what the rest of it does; each
// is answered in monitor_says and then noted as acted upon, a bad one too. What the larger families do is plan/messages.
import type { Action } from '../../model/action.ts';
import type { Config } from '../../model/config.ts';
import type { Message } from '../../model/message.ts';
import type { Control, MessageSeen, Seen } from '../../model/seen.ts';
import { type Answer, refuse, sayTo } from '../messages/answer.ts';
import { answerAboutFlow } from '../messages/flow.ts';
import { answerKillJob, answerSignalJob } from '../messages/job.ts';
import { configLines, helpLines, statusLines } from '../messages/report.ts';
import { answerAboutGroup } from '../messages/group.ts';
import { answerResource } from '../messages/resource.ts';
import { answerAboutSchedule } from '../messages/schedule.ts';
import { answerSubmit } from '../messages/submit.ts';
import { answerAboutUow } from '../messages/uow.ts';

/** What the messages of a wake ask for, and the switches as they stand after them. */
export interface Answered {
  readonly actions: readonly Action[];
  readonly control: Control;
}

/** Gives the actions for every message in order. One that must wait holds up those behind it: their order is a promise. */
export function messages(seen: Seen, config: Config): Answered {
  let { control } = seen;
  const actions: Action[] = [];
  for (const message of seen.messages) {
    const answer = message.isAnswered ? { actions: [] } : answerTo(message, { ...seen, control }, config);
    if (answer.waitUntil !== undefined) {
      actions.push({ kind: 'put-off', message, until: answer.waitUntil });
      break;
    }
    actions.push(...answer.actions);
    // A RELOAD is acted upon behind all else of its wake.
    if (answer.actions[0]?.kind !== 'reload') actions.push({ kind: 'acted', message });
    control = answer.control ?? control;
  }
  return { actions, control };
}

function answerTo(seenMessage: MessageSeen, seen: Seen, config: Config): Answer {
  const { message } = seenMessage;
  switch (message.kind) {
    case 'refused':
      return refuse(seenMessage, message.why);
    case 'plain':
      return answerPlain(seenMessage, message.keyword, seen, config);
    case 'slots': {
      const { count } = message;
      const control = { ...seen.control, slots: count };
      return switched(seenMessage, control, count === 1 ? '1 slot' : `${count} slots`);
    }
    case 'group':
      return answerAboutGroup(seenMessage, message, seen, config);
    case 'resource':
      return answerResource(seenMessage, message, seen, config);
    case 'kill-job':
      return answerKillJob(seenMessage, message, seen);
    case 'submit':
      return answerSubmit(seenMessage, message, seen, config);
    case 'flow':
      return answerAboutFlow(seenMessage, message, seen);
    case 'schedule':
      return answerAboutSchedule(seenMessage, message, seen);
    case 'uow': {
      const { keyword } = message;
      if (keyword === 'SUSPEND JOB' || keyword === 'RESUME JOB') return answerSignalJob(seenMessage, message, seen);
      return answerAboutUow(seenMessage, { ...message, keyword }, seen, config);
    }
  }
}

function answerPlain(
  message: MessageSeen,
  keyword: Extract<Message, { kind: 'plain' }>['keyword'],
  seen: Seen,
  config: Config,
): Answer {
  const { control } = seen;
  switch (keyword) {
    case 'HELP':
      return lines(message, helpLines());
    case 'STATUS':
      return lines(message, statusLines(seen, config));
    case 'CONFIG':
      return lines(message, configLines(config));
    case 'RELOAD':
      return { actions: [{ kind: 'reload', message }] };
    case 'PAUSE':
      return switched(message, { ...control, paused: true }, 'paused: nothing more is started until RESUME');
    case 'RESUME':
      return switched(message, resumed(control), 'resumed');
    case 'FINISH':
      return switched(
        message,
        { ...control, finishing: true },
        'nothing more is started; the monitor ends after the running jobs',
      );
    case 'SHUTDOWN':
      return { actions: [sayTo(message, 'ending now; running jobs go on'), { kind: 'stop', why: 'shutdown' }] };
    case 'SHUTDOWN KILL': {
      const finishing = { ...control, finishing: true };
      const ends = seen.claims.map(({ record }) => ({ kind: 'end-job', record, why: 'killed' }) as const);
      const say = sayTo(message, 'ending the running jobs, then the monitor');
      return { actions: [{ kind: 'control', control: finishing }, ...ends, say], control: finishing };
    }
  }
}

/** Why it had paused by itself is over, too. */
function resumed({ suspended: _why, ...control }: Control): Control {
  return { ...control, paused: false, finishing: false };
}

function lines(message: MessageSeen, texts: readonly string[]): Answer {
  return { actions: texts.map((text) => sayTo(message, text)) };
}

function switched(message: MessageSeen, control: Control, text: string): Answer {
  return { actions: [{ kind: 'control', control }, sayTo(message, text)], control };
}
