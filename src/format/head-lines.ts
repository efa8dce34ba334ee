// The lines of a head and what each of them is, by its form alone. Reading (uow-parse) and editing (uow-edit) share this
// scan, so that they cannot disagree about where a section begins.
import { utf8FromBytes, type Bytes } from '../model/bytes.ts';
import { headLimitBytes } from '../model/uow.ts';

/** The section a line stands in; a title stands in the one it opens. `top` is what comes before the first title. */
export type Section = 'top' | 'uow' | 'status' | 'log';

/** One line of a head. `start` and `next` are byte offsets of the line and of the one behind it; `text` is without blanks around it. */
export interface HeadLine {
  readonly kind: 'blank' | 'comment' | 'title' | 'content';
  readonly section: Section;
  readonly number: number;
  readonly start: number;
  readonly next: number;
  readonly text: Bytes;
}

export const byteOrderMark: Bytes = '\xef\xbb\xbf' as Bytes;

/**
 * How many bytes of a file parsing may have to see. A head that people wrote up to the limit grows when it is stamped, and must
 * then still be one; what {@link headLines} finds behind this, it leaves out.
 */
export const headReadBytes: number = headLimitBytes + 1024;

/**
 * Gives the lines of a head in order, the `==== JOB LOG` title, which ends it, last. Without one, the lines that begin in the
 * first {@link headReadBytes}. Never throws; linear in the length of the head.
 */
export function headLines(bytes: Bytes): readonly HeadLine[] {
  const lines: HeadLine[] = [];
  let section: Section = 'top';
  let start = bytes.startsWith(byteOrderMark) ? byteOrderMark.length : 0;
  const end = Math.min(bytes.length, headReadBytes);
  while (start < end) {
    const newline = bytes.indexOf('\n', start);
    const next = newline < 0 ? bytes.length : newline + 1;
    const text = trimmed(bytes, start, next);
    let kind: HeadLine['kind'] = 'content';
    if (text === '') kind = 'blank';
    else if (text.startsWith('#')) kind = 'comment';
    else if (bytes.startsWith('====', start)) {
      const title = titleFromText(text);
      if (title) {
        kind = 'title';
        section = title.section;
      }
    }
    lines.push({ kind, section, number: lines.length + 1, start, next, text });
    if (kind === 'title' && section === 'log') break;
    start = next;
  }
  return lines;
}

const titlePattern = /^====[ \t]+(?:(UNIT[ \t]+OF[ \t]+WORK)(?:[ \t]+([^]+))?|(STATUS)|(JOB[ \t]+LOG))$/i;

/** Gives the section that a title line opens, and the name behind `UNIT OF WORK` that only flow files have. */
export function titleFromText(text: Bytes): { readonly section: Section; readonly name: string } | undefined {
  const match = titlePattern.exec(text);
  if (!match) return undefined;
  if (match[1] !== undefined) return { section: 'uow', name: match[2] ?? '' };
  return { section: match[3] === undefined ? 'log' : 'status', name: '' };
}

/**
 * Gives name and content of a `NAME :: CONTENT` line, as text; undefined if it is none. The name holds no blank and no colon, and
 * there are blanks around the `::`, so that `std::sort` in a forgotten line of a script is no field.
 */
export function fieldFromText(text: Bytes): { readonly name: string; readonly content: string } | undefined {
  const match = /^([^ \t:]+)[ \t]+::(?:[ \t]+([^]+))?$/.exec(text);
  if (!match || text.startsWith('====')) return undefined;
  return { name: fieldName(utf8FromBytes(match[1] ?? '')), content: utf8FromBytes(match[2] ?? '') };
}

/** Gives a field's name as the header has it: lower case, but for what stands behind `env.` and `secret.`. */
export function fieldName(written: string): string {
  const name = written.toLowerCase();
  if (!name.startsWith('env.') && !name.startsWith('secret.')) return name;
  const dot = written.indexOf('.');
  return name.slice(0, dot) + written.slice(dot);
}

/** Not String.trim: to it the byte A0 is a blank, and that is the end of an `à`. */
function trimmed(bytes: Bytes, start: number, next: number): Bytes {
  let from = start;
  let to = next;
  while (from < to && isBlank(bytes[from])) from++;
  while (to > from && (isBlank(bytes[to - 1]) || bytes[to - 1] === '\n' || bytes[to - 1] === '\r')) to--;
  return bytes.slice(from, to) as Bytes;
}

/** True for the two characters that are blanks in a head. */
export function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t';
}
