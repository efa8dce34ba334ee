// Appending to history.jsonl: one line for every attempt that ended, and for each start and stop of the monitor.
import { hasEntry, type HistoryEntry, lineFromHistory } from '../format/history-line.ts';
import type { Bytes } from '../model/bytes.ts';
import type { Context } from './context.ts';
import { noteEnded } from './report/ended.ts';

/** A recovered attempt's line can only be among the last: this much of the end is searched for it. */
const tailBytes = 1024 * 1024;

/**
 * Appends the entry, and notes what ended. With `unless`, only if no line at the end of the history is of that kind already; with
 * `sync`, durably.
 */
export function appendHistory(
  { machine, paths, picture }: Pick<Context, 'machine' | 'paths' | 'picture'>,
  entry: HistoryEntry,
  { unless, sync = false }: { readonly unless?: ((line: string) => boolean) | undefined; readonly sync?: boolean } = {},
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
  files.append(paths.history, line, { sync });
  noteEnded(picture, { ...entry });
}

/**
 * Makes every line that stands there by now durable, in the thread pool. A sync that is under way may have begun too early for the
 * last of them: all who ask meanwhile share the one behind it.
 */
export function syncHistory({
  machine,
  paths,
  picture,
}: Pick<Context, 'machine' | 'paths' | 'picture'>): Promise<void> {
  const { historySync } = picture;
  const isOver = (): undefined => undefined;
  historySync.next ??= historySync.running.then(isOver, isOver).then(() => {
    delete historySync.next;
    historySync.running = machine.files.syncFile(paths.history);
    return historySync.running;
  });
  return historySync.next;
}

/** Ends the piece of a line that a kill in the midst of a write left, so that the next one stands for itself. */
export function mendHistory({ machine, paths }: Pick<Context, 'machine' | 'paths'>): void {
  const { files } = machine;
  const sizeBytes = files.stat(paths.history)?.sizeBytes ?? 0;
  const last = sizeBytes > 0 ? files.read(paths.history, sizeBytes - 1, 1) : '\n';
  if (last !== '\n') files.append(paths.history, '\n' as Bytes, { sync: false });
}
