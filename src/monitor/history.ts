// Appending to history.jsonl: one line for every attempt that ended, and for each start and stop of the monitor.
import { hasEntry, type HistoryEntry, lineFromHistory, stampsFromTail } from '../format/history-line.ts';
import type { Bytes } from '../model/bytes.ts';
import type { Files } from '../system/files.ts';
import type { Context } from './context.ts';
import { noteEnded } from './report/ended.ts';
import { noteUsual } from './report/usual.ts';
import { noteStamp } from './survey/picture.ts';

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
  if (unless) {
    const sizeBytes = files.stat(paths.history)?.sizeBytes ?? 0;
    const from = Math.max(0, sizeBytes - tailBytes);
    const tail = files.read(paths.history, from, sizeBytes - from);
    if (tail !== undefined && hasEntry(tail, unless)) return;
  }
  const start = picture.isHistoryWhole ? '' : newlineFor(files, paths.history);
  picture.isHistoryWhole = false;
  files.append(paths.history, (start + lineFromHistory(entry)) as Bytes, { sync });
  picture.isHistoryWhole = true;
  noteEnded(picture, { ...entry });
  noteUsual(picture, { ...entry });
}

/** Notes the stamps that the end of the history names: with the clock set back the next one might be that of a UOW that has ended, which nobody reads. */
export function loadStamps({ machine, paths, picture }: Pick<Context, 'machine' | 'paths' | 'picture'>): void {
  const { files, clock } = machine;
  const from = Math.max(0, (files.stat(paths.history)?.sizeBytes ?? 0) - tailBytes);
  const tail = files.read(paths.history, from, tailBytes) ?? ('' as Bytes);
  for (const stamp of stampsFromTail(tail)) noteStamp(picture, stamp, clock.now());
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

/** Gives what ends the piece of a line that a kill, or a full disk, in the midst of a write left; nothing if the last line is whole. */
function newlineFor(files: Files, path: Bytes): string {
  const sizeBytes = files.stat(path)?.sizeBytes ?? 0;
  return sizeBytes > 0 && files.read(path, sizeBytes - 1, 1) !== '\n' ? '\n' : '';
}

/** Ends the piece of a line that a kill in the midst of a write left. */
export function mendHistory({ machine: { files }, paths }: Pick<Context, 'machine' | 'paths'>): void {
  const newline = newlineFor(files, paths.history);
  if (newline !== '') files.append(paths.history, newline as Bytes, { sync: false });
}
