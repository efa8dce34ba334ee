// history.jsonl against the UOWs that ended: a line for each attempt, one. The file may have been renamed, cut or deleted by whoever
// keeps it, so only what it can be known to hold is missed.
import { isEndedQueue } from '../../model/queue.ts';
import { textFromInstantMs } from '../../model/time.ts';
import { entryOfFile } from '../entry-of-file.ts';
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
  if (status.at < history.wholeSince) return [];
  if (history.attempts.get(stamp)?.includes(attempt)) return [];
  const { machine, paths } = found;
  const by = { host: machine.host.name, version: 'doctor', root: paths.root };
  const entry = entryOfFile({ ...file, head, status, outcome: word }, by);
  return [
    {
      ...{ kind: 'history-missing', severity: 'fault', place },
      text: `has no line of attempt ${attempt} of ${placeOf(config, queue, file.name)}, which ended ${textFromInstantMs(status.at)}`,
      remedy: 'a line is appended with what STATUS tells; if lines were deleted on purpose, let it be',
      ...(entry && state === 'stopped' && { mend: { kind: 'append-history', entry } }),
    },
  ];
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
