// Edits of a head: pure functions from bytes to bytes that change what they must and leave every other byte alone. Each is a
// series of small steps, and each step scans the lines anew, so that none has to know what the others moved.
import { bytesFromUtf8, shownFromText, type Bytes } from '../model/bytes.ts';
import { SjqError } from '../model/errors.ts';
import { textFromStamp, type Stamp } from '../model/stamp.ts';
import type { Status } from '../model/status.ts';
import { statusBlockBytes, statusLineBytes, type UowHead, type UowLayout } from '../model/uow.ts';
import { byteOrderMark, fieldFromText, fieldName, headLines, isBlank, type HeadLine } from './head-lines.ts';
import { statusLineFromStatus } from './status-line.ts';

type Eol = UowLayout['eol'];

/** Events are words of the program; a longer one must not make a head too long. */
const longestEvent = 200;

/**
 * Gives the complete new head: the stamp on line 1, the STATUS line in its 64 bytes inside one 512-byte block, and a
 * `==== JOB LOG` title. Existing ones are replaced in their places, missing ones put in; line ends and BOM stay as they are.
 *
 * `head` is the file up to the log offset, or the whole file if it has none, and `parsed` what parsing it gave. What comes out,
 * parsed again, has the same fields, this stamp and event, this status, and can hold a status. Never throws.
 */
export function stampedUow(
  head: Bytes,
  parsed: UowHead,
  change: { readonly stamp: Stamp; readonly event: string; readonly status: Status },
): Bytes {
  const eol = parsed.layout.eol;
  let bytes = withStamp(head, parsed, change.stamp, change.event);
  bytes = withLogTitle(bytes, eol);
  bytes = withStatus(bytes, statusLineFromStatus(change.status, eol), eol);
  return aligned(bytes, eol);
}

/** True if a STATUS line may be written in place: 64 bytes with its newline, in one block of 512, and a log to append to behind it. */
export function canHoldStatus(layout: UowLayout): boolean {
  if (!layout.status || layout.logOffset === undefined) return false;
  return layout.status.length + layout.eol.length === statusLineBytes && isInOneBlock(layout.status.offset);
}

/**
 * Gives the head with one field changed: the content of its last line replaced, or a line put in behind the last field. A
 * STATUS line that would no longer stand inside one block is moved by blank lines before its title.
 *
 * @throws SjqError `usage` if name or content cannot stand in one header line
 */
export function fieldEdited(head: Bytes, parsed: UowHead, name: string, content: string): Bytes {
  checkField(name, content);
  const existing = fieldLines(head).findLast((line) => fieldFromText(line.text)?.name === fieldName(name));
  if (!existing) return fieldAdded(head, parsed, name, content);
  const value = bytesFromUtf8(content.trim());
  const behindColons = existing.start + head.slice(existing.start, existing.next).indexOf('::') + 2;
  const to = existing.start + indentOf(head, existing.start) + existing.text.length;
  const from = Math.min(to, behindColons + indentOf(head, behindColons));
  return aligned(spliced(head, from, to, (from === behindColons ? ' ' : '') + value), parsed.layout.eol);
}

/**
 * Gives the head with a line more for a field that may stand several times: behind its last line, else behind the last field.
 * The STATUS line is kept inside one block as by {@link fieldEdited}.
 *
 * @throws SjqError `usage` if name or content cannot stand in one header line
 */
export function fieldAdded(head: Bytes, parsed: UowHead, name: string, content: string): Bytes {
  checkField(name, content);
  const eol = parsed.layout.eol;
  const fields = fieldLines(head);
  const same = fields.findLast((line) => fieldFromText(line.text)?.name === fieldName(name));
  const line = `${bytesFromUtf8(name)} :: ${bytesFromUtf8(content.trim())}${eol}`;
  // Without a field it is no UOW.
  const at = (same ?? fields.at(-1))?.next ?? head.length;
  return aligned(spliced(head, at, at, (isLineEnd(head, at) ? '' : eol) + line), eol);
}

