// Reads the head of a UOW file: what it says, and where its parts lie. Nothing behind the `==== JOB LOG` line is ever looked at,
// so that no output of a job can pass for a part of the head. What can be wrong is worded in head-problems.
import { utf8FromBytes, type Bytes } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';
import { headerProblems } from '../model/header.ts';
import { stampFromText, type Stamp } from '../model/stamp.ts';
import { headLimitBytes, type HeaderLine, type ParsedUow, type UowHead, type UowLayout } from '../model/uow.ts';
import { byteOrderMark, fieldFromText, headLines, headReadBytes, titleFromText, type HeadLine } from './head-lines.ts';
import {
  timestampProblem,
  byteProblems,
  fieldWarnings,
  flowProblem,
  jobProblems,
  titleProblem,
  sortedFindings,
  strayProblem,
  lengthProblem,
  statusWarning,
} from './head-problems.ts';
import { statusFromText } from './status-line.ts';

export { headReadBytes } from './head-lines.ts';

/**
 * Gives the UOW whose file begins with `bytes`, or every reason why it is none (the first 100, by line).
 *
 * `bytes` are the whole file, or its first {@link headReadBytes} or more; `complete: false` says that the file goes on behind
 * them. Without a `==== JOB LOG` title in them the head is then too long. Never throws; takes time in proportion to the head.
 */
export function parseUow(bytes: Bytes, options: { readonly complete?: boolean } = {}): ParsedUow {
  const lines = headLines(bytes);
  const layout = layoutOf(bytes, lines);
  const stamped = stampOf(lines[0]);
  const hasNoEnd = layout.logOffset === undefined && options.complete === false;
  const isTooLong = hasNoEnd || (layout.logOffset ?? bytes.length) > (stamped ? headReadBytes : headLimitBytes);
  // A head that is cut off may be so in the middle of a character.
  const end = layout.logOffset ?? (isTooLong ? bytes.lastIndexOf('\n', headReadBytes - 1) + 1 : bytes.length);
  const { header, problems: headerFaults } = readSections(lines, stamped !== undefined);
  const byteFaults = byteProblems(bytes, lines, end);
  if (isTooLong || byteFaults.length > 0 || headerFaults.length > 0) {
    const problems = [...(isTooLong ? [lengthProblem()] : []), ...byteFaults, ...headerFaults];
    return { kind: 'invalid', problems: sortedFindings(problems) };
  }

  const statusLine = layout.status && lines.find(isStatusLine);
  const status = statusLine && statusFromText(statusLine.text);
  const warnings = fieldWarnings(header);
  // Not spread: of 100,000 heads that takes as long as half of reading them.
  const head: Mutable<UowHead> = { event: stamped?.event ?? '', header, layout };
  if (stamped && !stamped.isToCome) head.stamp = stamped.stamp;
  if (status) head.status = status;
  const isUnknown = statusLine !== undefined && !status;
  return {
    kind: 'uow',
    head,
    warnings: sortedFindings(isUnknown ? [statusWarning(statusLine), ...warnings] : warnings),
  };
}

function isStatusLine(line: HeadLine): boolean {
  return line.kind === 'content' && line.section === 'status';
}

function layoutOf(bytes: Bytes, lines: readonly HeadLine[]): UowLayout {
  const newline = bytes.indexOf('\n');
  const eol = newline > 0 && bytes[newline - 1] === '\r' ? '\r\n' : '\n';
  const status = lines.find(isStatusLine);
  const log = lines.at(-1);
  // A title without its newline is no beginning of a log: output would go on in the same line, and a cut read may lack the rest.
  const hasLog = log?.section === 'log' && bytes[log.next - 1] === '\n';
  const layout: Mutable<UowLayout> = { eol, hasBom: bytes.startsWith(byteOrderMark) };
  if (status) layout.status = { offset: status.start, length: Math.max(0, status.next - status.start - eol.length) };
  if (hasLog) layout.logOffset = log.next;
  return layout;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface StampLine {
  readonly stamp: Stamp;
  readonly event: string;
  /** What a program writes that has no clock: the file is whole, and is to be stamped. @see docs/decisions/0032 */
  readonly isToCome: boolean;
}

function stampOf(line: HeadLine | undefined): StampLine | undefined {
  if (line?.kind !== 'content') return undefined;
  const [, text = line.text, event = ''] = /^timestamp:[ \t]*([0-9-]+)(?:[ \t]+([^]+))?$/i.exec(line.text) ?? [];
  const stamp = stampFromText(text);
  return stamp && { stamp, event: utf8FromBytes(event), isToCome: text === '0' && event.startsWith('submitted ') };
}

interface ReadHeader {
  readonly header: readonly HeaderLine[];
  readonly problems: readonly Problem[];
}

function readSections(lines: readonly HeadLine[], isStamped: boolean): ReadHeader {
  const problems: Problem[] = [];
  const first = lines[0];
  const isBadStamp = !isStamped && first?.kind === 'content' && /^timestamp[ \t]*:/i.test(first.text);
  if (isBadStamp) problems.push(timestampProblem(first));

  const titles = lines.filter((line) => line.kind === 'title');
  const uowTitles = titles.filter((line) => line.section === 'uow');
  const flowTitle = uowTitles.find((line) => titleFromText(line.text)?.name !== '') ?? uowTitles[1];
  // What else is wrong with a file that is something else altogether would only hide that.
  if (uowTitles.length === 0) return { header: [], problems: [...problems, titleProblem(lines)] };
  if (flowTitle) return { header: [], problems: [...problems, flowProblem(flowTitle)] };

  const [statusTitle, ...moreTitles] = titles.filter((line) => line.section === 'status');
  for (const line of moreTitles) {
    const message = `==== STATUS stands here and on line ${String(statusTitle?.number ?? 0)}`;
    problems.push({ line: line.number, message, remedy: 'keep one of them' });
  }
  const read = readHeader(isStamped || isBadStamp ? lines.slice(1) : lines);
  for (const found of [read.problems, headerProblems(read.header), jobProblems(read.header, uowTitles[0]?.number ?? 0)])
    problems.push(...found);
  return { header: read.header, problems };
}

function readHeader(lines: readonly HeadLine[]): ReadHeader {
  const header: HeaderLine[] = [];
  const problems: Problem[] = [];
  let hasStatus = false;
  for (const line of lines) {
    if (line.kind !== 'content') continue;
    const field = line.section === 'uow' ? fieldFromText(line.text) : undefined;
    const isStatus = line.section === 'status' && !hasStatus && !line.text.startsWith('====');
    if (field) header.push({ name: field.name, content: field.content, line: line.number });
    else if (!isStatus) problems.push(strayProblem(line));
    hasStatus ||= line.section === 'status';
  }
  return { header, problems };
}
