// history.jsonl against the UOWs that ended: a line for each attempt, one. The file may have been renamed, cut or deleted by whoever
// keeps it, so only what it can be known to hold is missed.
import { textFromReason } from '../../format/status-line.ts';
import { utf8FromBytes, textOfName } from '../../model/bytes.ts';
import { isEndedQueue } from '../../model/queue.ts';
import { runIdOf } from '../../model/run.ts';
import { instantOfStamp, textFromStamp } from '../../model/stamp.ts';
import type { Status } from '../../model/status.ts';
import { textFromInstantMs } from '../../model/time.ts';
import type { HistoryEntry } from '../../format/history-line.ts';
import { type Finding, placeOf } from './finding.ts';
import type { FoundFile, FoundRoot } from './found.ts';

const place = 'history.jsonl';

/** Gives the attempts that history lacks or has twice, and what is no line. */
export function historyAtOdds(found: FoundRoot): readonly Finding[] {
  const { history } = found;
  return [
    ...found.files.flatMap((file) => missing(found, file)),
    ...twice(found),
    ...(history.tornCount > 0 ? [torn(found)] : []),
  ];
}

function missing(found: FoundRoot, file: FoundFile): readonly Finding[] {
  const { history, claimed, config, state } = found;
  const { queue, head, stamp } = file;
  const status = head?.status;
  if (queue === 'flows' || (!isEndedQueue(queue) && queue !== 'archive') || stamp === undefined || !status) return [];
  const { word, attempt } = status;
  if ((word !== 'done' && word !== 'error' && word !== 'fail') || attempt === 0 || claimed.has(file.stat.ino))
    return [];
  // Of an attempt that was found without its record nothing is known to be written down.
  if (status.reason?.kind === 'interrupted' || status.at < history.wholeSince) return [];
  if (history.attempts.get(stamp)?.includes(attempt)) return [];
  const entry = entryFor(found, file, status, word);
  return [
    {
      ...{ kind: 'history-missing', severity: 'fault', place },
      text: `has no line of attempt ${attempt} of ${placeOf(config, queue, file.name)}, which ended ${textFromInstantMs(status.at)}`,
      remedy: 'a line is appended with what STATUS tells; if lines were deleted on purpose, let it be',
      ...(entry && state === 'stopped' && { mend: { kind: 'append-history', entry } }),
    },
  ];
}

/** What the file itself still tells. Its id has a token of zeros: no attempt has that. */
function entryFor(
  { machine, paths }: FoundRoot,
  { head, name, stat }: FoundFile,
  { reason, attempt, at, durationMs }: Status,
  outcome: 'done' | 'error' | 'fail',
): HistoryEntry | undefined {
  if (!head?.stamp || !reason) return undefined;
  const { stamp } = head;
  const startedAt = textFromInstantMs(at - (durationMs ?? 0));
  return {
    ...{
      kind: 'attempt',
      id: runIdOf(stamp, attempt, '000000'),
      name: textOfName(name),
      stamp: textFromStamp(stamp),
      attempt,
    },
    ...{ outcome, reason: textFromReason(reason) },
    ...(reason.kind === 'exit' && { exit: reason.code }),
    ...(reason.kind === 'signal' && { signal: reason.signal }),
    enqueued_at: textFromInstantMs(instantOfStamp(stamp)),
    claimed_at: startedAt,
    ...(durationMs !== undefined && { started_at: startedAt, duration_ms: durationMs }),
    ended_at: textFromInstantMs(at),
    log_bytes: Math.max(0, stat.sizeBytes - (head.layout.logOffset ?? stat.sizeBytes)),
    ...{ queue: 'wait', host: machine.host.name, monitor_version: 'doctor' },
    directory: head.header.findLast((line) => line.name === 'directory')?.content ?? utf8FromBytes(paths.root),
  };
}

function twice({ history }: FoundRoot): readonly Finding[] {
  return history.doubled.map((id) => ({
    ...{ kind: 'history-twice', severity: 'fault', place },
    text: `has more than one line of the attempt ${id}`,
    remedy: 'nothing runs by it, but whoever adds up counts it twice: delete all but one',
  }));
}

function torn({ history, state }: FoundRoot): Finding {
  const { tornCount, isCut } = history;
  const isMendable = isCut && state === 'stopped';
  return {
    ...{ kind: 'history-torn', severity: 'note', place },
    text: `has ${tornCount === 1 ? 'a piece of a line' : `${tornCount} pieces of lines`}, as a kill in the midst of a write leaves them`,
    remedy: 'harmless: the whole line comes behind it; jq -R "fromjson? | …" passes over it',
    ...(isMendable && { mend: { kind: 'end-history' } }),
  };
}