function checkField(name: string, content: string): void {
  if (/^[^\s:#=][^\s:]*$/.test(name) && !/[\r\n\0]/.test(content)) return;
  const message = `${JSON.stringify(name)} cannot be set so: a field is one line, its name without blanks and colons`;
  throw new SjqError('usage', message);
}

function fieldLines(head: Bytes): readonly HeadLine[] {
  return headLines(head).filter((line) => line.section === 'uow' && line.kind === 'content');
}

function withStamp(head: Bytes, parsed: UowHead, stamp: Stamp, event: string): Bytes {
  const eol = parsed.layout.eol;
  const shown = shownFromText(event.trim()).slice(0, longestEvent).trimEnd();
  const line = bytesFromUtf8(`timestamp: ${textFromStamp(stamp)}${shown && ' '}${shown}${eol}`);
  const first = headLines(head)[0];
  // One that is to be stamped has the line, and no stamp.
  if ((parsed.stamp || parsed.event !== '') && first) return spliced(head, first.start, first.next, line);
  const at = head.startsWith(byteOrderMark) ? byteOrderMark.length : 0;
  return spliced(head, at, at, line + eol);
}

function withLogTitle(head: Bytes, eol: Eol): Bytes {
  const last = headLines(head).at(-1);
  if (last?.section === 'log') {
    // The title of a file that ends right behind it.
    return isLineEnd(head, last.next) ? head : spliced(head, last.next, last.next, eol + eol);
  }
  const before = (isLineEnd(head, head.length) ? '' : eol) + (last?.kind === 'blank' ? '' : eol);
  return `${head}${before}==== JOB LOG${eol}${eol}` as Bytes;
}

/** Assumes the log title, so that every line before it has its newline. */
function withStatus(head: Bytes, statusLine: Bytes, eol: Eol): Bytes {
  const lines = headLines(head);
  const content = lines.find((line) => line.section === 'status' && line.kind === 'content');
  if (content) return spliced(head, content.start, content.next, statusLine);
  const title = lines.find((line) => line.section === 'status' && line.kind === 'title');
  if (!title) {
    const log = lines.at(-1);
    const at = log?.start ?? head.length;
    const before = isBlankAt(lines, (log?.number ?? 1) - 1) ? '' : eol;
    return spliced(head, at, at, `${before}==== STATUS${eol}${eol}${statusLine}${eol}`);
  }
  const blank = lines[title.number];
  const hasBlank = blank?.kind === 'blank';
  const at = hasBlank ? blank.next : title.next;
  const after = isBlankAt(lines, title.number + (hasBlank ? 2 : 1)) ? '' : eol;
  return spliced(head, at, at, (hasBlank ? '' : eol) + statusLine + after);
}

/** Gives the head with blank lines before `==== STATUS`, as few as keep a 64-byte status line inside one block. */
function aligned(head: Bytes, eol: Eol): Bytes {
  const lines = headLines(head);
  const content = lines.find((line) => line.section === 'status' && line.kind === 'content');
  const title = lines.find((line) => line.section === 'status' && line.kind === 'title');
  const isPadded = content && content.next - content.start === statusLineBytes;
  if (!isPadded || !title || isInOneBlock(content.start)) return head;
  const missing = statusBlockBytes - (content.start % statusBlockBytes);
  return spliced(head, title.start, title.start, eol.repeat(Math.ceil(missing / eol.length)));
}

function indentOf(head: Bytes, at: number): number {
  let end = at;
  while (isBlank(head[end])) end++;
  return end - at;
}

function isInOneBlock(offset: number): boolean {
  return (offset % statusBlockBytes) + statusLineBytes <= statusBlockBytes;
}

function isLineEnd(head: Bytes, at: number): boolean {
  return at === 0 || head[at - 1] === '\n';
}

/** `number` counts from 1, as the lines do. */
function isBlankAt(lines: readonly HeadLine[], number: number): boolean {
  return lines[number - 1]?.kind === 'blank';
}

function spliced(head: Bytes, from: number, to: number, text: string): Bytes {
  return (head.slice(0, from) + text + head.slice(to)) as Bytes;
}
