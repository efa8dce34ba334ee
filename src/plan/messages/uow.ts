// The messages about one UOW that does not run: HOLD, RELEASE, PRIORITY, SKIP, CANCEL, RETRY, ACK, CONTINUE, NOTE. Each names a
// state to reach. Where its UOW stands decides what there is to do; one that an earlier life of the monitor had begun on goes on
// only with the very attempt that it meant then.
//
//   stands in       HOLD RELEASE PRIORITY  SKIP    CANCEL      RETRY       ACK CONTINUE  NOTE
//   wait-q, prio-q  mark                   done-q  archive     -           -             append
//   executing, runs -                      -       -           -           -             append
//   error-q, fail-q -                      -       -           wait-q      mark          append
//   done-q          -                      -       -           wait-q      -             append
//   archive, trash  -                      -       -           wait-q      -             append
import type { Action, Deed } from '../../model/action.ts';
import { shownFromName } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import { fieldFault, fieldRow } from '../../model/header.ts';
import type { Message, UowKeyword } from '../../model/message.ts';
import { isEndedQueue, type Queue } from '../../model/queue.ts';
import type { MessageSeen, Seen, UowSeen } from '../../model/seen.ts';
import { textFromStamp } from '../../model/stamp.ts';
import { nextAttempt, retryOf, type Status, type StatusFlag } from '../../model/status.ts';
import type { UowHead } from '../../model/uow.ts';
import { type Answer, refuse, sayTo } from './answer.ts';

/** A message that names a UOW which is still being copied or settling waits this long for it. */
const arrivingMs = 10_000;

type UowMessage = Extract<Message, { kind: 'uow' }> & { readonly keyword: UowKeyword };
type Stands = 'waits' | 'runs' | 'ended' | 'put-away';

/** The deed that brings a UOW where the message wants it, and what is answered then; or why it cannot be. */
type Verdict = { readonly deed: Deed; readonly answer: string } | { readonly refused: string };

/** Gives the answer to a message about a UOW. */
export function answerAboutUow(message: MessageSeen, of: UowMessage, seen: Seen, config: Config): Answer {
  const { about } = message;
  const shown = shownFromName(of.name);
  if (!about) {
    return message.resolvedTo === undefined
      ? refuse(message, `there is no UOW named ${shown}`)
      : { actions: [sayTo(message, `${shown} is there no longer`)] };
  }
  const { head } = about;
  const place = config.queues[about.queue];
  if (!about.isTakenIn) {
    const since = message.waitsSince ?? seen.now;
    const waitUntil = since + arrivingMs;
    if (seen.now >= since && seen.now < waitUntil) return { actions: [], waitUntil };
    return refuse(message, `${shown} in ${place} is not taken in yet, or just ending: say it again`);
  }
  if (about.fault !== undefined) return refuse(message, `${shown} in ${place} cannot be read (${about.fault})`);
  if (!head) return refuse(message, `${shown} in ${place} is no valid UOW: sjq check says what is wrong`);
  const identity = `${head.stamp ? textFromStamp(head.stamp) : about.ino}.${nextAttempt(head.status) - 1}`;
  const [meant, begunAt] = (message.resolvedTo ?? '').split('@');
  if (message.resolvedTo !== undefined && meant !== identity) {
    return { actions: [sayTo(message, `the attempt of ${shown} that was meant is over`)] };
  }
  // A message that was begun twice is one message: its note has one time.
  const at = begunAt === undefined ? seen.now : Number(begunAt);
  const verdict = verdictOn(of, { about, head, at, by: message.by ?? '-', isAgain: meant === identity, config });
  if ('refused' in verdict) return refuse(message, `${shown} ${verdict.refused}`);
  const { notice } = sayTo(message, `${shown} ${verdict.answer}`);
  const actions: Action[] = [
    { kind: 'resolve', message, to: `${identity}@${at}` },
    { kind: 'obey', message, deed: verdict.deed, answer: notice },
  ];
  return { actions };
}

interface Case {
  readonly about: UowSeen;
  readonly head: UowHead;
  readonly at: number;
  readonly by: string;
  /** An earlier life of the monitor began on it: what is done already is no reason to refuse. */
  readonly isAgain: boolean;
  readonly config: Config;
}

