// A UOW whose head was edited in place while it ran (an editor that writes into the file, a job that empties it) gets the head
// back that it was claimed with: STATUS has its place there, and an edit changes nothing for an attempt that runs.
import { headLines, headReadBytes } from '../../format/head-lines.ts';
import type { Bytes } from '../../model/bytes.ts';
import { join, runPaths } from '../../model/paths.ts';
import type { RunRecord } from '../../model/run.ts';
import { statusLineBytes } from '../../model/uow.ts';
import type { Context } from '../context.ts';
import { suffixed } from './names.ts';
import { noteOwnMove } from '../survey/picture.ts';
import type { RunState } from '../survey/run-state.ts';

/** A log is copied in pieces of this size. */
const pieceBytes = 4 * 1024 * 1024;

/**
 * Looks at the head of a claimed UOW, which nobody may be writing to any more, and puts it right if need be. The edited head goes
 * to trash, the log stays as it is. A new file takes the place of the edited one under its name in `.sjq` first: a crash after
 * that is seen as a name in currently-executing that was replaced.
 */
export function mendHead(context: Context, run: RunState, sync: boolean): void {
  const { machine, paths } = context;
  const { files, host } = machine;
  const { record } = run;
  const { uow } = runPaths(paths, record.id);
  const stat = files.stat(uow);
  // Its job may have taken the rights to it from its owner, which we are.
  if (stat?.kind === 'file' && (stat.mode & 0o600) !== 0o600) files.setMode(uow, stat.mode | 0o600);
  const found = files.read(uow, 0, record.head.length);
  if (found === undefined || !stat || withoutStatus(found, record) === withoutStatus(record.head, record)) return;

  const start = files.read(uow, 0, headReadBytes) ?? ('' as Bytes);
  const lines = headLines(start);
  const title = lines.find(({ kind, section }) => kind === 'title' && section === 'log');
  const logOffset = title?.next ?? 0;
  const as = logOffset > 0 ? keepInTrash(context, record, start.slice(0, logOffset) as Bytes) : undefined;
  const copy = join(paths.copies, record.id);
  files.unlink(copy);
  files.create(copy, (record.head + (title ? '' : record.eol)) as Bytes, { mode: stat.mode | 0o600, sync });
  if (host.uid === 0 && (stat.uid !== 0 || stat.gid !== 0)) files.setOwner(copy, stat.uid, stat.gid);
  for (let from = logOffset; from < stat.sizeBytes; from += pieceBytes) {
    files.append(copy, files.read(uow, from, pieceBytes) ?? ('' as Bytes), { sync: false });
  }
  const before = run.uowFile.ino;
  files.rename(copy, uow);
  run.uowFile = { ino: files.stat(uow)?.ino ?? 0, dev: stat.dev };
  const path = join(paths.queue.executing, record.name);
  if (files.stat(path)?.ino === before) files.unlink(path);
  files.link(uow, path);
  const text = 'a running UOW was edited in place: it has the head back that it was started with';
  context.say({ event: 'restored', name: record.name, fields: { trash: as }, text });
}

function withoutStatus(head: Bytes, { statusOffset }: RunRecord): string {
  return head.slice(0, statusOffset) + head.slice(statusOffset + statusLineBytes);
}

function keepInTrash({ machine, paths, picture }: Context, { name }: RunRecord, head: Bytes): Bytes {
  for (let suffix = 1; ; suffix++) {
    const as = suffixed(name, suffix);
    if (machine.files.create(join(paths.queue.trash, as), head, { mode: 0o600, sync: false }) === 'exists') continue;
    noteOwnMove(picture, 'trash', as);
    picture.counts.trash += 1;
    return as;
  }
}
