// The line of history of an attempt of which no record is left: what the file itself still tells.
import type { AttemptEntry } from '../format/history-line.ts';
import { textFromReason } from '../format/status-line.ts';
import type { UowHead } from '../model/uow.ts';
import { type Bytes, textOfName, utf8FromBytes } from '../model/bytes.ts';
import { runIdOf } from '../model/run.ts';
import { instantOfStamp, textFromStamp } from '../model/stamp.ts';
import type { Status } from '../model/status.ts';
import { textFromInstantMs } from '../model/time.ts';

interface FileOfAttempt {
  readonly name: Bytes;
  readonly head: UowHead;
  readonly stat: { readonly sizeBytes: number };
  readonly status: Status;
  readonly outcome: 'done' | 'error' | 'fail';
}

/** Who writes the line. */
interface By {
  readonly host: string;
  readonly version: string;
  readonly root: Bytes;
}

/** Gives the line; undefined for a file without a stamp. Its id has a token of zeros: no attempt with a record has that. */
export function entryOfFile(
  { head, name, stat, status, outcome }: FileOfAttempt,
  { host, version, root }: By,
): AttemptEntry | undefined {
  const { reason, attempt, at, durationMs } = status;
  if (!head.stamp || !reason) return undefined;
  const { stamp } = head;
  const startedAt = textFromInstantMs(at - (durationMs ?? 0));
  return {
    ...{ kind: 'attempt', id: runIdOf(stamp, attempt, '000000'), name: textOfName(name) },
    ...{ stamp: textFromStamp(stamp), attempt, outcome, reason: textFromReason(reason) },
    ...(reason.kind === 'exit' && { exit: reason.code }),
    ...(reason.kind === 'signal' && { signal: reason.signal }),
    enqueued_at: textFromInstantMs(instantOfStamp(stamp)),
    claimed_at: startedAt,
    ...(durationMs !== undefined && { started_at: startedAt, duration_ms: durationMs }),
    ended_at: textFromInstantMs(at),
    log_bytes: Math.max(0, stat.sizeBytes - (head.layout.logOffset ?? stat.sizeBytes)),
    ...{ queue: 'wait', host, monitor_version: version },
    directory: head.header.findLast((line) => line.name === 'directory')?.content ?? utf8FromBytes(root),
  };
}
