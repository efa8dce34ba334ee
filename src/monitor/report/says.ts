// Appending to monitor_says: a line an event, kept over restarts. A disk that is full must not stop the monitor: what could not
// be written is kept and written when there is room, and stderr hears it at once.
import { lineFromNotice } from '../../format/notice-line.ts';
import { type Bytes, utf8FromBytes } from '../../model/bytes.ts';
import type { Notice } from '../../model/notice.ts';
import type { Machine } from '../machine.ts';

/**
 * So many lines are written without waiting for the end of the wake, which may say tens of thousands: only what the disk refuses is to
 * be dropped. While it does, the last so many are kept, and the number of those that were dropped is said.
 */
const keptLines = 1000;

/** The voice of the monitor. */
export interface Says {
  say(notice: Notice): void;
  /** Writes what a fault kept back, and everything said since the last call, with one write. True if all of it is written. */
  flush(): boolean;
}

/**
 * Gives the voice that appends to `path` and tells `echo` each line (the foreground's stderr). `isKnown` is asked about a fault of
 * the writing: whether it is one that people are told of anyway.
 */
export function createSays(
  machine: Pick<Machine, 'files' | 'clock'>,
  path: Bytes,
  echo: (line: string) => void,
  isKnown: (error: unknown) => boolean = () => false,
): Says {
  let pending: Bytes[] = [];
  /** What `echo` has not been told yet: a write to a terminal or a pipe costs as much as one to a file. */
  let unheard = '';
  let dropped = 0;
  let isRefused = false;
  /** The last line may have been cut off: by a crash of an earlier life, or by a full disk. */
  let mayBeCut = true;

  function isCut(): boolean {
    const sizeBytes = machine.files.stat(path)?.sizeBytes ?? 0;
    return sizeBytes > 0 && machine.files.read(path, sizeBytes - 1, 1) !== '\n';
  }

  function flush(): boolean {
    if (unheard !== '') echo(utf8FromBytes(unheard));
    unheard = '';
    if (pending.length === 0) return true;
    const lost =
      dropped > 0
        ? lineFromNotice(
            { event: 'fault', text: `${dropped} earlier lines could not be written here` },
            machine.clock.now(),
          )
        : '';
    try {
      const start = mayBeCut && isCut() ? '\n' : '';
      mayBeCut = true;
      machine.files.append(path, (start + lost + pending.join('')) as Bytes, { sync: false });
      mayBeCut = false;
      pending = [];
      dropped = 0;
      isRefused = false;
      return true;
    } catch (error) {
      // Once, and not if the disk is known to take nothing: what is kept here says so itself.
      if (!isRefused && !isKnown(error))
        echo(`sjq: monitor_says cannot be written (${String(error)}): make room or mend its rights\n`);
      isRefused = true;
      return false;
    }
  }

  return {
    say(notice) {
      const line = lineFromNotice(notice, machine.clock.now());
      unheard += line;
      pending.push(line);
      if (pending.length % keptLines === 0) flush();
      if (pending.length > keptLines * 2) {
        dropped += pending.length - keptLines;
        pending = pending.slice(-keptLines);
      }
    },
    flush,
  };
}
