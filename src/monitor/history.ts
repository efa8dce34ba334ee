// Appending to history.jsonl: one line for every attempt that ended, and for each start and stop of the monitor.
import { isUtf8, shownFromName, utf8FromBytes } from '../model/bytes.ts';
import { hasRun, type HistoryEntry, lineFromHistory } from '../format/history-line.ts';
import type { Context } from './context.ts';

/** A recovered attempt's line can only be among the last: this much of the end is searched for it. */
const tailBytes = 1024 * 1024;

/** Appends the entry. With `unlessId`, only if the end of the history has no line of that attempt yet. */
export function appendHistory(
  { machine, paths }: Pick<Context, 'machine' | 'paths'>,
  entry: HistoryEntry,
  unlessId?: string,
): void {
  const { files } = machine;
  if (unlessId !== undefined) {
    const sizeBytes = files.stat(paths.history)?.sizeBytes ?? 0;
    const from = Math.max(0, sizeBytes - tailBytes);
    const tail = files.read(paths.history, from, sizeBytes - from);
    if (tail !== undefined && hasRun(tail, unlessId)) return;
  }
  files.append(paths.history, lineFromHistory(entry), { sync: false });
}

/** Gives a name as history.jsonl holds it: its text, or if it is not UTF-8 the escaped form that messages take. */
export function textOfName(name: string): string {
  return isUtf8(name) ? utf8FromBytes(name) : shownFromName(name);
}
