// The lines that are appended behind the log: later attempts, a result, people's notes. They are for people, and a job can
// print the like; the program never reads them.
import { bytesFromUtf8, shownFromName, shownFromText, type Bytes } from '../model/bytes.ts';
import { textFromInstant } from '../model/time.ts';

/** Gives the line between the output of two attempts. Like all of these it begins with a newline, as output may end without one. */
export function attemptSeparator(attempt: number, at: number): Bytes {
  return separator(`ATTEMPT ${String(attempt)} ${textFromInstant(at)}`);
}

/** Gives the line between the output of an attempt and that of its hooks. */
export function hooksLine(at: number): Bytes {
  return separator(`HOOKS ${textFromInstant(at)}`);
}

/** Gives the line of a result. `json` is the text that the job wrote, valid JSON; it is brought onto one line, and what could move a cursor is escaped. */
export function resultLine(json: string): Bytes {
  // In valid JSON the first are blanks between tokens, and the others stand in strings only.
  const line = json.trim().replace(/[\0-\x1f]+/g, ' ');
  return separator(`RESULT ${line.replace(/[\x7f-\x9f\u2028\u2029]/g, escaped)}`);
}

/** Gives the line before a result that is no JSON, of which so many bytes follow as they were. */
export function badResultLine(lengthBytes: number): Bytes {
  return separator(`BAD RESULT ${lengthBytes} bytes`);
}

/** Gives the line of a note. `who` and `text` are foreign text: neither can begin another line or move a cursor. */
export function noteLine(at: number, who: string, text: string): Bytes {
  return separator(`NOTE ${textFromInstant(at)} ${shownFromName(bytesFromUtf8(who))} ${shownFromText(text.trim())}`);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function separator(text: string): Bytes {
  return bytesFromUtf8(`\n==== ${text}\n`);
}
