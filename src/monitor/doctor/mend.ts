// Carrying out what mends a finding, by the monitor's own functions. Nothing is deleted: a name goes only while its file has
// another one, and what has no other name goes to fail-q or back to its queue.
import { canHoldStatus } from '../../format/uow-edit.ts';
import { statusLineFromStatus } from '../../format/status-line.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { join } from '../../model/paths.ts';
import type { Queue } from '../../model/queue.ts';
import { removeGroup } from '../../system/cgroups.ts';
import { linkFree } from '../apply/names.ts';
import { writeStatus } from '../apply/write-status.ts';
import type { Context } from '../context.ts';
import { appendHistory, mendHistory } from '../history.ts';
import { foundDrawers } from '../messages/drawer.ts';
import { makeRoot, recoverIntake } from '../root.ts';
import { readHead } from '../survey/read-uow.ts';
import { loadRuns } from '../survey/runs.ts';
import type { Finding, Mend } from './finding.ts';

const graceMs = 10_000;

/** Mends what can be; tells `done` of each in words, and what the disk refused. Each mend is done once, whoever asks for it. */
export async function mendAll(
  context: Context,
  findings: readonly Finding[],
  tell: (text: string) => void,
): Promise<void> {
  const done = new Set<string>();
  for (const { mend, place } of findings) {
    const key = JSON.stringify(mend);
    if (!mend || done.has(key)) continue;
    done.add(key);
    try {
      const text = await carriedOut(context, mend);
      tell(`${mend.kind === 'recover' ? '.sjq' : place}: ${text ?? 'has changed meanwhile, and was left alone'}`);
    } catch (error) {
      // What the disk refuses of one must not keep the others from being mended.
      if (errnoOf(error) === undefined) throw error;
      tell(`${place}: could not be mended: ${String(error)}`);
    }
  }
}

/** Gives what was done; undefined if the file is no longer what it was. */
async function carriedOut(context: Context, mend: Mend): Promise<string | undefined> {
  const { files, processes, clock } = context.machine;
  switch (mend.kind) {
    case 'write-status':
      return statusWritten(context, mend);
    case 'drop-name':
      return nameDropped(context, mend);
    case 'rename':
      return renamed(context, mend);
    case 'recover':
      makeRoot(files, context.paths.root, context.config);
      loadRuns(context);
      recoverIntake(context);
      dropStrayNotes(context);
      return 'what a crash left was dropped, put back, or kept in fail-q where it had no other name';
    case 'append-history':
      appendHistory(context, mend.entry);
      return 'a line was appended with what STATUS tells';
    case 'end-history':
      mendHistory(context);
      return 'the piece of a line at its end was ended';
    case 'end-tree': {
      const { survivors } = await processes.endTree({ token: mend.token }, graceMs, clock);
      return survivors.length === 0
        ? 'the processes were ended'
        : `process ${survivors.map(({ pid }) => pid).join(', ')} could not be ended`;
    }
    case 'remove-group':
      removeGroup(mend.dir);
      return 'the empty control group was removed';
    case 'make-directory':
      return files.makeDirectory(mend.path, mend.mode) === 'ok' ? 'was made, empty' : undefined;
    case 'set-mode':
      files.setMode(mend.path, mend.mode);
      return `has the mode 0${(mend.mode & 0o777).toString(8)} now`;
  }
}

function statusWritten(
  { machine, config }: Context,
  { path, ino, status }: Extract<Mend, { kind: 'write-status' }>,
): string | undefined {
  const { files } = machine;
  const stat = files.stat(path);
  const parsed = stat?.ino === ino ? readHead(files, path, stat.sizeBytes)?.parsed : undefined;
  if (parsed?.kind !== 'uow' || !canHoldStatus(parsed.head.layout) || !parsed.head.layout.status) return undefined;
  const { layout } = parsed.head;
  const place = { path, offset: parsed.head.layout.status.offset, eol: layout.eol };
  if (writeStatus(files, place, status, config.durability === 'power') === 'gone') return undefined;
  return `STATUS says "${statusLineFromStatus(status, '\n').trimEnd()}" now`;
}

/** What is kept is made durable before the other name goes. */
function nameDropped(
  { machine }: Context,
  { path, ino, kept }: Extract<Mend, { kind: 'drop-name' }>,
): string | undefined {
  const { files } = machine;
  if (files.stat(path)?.ino !== ino || files.stat(kept)?.ino !== ino) return undefined;
  files.syncDirectory(directoryOf(kept));
  files.unlink(path);
  files.syncDirectory(directoryOf(path));
  return 'this second name was dropped';
}

function renamed(
  context: Context,
  { queue, name, ino }: { readonly queue: Queue; readonly name: Bytes; readonly ino: number },
): string | undefined {
  const { files } = context.machine;
  const dir = context.paths.queue[queue];
  const from = join(dir, name);
  if (files.stat(from)?.ino !== ino) return undefined;
  const as = linkFree(context, { from, ino }, dir, name);
  if (as === undefined || as === name) return undefined;
  files.syncDirectory(dir);
  files.unlink(from);
  files.syncDirectory(dir);
  return `is named ${shownFromName(as)} now`;
}

function directoryOf(path: Bytes): Bytes {
  return path.slice(0, path.lastIndexOf('/')) as Bytes;
}

function dropStrayNotes({ machine: { files }, paths }: Context): void {
  const messages = files.realPath(paths.messagesIn) ?? paths.messagesIn;
  for (const note of foundDrawers(files, paths.inbox, messages, 0).strayNotes) files.unlink(note);
}
