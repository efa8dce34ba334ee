// A person's mark on a UOW where it stands: its STATUS rewritten in place, a note behind its log.
import { noteLine } from '../../format/separators.ts';
import { canHoldStatus } from '../../format/uow-edit.ts';
import type { Deed, Done, Note } from '../../model/action.ts';
import type { Bytes } from '../../model/bytes.ts';
import { join, runPaths } from '../../model/paths.ts';
import type { RunId } from '../../model/run.ts';
import { isWaitingQueue } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import { enlist } from '../survey/enlist.ts';
import { noteOwnMove, runOfName } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';
import { untilDone } from '../apply/until-done.ts';
import { writeStatus } from '../apply/write-status.ts';
import type { Files } from '../../system/files.ts';

/** A note that was written before a crash is looked for in this much of the file, from its end. */
const tailBytes = 1024 * 1024;

/** Writes the note and the STATUS. A note that stands there already is not written again. */
export function mark(context: Context, { uow, status, note }: Extract<Deed, { kind: 'mark' }>): Done {
  const { machine, paths, picture, config } = context;
  const { files } = machine;
  const { name, queue } = uow;
  const run = queue === 'executing' ? runOfName(picture, name) : undefined;
  const path = run ? runPaths(paths, run.record.id).uow : join(paths.queue[queue], name);
  const stat = files.stat(path);
  if (stat?.ino !== uow.ino) return 'gone';
  const parsed = readHead(files, path, stat.sizeBytes)?.parsed;
  if (parsed?.kind !== 'uow') return 'gone';
  const { layout } = parsed.head;
  if (layout.logOffset === undefined || (status && !canHoldStatus(layout))) {
    return { refused: 'has a head that somebody edited, and no place for this: move it to wait-q and back' };
  }
  const sync = config.durability === 'power';
  // In the midst of a job's output it would count as that: it is kept aside until the attempt has ended.
  if (note && run) {
    run.hasNotes = true;
    appendAside(context, run.record.id, note);
  }
  if (note && !run) append(context, path, note);
  const place = layout.status && { path, offset: layout.status.offset, eol: layout.eol };
  // Taken away in this instant.
  if (status && place && writeStatus(files, place, status, sync) === 'gone') return 'gone';
  if (!run) know(context, uow, path);
  return 'done';
}

function appendAside(context: Context, id: RunId, note: Note): void {
  const { machine, paths, config } = context;
  const { notes } = runPaths(paths, id);
  const isNew = machine.files.stat(notes) === undefined;
  append(context, notes, note);
  if (isNew && config.durability === 'power') machine.files.syncDirectory(paths.claimed);
}

function append(context: Context, path: Bytes, { at, who, text, isAgain }: Note): void {
  const { machine, config } = context;
  const { files } = machine;
  const line = noteLine(at, who, text);
  const from = Math.max(0, (files.stat(path)?.sizeBytes ?? 0) - tailBytes);
  const there = (isAgain && files.read(path, from, tailBytes)) || '';
  if (there.includes(line)) return;
  try {
    files.append(path, missingOf(line, there), { sync: config.durability === 'power' });
  } catch (error) {
    // A piece of it may stand there: what comes behind that begins a line of its own.
    untilDone(context, () => endPiece(files, path, line));
    throw error;
  }
}

function endPiece(files: Files, path: Bytes, line: Bytes): void {
  const sizeBytes = files.stat(path)?.sizeBytes;
  if (sizeBytes === undefined) return;
  const there = files.read(path, Math.max(0, sizeBytes - line.length), line.length) ?? '';
  if (missingOf(line, there) !== line) files.append(path, '\n' as Bytes, { sync: false });
}

/** Gives what is missing of a line that a crash may have cut off while it was written. A newline alone is the output's. */
function missingOf(line: Bytes, there: string): Bytes {
  for (let length = line.length - 1; length > 1; length--)
    if (there.endsWith(line.slice(0, length))) return line.slice(length) as Bytes;
  return line;
}

/** Tells the picture what it just did, so that it is no news: neither an edit of a waiting UOW nor a file put by hand into a queue. */
function know(context: Context, { name, queue }: Extract<Deed, { kind: 'mark' }>['uow'], path: Bytes): void {
  const { files } = context.machine;
  if (!isWaitingQueue(queue) && queue !== 'executing') {
    noteOwnMove(context.picture, queue, name);
    return;
  }
  const stat = files.stat(path);
  const parsed = stat && readHead(files, path, stat.sizeBytes)?.parsed;
  if (stat && parsed?.kind === 'uow') enlist(context, queue, name, stat, parsed.head);
}
