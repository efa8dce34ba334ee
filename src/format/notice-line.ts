// The lines of monitor_says: `TIME EVENT NAME key=value … text`, one event a line, for eyes and for awk.
import { type Bytes, bytesFromUtf8, shownFromName, shownFromText, utf8FromBytes } from '../model/bytes.ts';
import type { Notice } from '../model/notice.ts';
import { textFromInstant } from '../model/time.ts';

/** Gives the line of a notice with its newline, as UTF-8 bytes. `-` stands where no UOW is named; nothing in it can fake a line. */
export function lineFromNotice(notice: Notice, at: number): Bytes {
  const parts = [textFromInstant(at), notice.event, notice.name === undefined ? '-' : shownFromName(notice.name)];
  for (const [key, value] of Object.entries(notice.fields ?? {})) {
    if (value !== undefined) parts.push(`${key}=${shownFromValue(String(value))}`);
  }
  if (notice.text) parts.push(shownFromText(notice.text));
  return bytesFromUtf8(parts.join(' ') + '\n');
}

/**
 * Gives where the first answer to that message ends in the lines of monitor_says, whole or refused; undefined if there is none. Lines
 * of it that follow each other are one answer, as that to HELP is.
 */
export function endOfAnswer(lines: Bytes, message: string): number | undefined {
  const to = bytesFromUtf8(` - to=${shownFromValue(message)}`);
  let found: number | undefined;
  let end = 0;
  for (const line of lines.split('\n')) {
    end = Math.min(end + line.length + 1, lines.length);
    const at = line.indexOf(to);
    const isIt = at >= 0 && / (answer|refused)$/.test(line.slice(0, at)) && /^( |$)/.test(line.slice(at + to.length));
    if (isIt) found = end;
    else if (found !== undefined) break;
  }
  return found;
}

function shownFromValue(value: string): string {
  return value !== '' && /^[^\s"\\]+$/.test(value)
    ? shownFromText(value)
    : `"${shownFromText(value.replace(/["\\]/g, '\\$&'))}"`;
}

/** What a line of monitor_says tells whoever sent a message. */
export interface AnswerLine {
  readonly event: string;
  readonly text: string;
}

const quoted = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s"]\S*)`;
const answerPattern = new RegExp(`^\\S+ (answer|refused|config) ${quoted} to=(${quoted})(?: by=${quoted})?(?: (.*))?$`);

/** Gives what a line (without its newline) answers to a message that is quoted as one of `to`; undefined for any other line. */
export function answerFromLine(line: string, to: readonly string[]): AnswerLine | undefined {
  const [, event, quotedTo, text = ''] = answerPattern.exec(line) ?? [];
  // A quotation may be cut in the midst of a character, and then stands in the file as what UTF-8 makes of that.
  const isQuoted = to.some((each) => utf8FromBytes(bytesFromUtf8(shownFromValue(each))) === quotedTo);
  if (event === undefined || !isQuoted) return undefined;
  return { event, text };
}

const trashedPattern = new RegExp(`^\\S+ trashed (${quoted}) from=${quoted}(?: as=(${quoted}))? (.*)$`);

/** Gives why the newest file that has this name in trash went there, from the lines of monitor_says; undefined if they do not tell. */
export function whyTrashed(lines: Bytes, name: Bytes): string | undefined {
  const shown = shownFromName(name);
  for (const line of utf8FromBytes(lines).split('\n').reverse()) {
    if (!line.includes(' trashed ')) continue;
    const [, before, as, why] = trashedPattern.exec(line) ?? [];
    if (as === undefined ? before === shown : as === shown || as === shownFromValue(name)) return why;
  }
  return undefined;
}
