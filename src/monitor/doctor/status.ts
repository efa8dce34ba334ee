// STATUS against the queue that its UOW stands in. Where the two disagree after the fact, the queue wins: a person may have moved
// it, and what waits for it goes by the queue.
import { canHoldStatus } from '../../format/uow-edit.ts';
import { isWaitingQueue } from '../../model/queue.ts';
import { hasEnded, nextAttempt, type Status, type StatusWord } from '../../model/status.ts';
import { type Finding, placeOf } from './finding.ts';
import { type FoundFile, type FoundRoot, isMonitorsAffair } from './found.ts';

type EndQueue = 'done' | 'error' | 'fail' | 'archive';

/** What the product itself lets stand there. `cancelled`: a waiting one that a person put there while the monitor looked on. */
const words: Readonly<Record<EndQueue, readonly StatusWord[]>> = {
  done: ['done', 'skipped'],
  error: ['error', 'cancelled'],
  fail: ['fail', 'cancelled'],
  archive: ['cancelled', 'done', 'error', 'fail', 'skipped'],
};

/** True if a UOW that stands in that queue may say so. */
export function isWordOf(queue: FoundFile['queue'], word: StatusWord): boolean {
  if (queue === 'trash' || queue === 'flows') return false;
  if (isWaitingQueue(queue)) return word === 'waiting';
  return queue === 'executing' ? word === 'waiting' || word === 'running' : words[queue].includes(word);
}

/** Gives the UOWs that say something else than their place. */
export function statusAtOdds(found: FoundRoot): readonly Finding[] {
  return found.files.flatMap((file): readonly Finding[] => {
    const { queue } = file;
    if (queue === 'trash' || queue === 'flows' || file.stat.kind !== 'file') return [];
    if (file.fault !== undefined) return [unreadable(found, file, file.fault)];
    if (found.state !== 'quiet' && found.claimed.has(file.stat.ino)) return [];
    return queue === 'executing' || isWaitingQueue(queue)
      ? whereItWaits(found, file)
      : whereItEnded(found, file, queue);
  });
}

function unreadable({ config, machine }: FoundRoot, { queue, name }: FoundFile, fault: string): Finding {
  return {
    ...{ kind: 'unreadable', severity: 'fault', place: placeOf(config, queue, name) },
    text: `cannot be read: ${fault}`,
    remedy: `give ${machine.host.user.name} the right to read it, or run the doctor as the monitor’s user`,
  };
}

function whereItWaits(found: FoundRoot, file: FoundFile): readonly Finding[] {
  const { config } = found;
  const { head, queue, name, stamp } = file;
  const status = head?.status;
  const place = placeOf(config, queue, name);
  if (status?.word === 'waiting') return attemptsAtOdds(found, file, status, nextAttempt(status) - 1);
  if (found.state === 'stopped' && queue === 'executing' && status?.word === 'running')
    return [
      {
        ...{ kind: 'claimed', severity: 'note', place },
        text: `attempt ${status.attempt}: STATUS says running, and there is no record of it in .sjq: nobody will learn how it ended`,
        remedy: 'the next monitor takes it for interrupted: fail-q, or once more if it is idempotent',
      },
    ];
  if (isMonitorsAffair(found, file)) return [];
  if (stamp === undefined || !status) {
    const remedy = 'sjq check says what is wrong with it; without a fault it is taken in when it is quiet';
    return [{ kind: 'not-taken-in', severity: 'fault', place, text: 'was not taken in', remedy }];
  }
  const text = `STATUS says ${status.word}, and it stands where UOWs wait`;
  return [{ kind: 'status-word', severity: 'fault', place, text, remedy: 'the monitor’s next start sees to it' }];
}

