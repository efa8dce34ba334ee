// What an action of a plan does, in words for people: for `sjq plan`, which carries none of them out.
import type { Action } from '../model/action.ts';
import { shownFromName, shownFromText, utf8FromBytes } from '../model/bytes.ts';
import { queueOfOutcome } from '../model/outcome.ts';
import type { Queue } from '../model/queue.ts';
import { textFromDurationMs } from '../model/time.ts';
import { shownTime, type Zone } from '../model/zone.ts';
import { textFromReason } from './status-line.ts';

/** What it does, to whom (a UOW, a schedule, a message), and what is to be said of that. */
export interface ToldAction {
  readonly does: string;
  readonly name: string;
  readonly about: string;
}

/** What the words need besides. `dirs` are the directories of the queues. */
export interface Telling {
  readonly dirs: Readonly<Record<Queue, string>>;
  readonly zone: Zone;
  readonly now: number;
}

/** Gives it in words; undefined for what is a step of another action, or only a time at which to look again. */
export function toldAction(action: Action, { dirs, zone, now }: Telling): ToldAction | undefined {
  const of = (does: string, name: string, about = ''): ToldAction => ({ does, name: shownFromName(name), about });
  const about = (does: string, text: string, name = ''): ToldAction => ({
    does,
    name: shownFromText(name),
    about: text,
  });
  const clock = (at: number): string => shownTime(zone, at, now);
  switch (action.kind) {
    case 'take-in': {
      const { arrival, fresh } = action;
      return of('take in', arrival.name, `${dirs[arrival.queue]}${fresh ? ', as a new UOW: it is a copy' : ''}`);
    }
    case 'accept':
      return of('take in', action.arrival.name, `${dirs[action.arrival.queue]}${action.rerun ? ', to run again' : ''}`);
    case 'trash':
      return of('trash', action.arrival.name, action.why);
    case 'interrupt':
      return of('end', action.arrival.name, `fail interrupted, to ${dirs.fail}: it says running, and nothing runs it`);
    case 'unlink-duplicate':
      return of('unname', action.arrival.name, `a second name, in ${dirs[action.arrival.queue]}`);
    case 'note-vanished':
      return of('note', action.vanished.uow.name, 'somebody took it out of its queue');
    case 'claim': {
      const { uow, fault, isExpired } = action;
      if (isExpired) return of('end', uow.name, `its ttl is over (on-expire :: ${uow.expires?.how ?? 'fail'})`);
      return fault === undefined ? of('start', uow.name, `from ${dirs[uow.queue]}`) : of('end', uow.name, fault);
    }
    case 'launch':
      return of('launch', action.record.name, `attempt ${action.record.attempt}, which was claimed before`);
    case 'withdraw':
      return of('take back', action.record.name, 'it was claimed and did not begin');
    case 'end-job':
      return of('kill', action.record.name, 'somebody asked for it');
    case 'sweep':
      return of('sweep', action.record.name, 'its guardian is dead: what is left of its processes is ended');
    case 'match':
      return of('judge', action.record.name, 'its output and its result');
    case 'run-hooks':
      return of('run hooks', action.record.name, action.commands.map(({ field }) => field).join(' '));
    case 'run-hooks-again':
      return of('run hooks', action.record.name, 'once more: nobody knows how far they came');
    case 'restore':
      return of('restore', action.record.name, `its name in ${dirs.executing}`);
    case 'finish': {
      const { outcome, record } = action;
      return of(
        'end',
        record.name,
        `${outcome.word} ${textFromReason(outcome.reason)}, to ${dirs[queueOfOutcome(outcome)]}`,
      );
    }
    case 'return': {
      const { back, record } = action;
      const next = back.retry ? `, next try at ${clock(back.retry.at)}` : '';
      return of('put back', record.name, `${dirs[back.to]}: ${back.why}${next}`);
    }
    case 'ask':
      return action.what === 'ready-command'
        ? about('ask', 'the ready command: what can start is known when it has answered')
        : about('ask', 'which foreign processes run: what can start is known then');
    case 'ask-when':
      return of('ask', action.uow.name, 'its when: it starts if that says yes');
    case 'ask-writers':
      return about('ask', `who still writes ${action.arrivals.map(({ name }) => shownFromName(name)).join(', ')}`);
    case 'report-foreign':
      return about('report', `process ${action.pid} runs longer than its procname allows`);
    case 'fire': {
      const { times, skipped, missed, schedule } = action;
      const parts = [
        ...(times.length > 0 ? [`for ${times.map(clock).join(', ')}`] : []),
        ...(skipped.length > 0 ? [`left out: ${skipped.map(clock).join(', ')} (overlap :: skip)`] : []),
        ...(missed ? [`missed: ${missed.count} from ${clock(missed.first)}`] : []),
      ];
      return of('fire', schedule, parts.join('; '));
    }
    case 'keep-fired':
      return of('note', action.schedule, `the schedule is ${said[action.why]}: its times count from now on`);
    case 'forget-schedule':
      return of('forget', action.schedule, 'the schedule is gone');
    case 'alarm':
      return about('alarm', `${action.alarm.kind}: ${action.alarm.text}`);
    case 'say': {
      const { fields, text = '' } = action.notice;
      return about('answer', text, String(fields?.['to'] ?? ''));
    }
    case 'control':
      return about('switch', `${action.control.paused ? 'paused' : 'not paused'}, kept over restarts`);
    case 'reload':
      return about('reload', 'config.yaml');
    case 'obey':
      return about('obey', action.answer.text ?? '', utf8FromBytes(action.message.text));
    case 'put-off':
      return of(
        'put off',
        utf8FromBytes(action.message.text),
        `its UOW is being taken in, until ${clock(action.until)}`,
      );
    case 'stop':
      return about('stop', `the monitor ends: ${action.why}`);
    case 'leave': {
      const leftMs = Math.max(0, action.until - now);
      return of('leave', action.arrival.name, `it may still be written: for ${textFromDurationMs(leftMs)}`);
    }
    case 'resolve':
    case 'acted':
    case 'look-again':
      return undefined;
  }
}

const said = { new: 'new', edited: 'edited', clock: 'of a clock that was set back' } as const;

/** Gives when the plan wants to look again though nothing hints at it; undefined if it does not. */
export function nextLookOf(actions: readonly Action[]): number | undefined {
  const times = actions.flatMap((action) => {
    if (action.kind === 'look-again') return action.at;
    return action.kind === 'leave' || action.kind === 'put-off' ? action.until : [];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}
