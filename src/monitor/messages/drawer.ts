// A drawer: one message file renamed aside, and what is known of how far it was taken. Its notes in `.sjq/inbox/`: N.acted holds,
// in text, up to which byte its lines are acted upon, how long monitor_says was then, and up to which byte its comments stand in
// the message file again; N.resolved which attempt one of them means. When a drawer is opened, read and cleared is inbox.ts.
import { type Bytes, bytesFromUtf8 } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { Files } from '../../system/files.ts';

/** How a file ended that ends within a line, and since when it has. */
export interface Unfinished {
  readonly sizeBytes: number;
  readonly at: number;
}

export interface Drawer {
  readonly path: Bytes;
  /** `.sjq/inbox/N`, whatever `path` is: where its notes are kept. */
  readonly notes: Bytes;
  /** By end offset of the line: the attempt it was resolved to. */
  readonly resolved: Map<number, string>;
  /** Up to where its lines were given to the plan. */
  readUpTo: number;
  actedUpTo: number;
  /** Where monitor_says ended when that was noted: the answer to the line behind it can only stand from there on. */
  saysAt: number;
  /** Found at the start of this life with a note: its first lines may have been answered by the last one. */
  isFound: boolean;
  /** False until its first note is on disk: nothing of it was acted upon before that. */
  isNoted: boolean;
  /** How many messages were given to the plan and are not acted upon yet. */
  open: number;
  /** Up to where its comments were taken for the new message file, and those of them that are not in it yet. */
  keptUpTo: number;
  unkept: string;
  lastChangeAt: number;
  unfinished?: Unfinished | undefined;
}

/** Gives the drawer of a file that was renamed to `path`, nothing of it taken yet. */
export function newDrawer(inbox: Bytes, path: Bytes, number: number, now: number): Drawer {
  const notes = join(inbox, String(number));
  const none = {
    readUpTo: 0,
    actedUpTo: 0,
    saysAt: 0,
    isFound: false,
    isNoted: false,
    open: 0,
    keptUpTo: 0,
    unkept: '',
  };
  return { path, notes, resolved: new Map(), lastChangeAt: now, ...none };
}

/** What an earlier life of the monitor left. */
export interface Found {
  /** In the order of their numbers. */
  readonly drawers: readonly Drawer[];
  /** Notes of drawers that are gone, because a crash came between the two removals: one would pass for that of a new file of its number. */
  readonly strayNotes: readonly Bytes[];
  /** The highest number that any of them has. */
  readonly lastNumber: number;
}

/** Gives the drawers that an earlier life of the monitor left. */
export function foundDrawers(files: Files, inbox: Bytes, messageFile: Bytes, now: number): Found {
  const found: (readonly [number, Bytes])[] = [];
  const inInbox = files.list(inbox) ?? [];
  for (const name of inInbox) if (/^\d+$/.test(name)) found.push([Number(name), join(inbox, name)]);
  const beside = messageFile.slice(0, messageFile.lastIndexOf('/')) as Bytes;
  for (const name of files.list(beside) ?? []) {
    const path = join(beside, name);
    const number = Number(/\.sjq-(\d+)$/.exec(name)?.[1] ?? NaN);
    if (path.startsWith(`${messageFile}.sjq-`) && number > 0) found.push([number, path]);
  }
  const numbers = new Set(found.map(([number]) => number));
  const strayNotes = inInbox.filter((name) => /^\d+\./.test(name) && !numbers.has(parseInt(name, 10)));
  const lastNumber = Math.max(0, ...numbers, ...strayNotes.map((name) => parseInt(name, 10)));
  found.sort(([a], [b]) => a - b);
  const drawers = found.map(([number, path]) => {
    const drawer = newDrawer(inbox, path, number, now);
    const note = files.read(`${drawer.notes}.acted` as Bytes, 0, 128);
    const [acted = 0, saysAt = 0, kept = 0] = (note ?? '').trim().split(/\s+/).map(Number);
    const resolved = files.read(`${drawer.notes}.resolved` as Bytes, 0, 1024 * 1024) ?? '';
    for (const [, offset, id] of resolved.matchAll(/^(\d+) (\S+)\n/gm)) drawer.resolved.set(Number(offset), id ?? '');
    return Object.assign(drawer, {
      readUpTo: acted,
      actedUpTo: acted,
      keptUpTo: Math.max(acted, kept),
      saysAt,
      isFound: note !== undefined,
      isNoted: note !== undefined,
    });
  });
  return { drawers, strayNotes: strayNotes.map((name) => join(inbox, name)), lastNumber };
}

/** Notes on disk which attempt the line that ends at `endOffset` means; only the first word on it counts. */
export function noteResolved(files: Files, drawer: Drawer, endOffset: number, id: string, sync: boolean): void {
  if (drawer.resolved.has(endOffset)) return;
  drawer.resolved.set(endOffset, id);
  files.append(`${drawer.notes}.resolved` as Bytes, bytesFromUtf8(`${endOffset} ${id}\n`), { sync });
  if (sync && drawer.resolved.size === 1)
    files.syncDirectory(drawer.notes.slice(0, drawer.notes.lastIndexOf('/')) as Bytes);
}

/** Notes on disk up to where the drawer is acted upon, and where monitor_says ends now. */
export function noteActed(files: Files, drawer: Drawer): void {
  const note = `${drawer.notes}.acted` as Bytes;
  const numbers = [drawer.actedUpTo, drawer.saysAt, drawer.unkept === '' ? drawer.keptUpTo : drawer.actedUpTo];
  const text = bytesFromUtf8(numbers.map((number) => String(number).padEnd(20)).join(' ') + '\n');
  if (files.overwrite(note, 0, text, { sync: false }) === 'ok') return;
  // Made whole or not at all: an empty note would say that nothing was acted upon.
  const fresh = `${note}.new` as Bytes;
  files.unlink(fresh);
  files.create(fresh, text, { sync: false });
  files.rename(fresh, note);
}

/** Removes a drawer and its notes. */
export function removeDrawer(files: Files, drawer: Drawer): void {
  files.unlink(drawer.path);
  for (const note of ['acted', 'resolved']) files.unlink(`${drawer.notes}.${note}` as Bytes);
}
