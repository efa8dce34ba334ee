// The messages about running jobs: KILL JOB, SUSPEND JOB, RESUME JOB.
import { shownFromName } from '../../model/bytes.ts';
import type { Message } from '../../model/message.ts';
import type { ClaimSeen, MessageSeen, Seen } from '../../model/seen.ts';
import { type Answer, refuse, sayTo } from './answer.ts';

/** Gives the answer to KILL JOB. */
export function answerKillJob(
  message: MessageSeen,
  { name }: Extract<Message, { kind: 'kill-job' }>,
  seen: Seen,
): Answer {
  const found = runningJob(message, name, seen);
  if (!('record' in found)) return found;
  const { record } = found;
  return {
    actions: [
      { kind: 'resolve', message, to: record.id },
      { kind: 'end-job', record, why: 'killed' },
      sayTo(message, `ending ${shownFromName(record.name)} and all its processes`),
    ],
  };
}

/** Gives the answer to SUSPEND JOB and RESUME JOB. */
export function answerSignalJob(
  message: MessageSeen,
  { name, keyword }: Extract<Message, { kind: 'uow' }>,
  seen: Seen,
): Answer {
  const found = runningJob(message, name, seen);
  if (!('record' in found)) return found;
  const { record, started, isSuspended, isGuardianAlive } = found;
  const shown = shownFromName(name);
  if (started !== 'yes' || !isGuardianAlive) return refuse(message, `${shown} has not started yet`);
  const signal = keyword === 'SUSPEND JOB' ? 'STOP' : 'CONT';
  const isAgain = message.resolvedTo !== undefined;
  if (signal === 'STOP' && isSuspended && !isAgain) return refuse(message, `${shown} is suspended already`);
  if (signal === 'CONT' && !isSuspended && !isAgain) return refuse(message, `${shown} is not suspended`);
  const text = signal === 'STOP' ? 'suspended where it is: RESUME JOB lets it go on' : 'goes on';
  const { notice } = sayTo(message, `${shown} ${text}`);
  return {
    actions: [
      { kind: 'resolve', message, to: record.id },
      { kind: 'obey', message, deed: { kind: 'signal-job', record, signal }, answer: notice },
    ],
  };
}

/** Gives the running job that a message means, or the answer that there is none. Without a name it is the only one. */
function runningJob(message: MessageSeen, name: string | undefined, seen: Seen): ClaimSeen | Answer {
  const running = seen.claims.filter(({ result }) => !result);
  if (message.resolvedTo !== undefined) {
    const meant = running.find(({ record }) => record.id === message.resolvedTo);
    return meant ?? { actions: [sayTo(message, 'the attempt that was meant has ended')] };
  }
  if (name !== undefined) {
    const named = running.find(({ record }) => record.name === name);
    return named ?? refuse(message, `${shownFromName(name)} does not run`);
  }
  if (running.length > 1) return refuse(message, `${running.length} jobs run: write KILL JOB and the name of one`);
  return running[0] ?? refuse(message, 'no job runs');
}