function verdictOn({ keyword, text }: UowMessage, of: Case): Verdict {
  const { about, head, at, by, isAgain, config } = of;
  const { queues } = config;
  const stands = standsOf(about.queue, head.status);
  const status = head.status ?? ({ word: 'waiting', flags: [], attempt: 0, at } as const);
  const isHeld = status.flags.includes('held');
  const isAgainOrRetry = isAgain || (keyword === 'RETRY' && retryOf(status) > 0);
  const wrongPlace = whyNot(keyword, about.queue, stands, isAgainOrRetry, queues);
  if (wrongPlace !== undefined) return { refused: wrongPlace };
  const marked = (flags: readonly StatusFlag[], answer: string): Verdict => ({
    deed: { kind: 'mark', uow: about, status: { ...status, flags } },
    answer,
  });
  const moved = (to: Queue, word: 'skipped' | 'cancelled'): Verdict => ({
    deed: { kind: 'move', uow: about, to, status: { word, flags: [], attempt: nextAttempt(status) - 1, at } },
    answer: `${word}: moved to ${queues[to]}`,
  });
  switch (keyword) {
    case 'HOLD':
      if (isHeld && !isAgain) return { refused: 'is held already' };
      return marked(withFlag(status, 'held'), 'held: RELEASE lets it go');
    case 'RELEASE':
      if (!isHeld && !isAgain) return { refused: 'is not held' };
      return marked(
        status.flags.filter((flag) => flag !== 'held'),
        'released',
      );
    case 'PRIORITY': {
      const row = fieldRow('priority');
      const fault = row && fieldFault(row, text);
      if (fault !== undefined) return { refused: `keeps its priority: ${fault}` };
      const deed: Deed = { kind: 'edit', uow: about, field: 'priority', content: text };
      return { deed, answer: `has priority ${text} now` };
    }
    case 'SKIP':
      return moved('done', 'skipped');
    case 'CANCEL':
      return moved('archive', 'cancelled');
    case 'RETRY':
      if (retryOf(status) > 0) return triedNow(about, status, at);
      return {
        deed: { kind: 'move', uow: about, to: stands === 'waits' ? about.queue : 'wait' },
        answer: `goes to ${queues.wait} once more`,
      };
    case 'CONTINUE':
      return marked(withFlag(status, 'cont'), 'continued: what waits for it goes on');
    case 'ACK': {
      const note = text === '' ? undefined : { at, who: by, text, isAgain };
      const deed: Deed = {
        kind: 'mark',
        uow: about,
        status: { ...status, flags: withFlag(status, 'ack') },
        ...(note && { note }),
      };
      return { deed, answer: 'acknowledged' };
    }
    case 'NOTE': {
      const noted = stands === 'runs' ? 'noted: it is appended when the attempt has ended' : 'noted';
      return { deed: { kind: 'mark', uow: about, note: { at, who: by, text, isAgain } }, answer: noted };
    }
  }
}

/** A retry that waits for its time is one that a person asked for now: the retries count from here. */
function triedNow(uow: UowSeen, before: Status, at: number): Verdict {
  const flags = before.flags.filter((flag) => flag !== 'retry');
  const status: Status = { word: 'waiting', flags, attempt: nextAttempt(before) - 1, at };
  return { deed: { kind: 'mark', uow, status }, answer: 'is tried now, and its retries count anew' };
}

/** Gives why the message does not fit where the UOW stands; undefined if it does. */
function whyNot(
  keyword: UowKeyword,
  queue: Queue,
  stands: Stands,
  isAgain: boolean,
  queues: Config['queues'],
): string | undefined {
  const place = queues[queue];
  const bad: Record<Stands, string> = {
    waits: 'waits',
    runs: 'runs',
    ended: `has ended (${place})`,
    'put-away': `is in ${place}`,
  };
  const here = bad[stands];
  switch (keyword) {
    case 'HOLD':
    case 'RELEASE':
    case 'PRIORITY':
      if (stands === 'waits') return undefined;
      return stands === 'runs' && keyword === 'HOLD' ? 'runs: SUSPEND JOB stops it where it is' : here;
    case 'SKIP':
    case 'CANCEL':
      if (stands === 'waits' || (isAgain && queue === (keyword === 'SKIP' ? 'done' : 'archive'))) return undefined;
      if (stands === 'runs') return 'runs: KILL JOB ends it';
      return queue === 'error' || queue === 'fail' ? `${here}: CONTINUE lets go on what waits for it` : here;
    case 'RETRY':
      if (stands === 'waits') return isAgain ? undefined : 'waits already';
      return stands === 'runs' ? here : undefined;
    case 'ACK':
    case 'CONTINUE': {
      if (queue === 'error' || queue === 'fail') return undefined;
      const done = keyword === 'ACK' ? 'acknowledged' : 'continued';
      return `${here}: only what ended in ${queues.error} or ${queues.fail} can be ${done}`;
    }
    case 'NOTE':
      return undefined;
  }
}

function standsOf(queue: Queue, status: Status | undefined): Stands {
  if (queue === 'executing') return status?.word === 'running' ? 'runs' : 'waits';
  if (queue === 'wait' || queue === 'priority') return 'waits';
  return isEndedQueue(queue) ? 'ended' : 'put-away';
}

function withFlag(status: Status, flag: StatusFlag): readonly StatusFlag[] {
  return status.flags.includes(flag) ? status.flags : [...status.flags, flag];
}
