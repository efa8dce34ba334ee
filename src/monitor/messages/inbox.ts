// Taking messages: monitor_reads is renamed aside, what is no message goes into a new file, and the renamed one is read on for as
// long as somebody still holds it open, so that no line is lost however many writers append (facts.md: read and truncate, or
// rewrite and rename, lost a third).
//
// A renamed file is a drawer: `.sjq/inbox/N`, or, of a message file on another file system, FILE.sjq-N beside it. That a message is
// acted upon is noted after the acting and the answering; docs/decisions/0008 says what keeps it from being done or answered twice.
// Long because all of it works on the same drawers.
import { howto, linesFromMessages, type InboxLine } from '../../format/message-lines.ts';
import { endOfAnswer } from '../../format/notice-line.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import { messageTable } from '../../model/message.ts';
import type { MessageLine } from '../../model/seen.ts';
import { shownMessage } from '../../plan/messages/answer.ts';
import { errnoOf } from '../../model/errno.ts';
import type { FileStat } from '../../system/files.ts';
import { noteDisk } from '../apply/disk.ts';
import type { Context } from '../context.ts';
import { keepOpen } from './kept-open.ts';
import {
  type Drawer,
  foundDrawers,
  newDrawer,
  noteActed,
  noteResolved,
  removeDrawer,
  type Unfinished,
} from './drawer.ts';
import { sayOnce } from '../report/say-once.ts';
import { untilDone } from '../apply/until-done.ts';

/** A last line without a newline counts as whole when nothing came for this long. */
const unfinishedMs = 1000;
/** How long a renamed file is watched for late lines at least, and asked who has it open. */
const keepMs = 5000;
const readBytes = 1024 * 1024;
/** A message file of up to this size is read at once. */
const wholeBytes = 16 * readBytes;

export interface Inbox {
  /** Gives every message that is not acted upon yet, in order. Never throws for a fault of the disk: that is said, and tried again. */
  read(): readonly MessageLine[];
  /** Notes what a message means, durably, before it is acted upon. */
  resolve(message: MessageLine, id: string): void;
  /** Notes that a message waits for its UOW to be taken in. */
  putOff(message: MessageLine): void;
  /** Notes that a message was acted upon and answered, as soon as its answer stands in monitor_says. */
  acted(message: MessageLine): void;
  /** True if messages were read that are not acted upon yet. */
  readonly hasOpen: boolean;
  /** When to read again though nothing hints at it; Infinity if not. */
  readonly nextLookAt: number;
  /** Lets go of the message file, for a monitor that ends in a process that goes on. */
  close(): void;
}

