// Taking messages: monitor_reads is renamed aside, what is no message goes into a new file, and the renamed one is read on for as
// long as somebody still holds it open, so that no line is lost however many writers append (facts.md: read and truncate, or
// rewrite and rename, lost a third).
//
// In `.sjq/inbox/`: N is a renamed message file (a message file on another file system is renamed beside itself, FILE.sjq-N);
// N.acted holds, in text, up to which byte its lines are acted upon. That note is written after the acting; a message names a
// state to reach, so that acting on it twice changes nothing more, and N.resolved holds which attempt one of them means.
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
  /** `.sjq/inbox/N`, whatever `path` is: where its notes are kept. */
  readonly notes: Bytes;
  /** By end offset of the line: the attempt it was resolved to. */
  readonly resolved: Map<number, string>;
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
  /** Notes which attempt a message means, before it is acted upon. */
  resolve(message: MessageSeen, id: string): void;
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
  const base = realMessageFile();
  const besideName = (name: Bytes): number => Number(/\.sjq-(\d+)$/.exec(name)?.[1] ?? NaN);
  const found: (readonly [number, Bytes])[] = [];
  for (const name of files.list(paths.inbox) ?? []) {
    if (/^\d+$/.test(name)) found.push([Number(name), join(paths.inbox, name)]);
  }
  for (const name of files.list(dirOf(base)) ?? []) {
    const path = join(dirOf(base), name);
    if (path.startsWith(`${base}.sjq-`) && besideName(name) > 0) found.push([besideName(name), path]);
  }
  const numbers = new Set(found.map(([number]) => number));
  for (const name of files.list(paths.inbox) ?? []) {
    // A note whose file is gone, because a crash came between the two removals, would pass for that of a new file of its number.
    if (!numbers.has(parseInt(name, 10))) files.unlink(join(paths.inbox, name));
  }
  for (const [number, path] of found.sort(([a], [b]) => a - b)) {
    sequence = Math.max(sequence, number);
    const drawer = newDrawer(path, number);
    const acted = Number(files.read(`${drawer.notes}.acted` as Bytes, 0, 32)?.trim() ?? 0);
    const resolved = files.read(`${drawer.notes}.resolved` as Bytes, 0, readBytes) ?? '';
    for (const [, offset, id] of resolved.matchAll(/^(\d+) (\S+)\n/gm)) drawer.resolved.set(Number(offset), id ?? '');
    drawers.push(Object.assign(drawer, { readUpTo: acted, actedUpTo: acted, keptUpTo: acted }));
  }

  function newDrawer(path: Bytes, number: number): Drawer {
    const notes = join(paths.inbox, String(number));
    const none = { readUpTo: 0, actedUpTo: 0, keptUpTo: 0 };
    return { path, notes, resolved: new Map(), lastChangeAt: clock.now(), ...none };
  }

  /** The message file with a symlink resolved: it is the file behind it that is renamed and made anew. */
  function realMessageFile(): Bytes {
    return files.realPath(paths.messagesIn) ?? paths.messagesIn;
  }

  function takeAside(): void {
    const path = realMessageFile();
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
    const isNear = files.stat(paths.inbox)?.dev === stat.dev;
    const aside = isNear ? join(paths.inbox, String(sequence)) : (`${path}.sjq-${sequence}` as Bytes);
    if (files.rename(path, aside) === 'gone') return;
    const drawer = newDrawer(aside, sequence);
    drawer.keptUpTo = lines.at(-1)?.endOffset ?? 0;
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
    if (line.endOffset > drawer.keptUpTo) files.append(realMessageFile(), `${line.text}\n` as Bytes, { sync: false });
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
    for (const note of ['acted', 'resolved']) files.unlink(`${drawer.notes}.${note}` as Bytes);
    drawers.splice(drawers.indexOf(drawer), 1);
  }

  return {
    read() {
      nextLookAt = Infinity;
      takeAside();
      const messages: MessageSeen[] = [];
      for (const drawer of [...drawers]) {
        for (const line of linesOf(drawer)) {
          if (line.isMessage) messages.push(messageOf(drawer, line));
          else keep(drawer, line);
        }
        clear(drawer);
      }
      return messages;
    },
    resolve(message, id) {
      const drawer = drawers.find(({ path }) => path === message.file);
      if (!drawer || drawer.resolved.has(message.endOffset)) return;
      drawer.resolved.set(message.endOffset, id);
      files.append(`${drawer.notes}.resolved` as Bytes, bytesFromUtf8(`${message.endOffset} ${id}\n`), { sync: false });
    },
    acted(message) {
      const drawer = drawers.find(({ path }) => path === message.file);
      if (!drawer) return;
      drawer.actedUpTo = Math.max(drawer.actedUpTo, message.endOffset);
      const note = `${drawer.notes}.acted` as Bytes;
      const text = bytesFromUtf8(String(drawer.actedUpTo).padEnd(20) + '\n');
      if (files.overwrite(note, 0, text, { sync: false }) === 'ok') return;
      // Made whole or not at all: an empty note would say that nothing was acted upon.
      const fresh = `${note}.new` as Bytes;
      files.unlink(fresh);
      files.create(fresh, text, { sync: false });
      files.rename(fresh, note);
    },
    get nextLookAt() {
      return nextLookAt;
    },
  };
}

function messageOf(drawer: Drawer, { text, endOffset }: MessageLine): MessageSeen {
  const resolvedTo = drawer.resolved.get(endOffset);
  return { text, file: drawer.path, endOffset, ...(resolvedTo !== undefined && { resolvedTo }) };
}

function dirOf(path: Bytes): Bytes {
  return path.slice(0, path.lastIndexOf('/')) as Bytes;
}