function whereItEnded(found: FoundRoot, file: FoundFile, queue: EndQueue): readonly Finding[] {
  const { head, stamp, stat } = file;
  // What has no stamp was put there by a person and never was the monitor's.
  if (!head || stamp === undefined) return [];
  const place = placeOf(found.config, queue, file.name);
  const { status, layout } = head;
  const isMendable = canHoldStatus(layout);
  const written = (now: Status): Pick<Finding, 'mend'> =>
    isMendable ? { mend: { kind: 'write-status', path: file.path, ino: stat.ino, status: now } } : {};
  if (!status || !isMendable) {
    const attempt = Math.max(0, ...(found.history.attempts.get(stamp) ?? []));
    const word = attempt > 0 ? 'done' : 'waiting';
    const known = status ?? { word, flags: [], attempt, at: Math.floor(stat.mtimeMs) };
    const what = !layout.status
      ? 'has no STATUS line'
      : status
        ? 'is not 64 bytes in one block'
        : 'is none that is known';
    return [
      {
        ...{ kind: 'status-line', severity: 'fault', place },
        text: layout.status ? `its STATUS line ${what}` : what,
        remedy: isMendable
          ? `it is written anew, with the word of ${found.config.queues[queue]}`
          : 'it still counts as what its queue says; moved to wait-q it is taken in anew, and runs again',
        ...written(statusFor(queue, known)),
      },
    ];
  }
  if (!words[queue].includes(status.word) && !hasBetterName(found, file, status)) {
    const text = `STATUS says ${status.word}, and it stands in ${found.config.queues[queue]}`;
    if (queue === 'done' && status.word !== 'waiting' && status.word !== 'cancelled') {
      // STATUS never gets more hopeful than the truth by us.
      const remedy = `it did not end well as far as anybody knows: move it to ${found.config.queues[status.word === 'error' ? 'error' : 'fail']}, or to ${found.config.queues.wait} to run it again`;
      return [{ kind: 'status-word', severity: 'fault', place, text, remedy }];
    }
    const remedy = `the queue wins: STATUS gets its word. If that is wrong, move the file where it belongs`;
    return [{ kind: 'status-word', severity: 'fault', place, text, remedy, ...written(statusFor(queue, status)) }];
  }
  return hasEnded(status) ? attemptsAtOdds(found, file, status, status.attempt) : [];
}

/** True if the same file stands also where it says: then this name is what is wrong (places.ts). */
function hasBetterName({ files }: FoundRoot, { path, stat }: FoundFile, { word }: Status): boolean {
  if (stat.links < 2) return false;
  return files.some((other) => other.stat.ino === stat.ino && other.path !== path && isWordOf(other.queue, word));
}

/** Gives the STATUS that a queue's word makes of what it said. The reason told of another outcome: it goes. */
function statusFor(queue: EndQueue, { word, flags, attempt, at, durationMs }: Status): Status {
  const hasWaited = word === 'waiting' || word === 'cancelled' || word === 'skipped';
  const kept = { flags: flags.filter((flag) => flag === 'log!'), attempt, at };
  const ended = { ...kept, ...(durationMs !== undefined && { durationMs }) };
  switch (queue) {
    case 'done':
      return hasWaited ? { ...kept, word: 'skipped' } : { ...ended, word: 'done' };
    case 'error':
      return hasWaited ? { ...kept, word: 'cancelled' } : { ...ended, word: 'error' };
    case 'fail':
    case 'archive':
      if (hasWaited) return { ...kept, word: 'cancelled' };
      // It may have run, and nobody saw its end.
      return { ...ended, word: 'fail', ...(word === 'running' && { reason: { kind: 'interrupted' } }) };
  }
}

/** History may be cut and then know less than STATUS; never more. */
function attemptsAtOdds(found: FoundRoot, file: FoundFile, status: Status, made: number): readonly Finding[] {
  const last = Math.max(0, ...(found.history.attempts.get(file.stamp ?? '') ?? []));
  if (last <= made) return [];
  const isWaiting = status.word === 'waiting';
  const attempt = isWaiting && status.flags.includes('retry') ? last + 1 : last;
  const mayWrite = file.head && canHoldStatus(file.head.layout) && !(isWaiting && found.state === 'live');
  return [
    {
      ...{ kind: 'attempt-number', severity: 'fault', place: placeOf(found.config, file.queue, file.name) },
      text: `STATUS tells of ${made === 0 ? 'no attempt' : `attempt ${made}`}, history of attempt ${last}`,
      remedy: 'STATUS gets the number, so that no attempt has the number of another',
      ...(mayWrite && {
        mend: { kind: 'write-status', path: file.path, ino: file.stat.ino, status: { ...status, attempt } },
      }),
    },
  ];
}