/** Opens the inbox: what an earlier life of the monitor left half done is taken up again. */
export function openInbox(context: Context): Inbox {
  const { machine, paths } = context;
  const { files, clock, processes } = machine;
  const found = foundDrawers(files, paths.inbox, realMessageFile(), clock.now());
  const drawers = [...found.drawers];
  for (const note of found.strayNotes) untilDone(context, () => files.unlink(note));
  let sequence = found.lastNumber;
  let nextLookAt = Infinity;
  /** Read and not acted upon, by file and place in it; in the order in which they were read. */
  const open = new Map<string, MessageLine>();
  /** Acted upon, and not noted yet; in order. Their answers must be written first: until then a next life must find them again. */
  const unnoted: MessageLine[] = [];
  const keyOf = ({ file, endOffset }: MessageLine): string => `${endOffset} ${file}`;
  /** Up to there monitor_says holds no answer to a message that is not noted, and behind it none to any other. */
  let notedUpTo = Math.max(0, ...drawers.map(({ saysAt }) => saysAt));
  /** False as long as there may be an answer behind that. */
  let areAllNoted = !drawers.some(({ isFound }) => isFound);
  /** Of the messages that were found and are answered: where the answer ends. */
  const answerEnds = new Map<string, number>();
  let foundUpTo = notedUpTo;
  const keptOpen = keepOpen(machine);
  /** What the message file looked like when it was last read: an unchanged one is not read again. */
  let lastFacts = '';
  const messageFile: { unfinished?: Unfinished | undefined } = {};
  /** Messages of a file that somebody replaced, until they stand in a drawer. */
  let rescued = '' as Bytes;
  /** The message file that was renamed and could not be made anew: whose it was. */
  let missing: FileStat | undefined;

  /** The message file with a symlink resolved: it is the file behind it that is renamed and made anew. */
  function realMessageFile(): Bytes {
    return files.realPath(paths.messagesIn) ?? paths.messagesIn;
  }

  function takeAside(): void {
    const named = files.stat(paths.messagesIn);
    // Asked in every wake: to resolve a path takes a call for each of its parts, and few are a symlink.
    const path = named?.kind === 'symlink' ? realMessageFile() : paths.messagesIn;
    const stat = named?.kind === 'symlink' ? files.stat(path) : named;
    rescued = (rescued + keptOpen.look(path, stat)) as Bytes;
    if (rescued !== '') adopt();
    if (!stat) {
      if (missing) makeAnew(path, missing, '' as Bytes);
      else files.create(path, howto(messageTable), { mode: 0o664, sync: false });
      return;
    }
    const facts = `${stat.ino} ${stat.sizeBytes} ${stat.mtimeMs}`;
    const isNews = facts !== lastFacts || messageFile.unfinished !== undefined;
    if (stat.kind !== 'file') {
      const text = `${shownFromName(paths.messagesIn)} is no regular file: no message is taken; move it away, and it is made anew`;
      sayOnce(context, 'inbox kind', { event: 'attention', text });
      return;
    }
    if (stat.sizeBytes === 0 || !isNews) return;
    let isAside: boolean;
    if (stat.sizeBytes > wholeBytes) {
      // Too much for one piece of memory: the drawer is read piece by piece, comments too.
      isAside = !hasMessage(path) || putAside(path, stat, []);
    } else {
      const text = files.read(path, 0, Math.max(stat.sizeBytes, readBytes));
      if (text === undefined) return;
      const lines = linesFromMessages(text, 0, isUnfinishedQuiet(messageFile, text, text.length));
      isAside = !lines.some(({ isMessage }) => isMessage) || putAside(path, stat, lines);
    }
    // Somebody who took it away in this instant may put it back just as it was.
    if (isAside) lastFacts = facts;
  }

  /** True if a file holds anything but comments. A line that goes on beyond a piece of it counts in parts. */
  function hasMessage(path: Bytes): boolean {
    for (let from = 0; ;) {
      const text = files.read(path, from, readBytes);
      if (text === undefined || text === '') return false;
      const lines = linesFromMessages(text, from, text.length < readBytes || !text.includes('\n'));
      if (lines.some(({ isMessage }) => isMessage)) return true;
      from = lines.at(-1)?.endOffset ?? from + text.length;
    }
  }

  /** Makes a drawer of the messages that were rescued. On a full disk they are kept until there is room. */
  function adopt(): void {
    sequence += 1;
    const drawer = newDrawer(paths.inbox, join(paths.inbox, String(sequence)), sequence, clock.now());
    const sync = context.config.durability === 'power';
    files.create(drawer.path, rescued, { sync });
    rescued = '' as Bytes;
    drawers.push(drawer);
    noteBegun(drawer);
    if (sync) files.syncDirectory(paths.inbox);
  }

  /** Makes a drawer of the message file; false if that is gone. */
  function putAside(path: Bytes, stat: FileStat, lines: readonly InboxLine[]): boolean {
    sequence += 1;
    const isNear = files.stat(paths.inbox)?.dev === stat.dev;
    const aside = isNear ? join(paths.inbox, String(sequence)) : (`${path}.sjq-${sequence}` as Bytes);
    if (files.rename(path, aside) === 'gone') return false;
    keptOpen.letGo();
    const drawer = newDrawer(paths.inbox, aside, sequence, clock.now());
    drawer.unfinished = messageFile.unfinished;
    messageFile.unfinished = undefined;
    for (const line of lines) if (!line.isMessage) keep(drawer, line);
    drawers.push(drawer);
    missing = stat;
    // If a writer came first and made one already, the comments go behind his lines (writeKept).
    if (makeAnew(path, stat, drawer.unkept as Bytes) === 'ok') drawer.unkept = '';
    noteBegun(drawer);
    // What is noted of these lines from now on must find them in this drawer after a power cut too.
    const dirs = context.config.durability === 'power' ? [paths.inbox, folderOf(aside), folderOf(path)] : [];
    for (const dir of new Set(dirs)) files.syncDirectory(dir);
    return true;
  }

  /** The first note of a drawer: the answers to what is in it stand behind what is written by now, and not before one that is not noted. */
  function noteBegun(drawer: Drawer): void {
    if (areAllNoted) notedUpTo = saysSize();
    drawer.saysAt = notedUpTo;
    noteActed(files, drawer);
    drawer.isNoted = true;
  }

  function makeAnew(path: Bytes, like: FileStat, content: Bytes): 'ok' | 'exists' {
    const made = files.create(path, content, { mode: like.mode, sync: false });
    if (machine.host.uid === 0 && like.uid !== 0) files.setOwner(path, like.uid, like.gid);
    files.setMode(path, like.mode);
    missing = undefined;
    return made;
  }

  /** True if a last line without newline has stood as it is for a second. `sizeBytes` is where `text` ends in its file. */
  function isUnfinishedQuiet(of: { unfinished?: Unfinished | undefined }, text: Bytes, sizeBytes: number): boolean {
    if (text.endsWith('\n')) of.unfinished = undefined;
    else {
      const now = clock.now();
      if (of.unfinished?.sizeBytes !== sizeBytes || now < of.unfinished.at) of.unfinished = { sizeBytes, at: now };
      if (now - of.unfinished.at >= unfinishedMs) return true;
      nextLookAt = Math.min(nextLookAt, of.unfinished.at + unfinishedMs);
    }
    return false;
  }

  function saysSize(): number {
    return files.stat(files.realPath(paths.messagesOut) ?? paths.messagesOut)?.sizeBytes ?? 0;
  }

  function linesOf(drawer: Drawer): readonly InboxLine[] {
    const text = files.read(drawer.path, drawer.readUpTo, readBytes) ?? ('' as Bytes);
    if (text === '') return [];
    const isAll = text.length < readBytes;
    // A piece that ends where the reading ended goes on: as it is only a line of a megabyte is taken.
    const takesUnfinished = isAll
      ? isUnfinishedQuiet(drawer, text, drawer.readUpTo + text.length)
      : !text.includes('\n');
    const lines = linesFromMessages(text, drawer.readUpTo, takesUnfinished);
    if (lines.length > 0) drawer.lastChangeAt = clock.now();
    if (!isAll) nextLookAt = clock.now();
    return lines;
  }

  function messageOf(drawer: Drawer, { text, endOffset }: InboxLine): MessageLine {
    const resolvedTo = drawer.resolved.get(endOffset);
    // The first ones of a file: they go one after the other.
    const answerEnd = drawer.isFound ? answerEndOf(text, foundUpTo) : undefined;
    drawer.isFound = answerEnd !== undefined;
    const line = { text, file: drawer.path, endOffset, isAnswered: answerEnd !== undefined };
    if (answerEnd !== undefined) {
      answerEnds.set(keyOf(line), answerEnd);
      foundUpTo = answerEnd;
    }
    return resolvedTo === undefined ? line : { ...line, resolvedTo };
  }

  /** Gives where the answer to a message ends that stands behind that place in monitor_says. */
  function answerEndOf(text: Bytes, saysAt: number): number | undefined {
    const path = files.realPath(paths.messagesOut) ?? paths.messagesOut;
    const sizeBytes = files.stat(path)?.sizeBytes ?? 0;
    // A shorter one was put aside by somebody (logrotate): all of the new one is younger.
    const from = saysAt <= sizeBytes ? saysAt : 0;
    const end = endOfAnswer(files.read(path, from, readBytes) ?? ('' as Bytes), shownMessage({ text }));
    return end === undefined ? undefined : from + end;
  }

  /** Takes a comment for the new message file; one that comes late, through a descriptor that somebody held open, too. */
  function keep(drawer: Drawer, line: InboxLine): void {
    if (line.endOffset <= drawer.keptUpTo) return;
    drawer.unkept += `${line.text}\n`;
    drawer.keptUpTo = line.endOffset;
  }

  function writeKept(drawer: Drawer): void {
    // Nor behind a line that somebody has only begun; one that nobody ends, as a full disk leaves it, counts as whole.
    const { unfinished } = messageFile;
    if (drawer.unkept === '' || missing || (unfinished && clock.now() - unfinished.at < unfinishedMs)) return;
    files.append(realMessageFile(), `${unfinished ? '\n' : ''}${drawer.unkept}` as Bytes, { sync: false });
    messageFile.unfinished = undefined;
    drawer.unkept = '';
    if (drawer.open === 0) drawer.actedUpTo = drawer.readUpTo;
    // The next life of the monitor must not keep it again.
    noteActed(files, drawer);
  }

  /** Removes a renamed file once everything in it is acted upon and nobody can append to it any more. */
  function clear(drawer: Drawer): void {
    const now = clock.now();
    const stat = files.stat(drawer.path);
    const isDone = drawer.open === 0 && drawer.unkept === '' && (!stat || stat.sizeBytes <= drawer.readUpTo);
    // One that lies ahead is of a clock that was set back since.
    drawer.lastChangeAt = Math.min(drawer.lastChangeAt, now);
    if (!isDone || now - drawer.lastChangeAt < keepMs) {
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
    drawers.splice(drawers.indexOf(drawer), 1);
    // What is known of monitor_says must not go with it: the others may hold the like of a message that it answered.
    const [other] = drawers;
    if (other && other.saysAt < drawer.saysAt) {
      other.saysAt = drawer.saysAt;
      noteActed(files, other);
    }
    untilDone(context, () => removeDrawer(files, drawer));
  }

  /** Runs a piece of work that the disk may refuse: a wake must go on, for messages and for all else. */
  function tried(work: () => void): void {
    try {
      work();
    } catch (error) {
      const code = errnoOf(error);
      if (code === undefined) throw error;
      nextLookAt = Math.min(nextLookAt, clock.now() + keepMs);
      if (noteDisk(context, error, 'take messages')) return;
      const text = `${shownFromName(paths.messagesIn)} cannot be taken (${String(error)}): make room or mend its rights`;
      sayOnce(context, `inbox ${code}`, { event: 'fault', text });
    }
  }

  /** The answer first: one that is given twice is seen to be, one that is lost is not. */
  function noteAll(): void {
    if (unnoted.length === 0 || !context.flush()) return;
    // One that cannot be noted is noted at the next look, and those behind it after it.
    for (let message = unnoted[0]; message; message = unnoted[0]) {
      note(message);
      unnoted.shift();
    }
  }

  function note(message: MessageLine): void {
    const drawer = drawers.find(({ path }) => path === message.file);
    if (!drawer) return;
    const isLast = unnoted.length === 1 && !message.isAnswered;
    // The answers to those behind it may stand there too.
    const answerEnd = answerEnds.get(keyOf(message));
    drawer.saysAt = isLast ? saysSize() : (answerEnd ?? answerEndOf(message.text, notedUpTo) ?? notedUpTo);
    // Comments behind the last message are done with it; behind any other one there are messages that are not.
    drawer.actedUpTo = drawer.open === 1 ? drawer.readUpTo : Math.max(drawer.actedUpTo, message.endOffset);
    noteActed(files, drawer);
    drawer.open -= 1;
    notedUpTo = drawer.saysAt;
    areAllNoted = isLast;
    answerEnds.delete(keyOf(message));
  }

  return {
    read() {
      nextLookAt = Infinity;
      tried(noteAll);
      tried(takeAside);
      for (const drawer of [...drawers]) {
        if (!drawer.isNoted) tried(() => noteBegun(drawer));
        tried(() => {
          for (const line of linesOf(drawer)) {
            if (!line.isMessage) keep(drawer, line);
            else {
              const message = messageOf(drawer, line);
              drawer.open += 1;
              open.set(keyOf(message), message);
            }
            // One by one: what is behind a line at which the disk fails is read again.
            drawer.readUpTo = line.endOffset;
          }
          writeKept(drawer);
          clear(drawer);
        });
      }
      return [...open.values()];
    },
    resolve(message, id) {
      const drawer = drawers.find(({ path }) => path === message.file);
      if (drawer) noteResolved(files, drawer, message.endOffset, id, context.config.durability === 'power');
    },
    putOff(message) {
      const line = open.get(keyOf(message));
      if (line?.waitsSince === undefined && line) open.set(keyOf(message), { ...line, waitsSince: clock.now() });
    },
    get hasOpen() {
      return open.size > 0;
    },
    acted(message) {
      open.delete(keyOf(message));
      areAllNoted = false;
      unnoted.push(message);
      noteAll();
    },
    get nextLookAt() {
      return Math.min(nextLookAt, keptOpen.nextLookAt);
    },
    close: () => keptOpen.letGo(),
  };
}

function folderOf(path: Bytes): Bytes {
  return path.slice(0, path.lastIndexOf('/')) as Bytes;
}
