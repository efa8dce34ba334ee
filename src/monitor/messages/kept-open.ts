// The message file kept open: an editor that saves it puts a new file in its place, and a line that was appended after the editor
// had read it would go with the old one. What is found in a file that was replaced is handed to the inbox.
import { linesFromMessages } from '../../format/message-lines.ts';
import { type Bytes, bytesFromBuffer } from '../../model/bytes.ts';
import type { Files, FileStat } from '../../system/files.ts';
import type { OpenFile } from '../../system/open-file.ts';
import type { Machine } from '../machine.ts';

/** How long a replaced file is read on at least, and how often is asked who else has it open. */
const keepMs = 5000;
const everyMs = 1000;
/** So much of a file is read at once, and of the one that replaced it is compared. */
const pieceBytes = 16 * 1024 * 1024;

export interface KeptOpen {
  /** Looks whether the file at `path` is still the same. Gives the messages that only a replaced one holds, each with its newline. */
  look(path: Bytes, stat: FileStat | undefined): Bytes;
  /** The file was renamed by the inbox itself, which reads it on: the next look opens the one made in its place. */
  letGo(): void;
  /** When to look again though nothing hints at it; Infinity if not. */
  readonly nextLookAt: number;
}

interface Replaced {
  readonly file: OpenFile;
  /** Messages that the new file has too: the editor had read them, and they are taken from there. */
  readonly elsewhere: string[];
  readUpTo: number;
  askAt: number;
}

/** Gives the keeper of a message file. */
export function keepOpen({ files, processes, clock, host }: Machine): KeptOpen {
  let current: OpenFile | undefined;
  const replaced = new Set<Replaced>();

  function leftIn(each: Replaced): number {
    return Math.max(0, each.file.facts().sizeBytes - each.readUpTo);
  }

  function rescued(each: Replaced, isLast: boolean): string {
    const left = leftIn(each);
    const text = bytesFromBuffer(each.file.read(each.readUpTo, Math.min(left, pieceBytes)));
    const lines = linesFromMessages(text, each.readUpTo, left > pieceBytes ? !text.includes('\n') : isLast);
    each.readUpTo = lines.at(-1)?.endOffset ?? each.readUpTo;
    let kept = '';
    for (const { text: line, isMessage } of lines) {
      const at = isMessage ? each.elsewhere.indexOf(line) : -1;
      if (at >= 0) each.elsewhere.splice(at, 1);
      else if (isMessage) kept += `${line}\n`;
    }
    return kept;
  }

  /** True if nobody else can append to it any more. */
  function isOver(each: Replaced): boolean {
    const now = clock.now();
    if (now < each.askAt && each.askAt - now <= keepMs) return false;
    each.askAt = now + keepMs;
    return processes.holdersOf(each.file).every((pid) => pid === host.pid);
  }

  return {
    look(path, stat) {
      // One that has only lost this name, and none has it yet, may come back: somebody moves it about.
      const isGone = stat === undefined && current?.facts().links === 0;
      if (current && (stat ? stat.ino !== current.ino : isGone)) {
        const elsewhere = stat ? messagesIn(files, path, stat) : [];
        replaced.add({ file: current, elsewhere, readUpTo: 0, askAt: clock.now() + keepMs });
        current = undefined;
      }
      let found = '';
      for (const each of [...replaced]) {
        // Read after the look: the last holder may have written and closed between the two.
        const isLast = isOver(each);
        found += rescued(each, isLast);
        if (!isLast || leftIn(each) > 0) continue;
        each.file.close();
        replaced.delete(each);
      }
      current ??= stat?.kind === 'file' ? files.open(path) : undefined;
      return found as Bytes;
    },
    letGo() {
      current?.close();
      current = undefined;
    },
    get nextLookAt() {
      return replaced.size > 0 ? clock.now() + everyMs : Infinity;
    },
  };
}

function messagesIn(files: Files, path: Bytes, { sizeBytes }: FileStat): string[] {
  const text = files.read(path, 0, Math.min(sizeBytes, pieceBytes)) ?? ('' as Bytes);
  return linesFromMessages(text, 0, true)
    .filter(({ isMessage }) => isMessage)
    .map(({ text: line }) => line);
}
