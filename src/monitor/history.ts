// Appending to history.jsonl: one line for every attempt that ended, and for each start and stop of the monitor.
import { hasEntry, type HistoryEntry, lineFromHistory } from '../format/history-line.ts';
import type { Bytes } from '../model/bytes.ts';
import type { Context } from './context.ts';
import { noteEnded } from './report/ended.ts';

/** A recovered attempt's line can only be among the last: this much of the end is searched for it. */
const tailBytes = 1024 * 1024;

/** Appends the entry, and notes what ended. With `unless`, only if no line at the end of the history is of that kind already. */
export function appendHistory(
  { machine, paths, picture }: Pick<Context, 'machine' | 'paths' | 'picture'>,
  entry: HistoryEntry,
  unless?: (line: string) => boolean,
): void {
  const { files } = machine;
  let line = lineFromHistory(entry);
  if (unless) {
    const sizeBytes = files.stat(paths.history)?.sizeBytes ?? 0;
    const from = Math.max(0, sizeBytes - tailBytes);
    const tail = files.read(paths.history, from, sizeBytes - from);
    if (tail !== undefined && hasEntry(tail, unless)) return;
    // A write that a full disk cut short left a piece of a line.
    if (tail && !tail.endsWith('\n')) line = `\n${line}` as Bytes;
  }
  files.append(paths.history, line, { sync: false });
  noteEnded(picture, { ...entry });
}

/** Ends the piece of a line that a kill in the midst of a write left, so that the next one stands for itself. */
export function mendHistory({ machine, paths }: Pick<Context, 'machine' | 'paths'>): void {
  const { files } = machine;
  const sizeBytes = files.stat(paths.history)?.sizeBytes ?? 0;
  const last = sizeBytes > 0 ? files.read(paths.history, sizeBytes - 1, 1) : '\n';
  if (last !== '\n') files.append(paths.history, '\n' as Bytes, { sync: false });
}
