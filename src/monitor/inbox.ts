// Taking messages: monitor_reads is renamed aside, what is no message goes into a new file, and the renamed one is read on for as
// long as somebody still holds it open, so that no line is lost however many writers append (facts.md: read and truncate, or
// rewrite and rename, lost a third).
//
// In `.sjq/inbox/`: N is a renamed message file; N.acted holds, in text, up to which byte its lines are acted upon. That note is
// written after the acting; a message names a state to reach, so that acting on it twice changes nothing more.
import { howto, linesFromMessages, type MessageLine } from '../format/message-lines.ts';
import { type Bytes, bytesFromUtf8 } from '../model/bytes.ts';
import { join } from '../model/paths.ts';
import type { MessageSeen } from '../model/seen.ts';
import { messageTable } from '../plan/message-table.ts';
import type { Context } from './context.ts';

/** A last line without a newline counts as whole when nothing came for this long. */
const unfinishedMs = 1000;
/** How long a renamed file is watched for late lines at least, and asked who has it open. */
const keepMs = 5000;
const readBytes = 1024 * 1024;

interface Drawer {
  readonly path: Bytes;
  /** Up to where its lines were given to the plan. */
  readUpTo: number;
  actedUpTo: number;
  /** Up to where its comments went into the new message file already. */
  keptUpTo: number;
  lastChangeAt: number;
}

export interface Inbox {
  /** Gives the new messages in order. */
  read(): readonly MessageSeen[];
  /** Notes that a message was acted upon. */
  acted(message: MessageSeen): void;
  /** When to read again though nothing hints at it; Infinity if not. */
  readonly nextLookAt: number;
}

