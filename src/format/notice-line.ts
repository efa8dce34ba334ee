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

/** True if the lines of monitor_says hold an answer to that message, whole or refused. */
export function hasAnswer(lines: Bytes, message: string): boolean {
  const to = bytesFromUtf8(` - to=${shownFromValue(message)}`);
  return lines.split('\n').some((line) => {
    const at = line.indexOf(to);
    return at >= 0 && / (answer|refused)$/.test(line.slice(0, at)) && /^( |$)/.test(line.slice(at + to.length));
  });
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
