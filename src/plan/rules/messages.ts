// What people asked for in monitor_reads. Messages come first in a wake, because they may change what the rest of it does; each
// is answered in monitor_says and then noted as acted upon, a bad one too.
import type { Action } from '../../model/action.ts';
import { nameFromShown, shownFromName, utf8FromBytes } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import type { NoticeEvent } from '../../model/notice.ts';
import { isEndedQueue, queueKinds } from '../../model/queue.ts';
import type { ClaimSeen, Control, MessageSeen, Seen } from '../../model/seen.ts';
import { textFromDurationMs } from '../../model/time.ts';
import { messageFromText, messageTable } from '../message-table.ts';

/** What the messages of a wake ask for, and the switches as they stand after them. */
export interface Answered {
  readonly actions: readonly Action[];
  readonly control: Control;
}

/** Gives the actions for every message in order. */
export function messages(seen: Seen, config: Config): Answered {
  let { control } = seen;
  const actions: Action[] = [];
  for (const message of seen.messages) {
    const answered = ofMessage(message, { ...seen, control }, config);
    actions.push(...answered.actions, { kind: 'acted', message });
    control = answered.control ?? control;
  }
  return { actions, control };
}

interface Answer {
  readonly actions: readonly Action[];
  readonly control?: Control;
}

function ofMessage(message: MessageSeen, seen: Seen, config: Config): Answer {
  const line = utf8FromBytes(message.text);
  const parsed = messageFromText(line);
  const by = parsed.kind === 'message' ? parsed.by : undefined;
  const say = (text: string, event: NoticeEvent = 'answer'): Action => ({
    kind: 'say',
    notice: { event, fields: { to: line.trim().slice(0, 200), by }, text },
  });
  if (parsed.kind === 'unknown') return { actions: [say('no such message: write HELP for the list', 'refused')] };
  if (parsed.kind === 'later') {
    return { actions: [say(`${parsed.keyword} is not acted on by this version`, 'refused')] };
  }
  const { keyword, rest } = parsed;
  const takesWord = keyword === 'KILL JOB' || keyword === 'SLOTS';
  if (rest !== '' && !takesWord) return { actions: [say(`${keyword} stands alone on its line`, 'refused')] };
  const switched = (control: Control, text: string): Answer => ({
    actions: [{ kind: 'control', control }, say(text)],
    control,
  });
  switch (keyword) {
    case 'HELP':
      return { actions: messageTable.map(({ form, meaning }) => say(`${form}: ${meaning}`)) };
    case 'STATUS':
      return { actions: statusLines(seen, config).map((text) => say(text)) };
    case 'CONFIG':
      return { actions: configLines(config).map((text) => say(text)) };
    case 'RELOAD':
      return { actions: [{ kind: 'reload', message }] };
    case 'PAUSE':
      return switched({ ...seen.control, paused: true }, 'paused: nothing more is started until RESUME');
    case 'RESUME':
      return switched({ ...seen.control, paused: false, finishing: false }, 'resumed');
    case 'SLOTS': {
      const slots = /^\d{1,5}$/.test(rest) ? Number(rest) : 0;
      if (slots < 1) return { actions: [say('write SLOTS and a whole number from 1 on', 'refused')] };
      return switched({ ...seen.control, slots }, `${slots} slots`);
    }
    case 'KILL JOB':
      return { actions: killJob(message, rest, seen, say) };
    case 'FINISH':
      return switched(
        { ...seen.control, finishing: true },
        'nothing more is started; the monitor ends after the running jobs',
      );
    case 'SHUTDOWN':
      return { actions: [say('ending now; running jobs go on'), { kind: 'stop', why: 'shutdown' }] };
    case 'SHUTDOWN KILL': {
      const control = { ...seen.control, finishing: true };
      const ends = seen.claims.map(({ record }) => ({ kind: 'end-job', record, why: 'killed' }) as const);
      return {
        actions: [{ kind: 'control', control }, ...ends, say('ending the running jobs, then the monitor')],
        control,
      };
    }
  }
}

function killJob(
  message: MessageSeen,
  rest: string,
  seen: Seen,
  say: (text: string, event?: NoticeEvent) => Action,
): readonly Action[] {
  const running = seen.claims.filter(({ result }) => !result);
  let claim: ClaimSeen | undefined;
  if (message.resolvedTo !== undefined) {
    claim = running.find(({ record }) => record.id === message.resolvedTo);
    if (!claim) return [say('the attempt that was meant has ended')];
  } else if (rest === '') {
    if (running.length > 1) return [say(`${running.length} jobs run: write KILL JOB and the name of one`, 'refused')];
    claim = running[0];
    if (!claim) return [say('no job runs', 'refused')];
  } else {
    const name = nameFromShown(rest);
    claim = running.find(({ record }) => record.name === name);
    if (!claim) return [say(`${shownFromName(name)} does not run`, 'refused')];
  }
  const { record } = claim;
  return [
    { kind: 'resolve', message, record },
    { kind: 'end-job', record, why: 'killed' },
    say(`ending ${shownFromName(record.name)} and all its processes`),
  ];
}

function statusLines(seen: Seen, config: Config): readonly string[] {
  const { control } = seen;
  const slots = control.slots ?? config.slots;
  const state = control.finishing ? 'finishing' : control.paused ? 'paused' : 'serving';
  const counts = queueKinds.map((queue) => `${config.queues[queue]} ${seen.counts[queue]}`).join(', ');
  const ended = queueKinds.filter(isEndedQueue).reduce((sum, queue) => sum + seen.counts[queue], 0);
  const lines = [
    `${state}, ${seen.claims.length} running, ${slots} slot${slots === 1 ? '' : 's'}, ${ended} ended: ${counts}`,
  ];
  for (const { record, started } of seen.claims) {
    const what = started === 'yes' ? `running for ${textFromDurationMs(seen.now - record.claimedAt)}` : 'starting';
    lines.push(`${shownFromName(record.name)} attempt ${record.attempt} ${what}`);
  }
  return lines;
}

function configLines(config: Config): readonly string[] {
  return Object.entries(config).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
}