/** Opens the inbox: what an earlier life of the monitor left half done is taken up again. */
export function openInbox(context: Pick<Context, 'machine' | 'paths' | 'say'>): Inbox {
  const { machine, paths } = context;
  const { files, clock, processes } = machine;
  const drawers: Drawer[] = [];
  let sequence = 0;
  let nextLookAt = Infinity;
  /** What the message file looked like when it was last read: an unchanged one is not read again. */
  let lastFacts = '';
  let unfinishedSince: { readonly sizeBytes: number; readonly at: number } | undefined;
  for (const name of [...(files.list(paths.inbox) ?? [])].sort((a, b) => Number(a) - Number(b))) {
    if (!/^\d+$/.test(name)) continue;
    sequence = Math.max(sequence, Number(name));
    const path = join(paths.inbox, name);
    const acted = Number(files.read(join(paths.inbox, `${name}.acted`), 0, 32)?.trim() ?? 0);
    drawers.push({ path, readUpTo: acted, actedUpTo: acted, keptUpTo: acted, lastChangeAt: clock.now() });
  }

  function takeAside(): void {
    const path = files.realPath(paths.messagesIn) ?? paths.messagesIn;
    const stat = files.stat(path);
    if (!stat) {
      files.create(path, howto(messageTable), { mode: 0o664, sync: false });
      return;
    }
    const facts = `${stat.ino} ${stat.sizeBytes} ${stat.mtimeMs}`;
    if (stat.kind !== 'file' || stat.sizeBytes === 0 || (facts === lastFacts && !unfinishedSince)) return;
    lastFacts = facts;
    const text = files.read(path, 0, Math.max(stat.sizeBytes, readBytes));
    if (text === undefined) return;
    const isQuiet = isUnfinishedQuiet(text);
    const lines = linesFromMessages(text, 0, isQuiet);
    if (!lines.some(({ isMessage }) => isMessage)) return;
    sequence += 1;
    const aside = join(paths.inbox, String(sequence));
    if (files.rename(path, aside) === 'gone') return;
    const keptUpTo = lines.at(-1)?.endOffset ?? 0;
    const drawer: Drawer = { path: aside, readUpTo: 0, actedUpTo: 0, keptUpTo, lastChangeAt: clock.now() };
    drawers.push(drawer);
    // The new file holds what is no message; a writer who came first made one already, then it goes behind his lines.
    const kept = lines
      .filter(({ isMessage }) => !isMessage)
      .map(({ text: line }) => `${line}\n`)
      .join('') as Bytes;
    if (files.create(path, kept, { mode: stat.mode, sync: false }) === 'exists' && kept !== '')
      files.append(path, kept, { sync: false });
    if (machine.host.uid === 0 && stat.uid !== 0) files.setOwner(path, stat.uid, stat.gid);
    files.setMode(path, stat.mode);
    unfinishedSince = undefined;
  }

  function isUnfinishedQuiet(text: Bytes): boolean {
    if (text.endsWith('\n')) {
      unfinishedSince = undefined;
      return false;
    }
    const now = clock.now();
    if (unfinishedSince?.sizeBytes !== text.length) unfinishedSince = { sizeBytes: text.length, at: now };
    if (now - unfinishedSince.at >= unfinishedMs) return true;
    nextLookAt = Math.min(nextLookAt, unfinishedSince.at + unfinishedMs);
    return false;
  }

  function linesOf(drawer: Drawer): readonly MessageLine[] {
    const text = files.read(drawer.path, drawer.readUpTo, readBytes) ?? ('' as Bytes);
    const now = clock.now();
    if (text === '') return [];
    const isQuiet = now - drawer.lastChangeAt >= unfinishedMs;
    const lines = linesFromMessages(text, drawer.readUpTo, isQuiet);
    const last = lines.at(-1);
    if (last) {
      drawer.readUpTo = last.endOffset;
      drawer.lastChangeAt = now;
    }
    nextLookAt = Math.min(nextLookAt, now + unfinishedMs);
    return lines;
  }

  /** A comment that came late, through a descriptor that somebody held open, is kept like the others. */
  function keep(drawer: Drawer, line: MessageLine): void {
    if (line.endOffset > drawer.keptUpTo) files.append(paths.messagesIn, `${line.text}\n` as Bytes, { sync: false });
    drawer.keptUpTo = Math.max(drawer.keptUpTo, line.endOffset);
    drawer.actedUpTo = Math.max(drawer.actedUpTo, line.endOffset);
  }

  /** Removes a renamed file once everything in it is acted upon and nobody can append to it any more. */
  function clear(drawer: Drawer): void {
    const now = clock.now();
    const stat = files.stat(drawer.path);
    const isRead = !stat || stat.sizeBytes <= drawer.actedUpTo;
    if (!isRead || now - drawer.lastChangeAt < keepMs) {
      nextLookAt = Math.min(nextLookAt, now + unfinishedMs);
      return;
    }
    if (stat && processes.holdersOf(stat).some((pid) => pid !== machine.host.pid)) {
      drawer.lastChangeAt = now - keepMs / 2;
      nextLookAt = Math.min(nextLookAt, now + keepMs);
      return;
    }
    // Once more after the look: the last holder may have written and closed between the two.
    if (stat && files.stat(drawer.path)?.sizeBytes !== stat.sizeBytes) return;
    files.unlink(drawer.path);
    files.unlink(`${drawer.path}.acted` as Bytes);
    drawers.splice(drawers.indexOf(drawer), 1);
  }

  return {
    read() {
      nextLookAt = Infinity;
      takeAside();
      const messages: MessageSeen[] = [];
      for (const drawer of [...drawers]) {
        for (const line of linesOf(drawer)) {
          if (line.isMessage) messages.push({ text: line.text, file: drawer.path, endOffset: line.endOffset });
          else keep(drawer, line);
        }
        clear(drawer);
      }
      return messages;
    },
    acted(message) {
      const drawer = drawers.find(({ path }) => path === message.file);
      if (!drawer) return;
      drawer.actedUpTo = Math.max(drawer.actedUpTo, message.endOffset);
      const note = `${drawer.path}.acted` as Bytes;
      const text = bytesFromUtf8(String(drawer.actedUpTo).padEnd(20) + '\n');
      if (files.create(note, text, { sync: false }) === 'exists') files.overwrite(note, 0, text, { sync: false });
    },
    get nextLookAt() {
      return nextLookAt;
    },
  };
}
