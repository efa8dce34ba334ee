// What a job writes into the file SJQ_PROGRESS: a number 0 to 100 and a note, in one line or on two, as often as it likes; the
// last number counts. It is a job's text: anything may stand in it.
import { shownShort, utf8FromBytes } from '../model/bytes.ts';
import type { Progress } from '../model/posted.ts';

const noteLimit = 200;

/** Gives what the text says; undefined if it says nothing. Without a number its last line is the note. Never throws. */
export function progressFromText(text: string): Progress | undefined {
  const lines = utf8FromBytes(text)
    .split(/[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  for (let at = lines.length - 1; at >= 0; at--) {
    const match = /^(\d{1,3}(?:\.\d+)?) ?%?(?:\s+(.*))?$/.exec(lines[at] ?? '');
    const percent = Number(match?.[1]);
    if (!match || percent > 100) continue;
    const note = match[2] ?? lines[at + 1];
    return { percent, ...(note !== undefined && { note: shownShort(note, noteLimit) }) };
  }
  const last = lines.at(-1);
  return last === undefined ? undefined : { note: shownShort(last, noteLimit) };
}
