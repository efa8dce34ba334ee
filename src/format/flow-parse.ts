// Reads a flow file: sections `==== UNIT OF WORK name`, each a UOW or an array of them; or one section without a name that is an array.
// What is wrong with one is told with its line in the file. And writes the flow's own stamp and STATUS.
import { isArray } from '../model/array.ts';
import { type Bytes, bytesFromUtf8, nameFromShown, shownShort, utf8FromBytes } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';
import {
  type FlowPart,
  type FlowSection,
  type FlowStatus,
  type FlowUow,
  type FlowWord,
  memberName,
} from '../model/flow.ts';
import { Header } from '../model/header.ts';
import { namesFromText, parentsNamed } from '../model/parents.ts';
import { baseName, isIgnoredName, type WaitingQueue } from '../model/queue.ts';
import { type Stamp, stampFromText, textFromStamp } from '../model/stamp.ts';
import { textFromInstant } from '../model/time.ts';
import { headLimitBytes, type HeaderLine, statusLineBytes } from '../model/uow.ts';
import { uowsOfFlow } from './flow-members.ts';
import { flowProblems } from './flow-problems.ts';
import { fieldFromText, headLines, type HeadLine, headReadBytes, titleFromText } from './head-lines.ts';
import { sortedFindings } from './head-problems.ts';
import { templateStatusEdit } from './occurrence.ts';
import { parseUow } from './uow-parse.ts';

/** A flow as its file says it. */
export interface Flow {
  /** As they are written. */
  readonly sections: readonly FlowSection[];
  /** What is made of them. */
  readonly uows: readonly FlowUow[];
  /** The flows in it. */
  readonly parts: readonly FlowPart[];
  /** It is not done before it is closed. */
  readonly isPersistent: boolean;
  readonly stamp?: Stamp;
  /** What stands behind the stamp. */
  readonly event: string;
  readonly status?: FlowStatus;
  /** Where its STATUS line begins, in a file that the monitor stamped. */
  readonly statusOffset?: number;
}

/** `none`: it is a plain UOW, or no UOW at all. */
export type ParsedFlow =
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly kind: 'none' };

/** Names of sections become part of names of files: at most so many bytes. */
export const longestSection = 64;
const nameRemedy = `write one word of at most ${longestSection} bytes behind the title, without quotes, slashes, a dot in front or an end such as ~2 or .tmp`;

/**
 * Gives the flow whose file begins with `bytes`, or every reason why it is none. With `name`, the file's, also that its UOWs would
 * have too long ones. Never throws.
 */
export function flowFromText(bytes: Bytes, name?: Bytes): ParsedFlow {
  const lines = headLines(bytes);
  const titles = lines.filter(({ kind, section }) => kind === 'title' && section === 'uow');
  const isNamed = titles.length > 1 || titles.some(({ text }) => titleFromText(text)?.name !== '');
  if (!isNamed && !isArray(headerOf(lines.filter(({ section }) => section === 'uow')))) return { kind: 'none' };
  const end = lines.find(({ section }) => section === 'status' || section === 'log');
  const head = end ? lines.slice(0, lines.indexOf(end)) : lines;
  const problems: Problem[] = [];
  if ((end?.start ?? bytes.length) > headLimitBytes || (!end && bytes.length >= headReadBytes))
    problems.push({ line: 0, message: 'the flow is longer than 64 KiB', remedy: 'move what is long into scripts' });
  const stamp = stampOf(head[0]);
  problems.push(...strays(head, stamp !== undefined));
  const sections = titles
    .filter((title) => head.includes(title))
    .map((title) => sectionAt(bytes, head, title, isNamed, problems));
  const uows = uowsOfFlow(sections.filter((section) => useOf(section) === undefined));
  const parts = sections
    .filter((section) => useOf(section)?.isToCome === false)
    .map(({ name: of }) => ({ name: of, members: uows.map((uow) => uow.name).filter((uow) => isPartOf(uow, of)) }));
  problems.push(...flowProblems(sections, uows, name));
  if (problems.length > 0) return { kind: 'invalid', problems: sortedFindings(problems) };
  const line = lines.find(({ kind, section }) => kind === 'content' && section === 'status');
  const status = line && statusFromFlowLine(line.text);
  return {
    kind: 'flow',
    flow: {
      sections,
      uows,
      parts,
      isPersistent: new Header(sections[0]?.header ?? []).isYes('persistent'),
      event: eventOf(head[0]),
      ...(stamp && { stamp }),
      ...(status && { status, statusOffset: line.start }),
    },
  };
}

/** True for the name of a UOW or section that is of the flow used by the section `of`. */
export function isPartOf(name: Bytes, of: Bytes): boolean {
  return name.startsWith(memberName(of, '' as Bytes));
}

/** Gives the names that a section waits for. */
export function parentsIn({ header }: FlowSection): ReturnType<typeof parentsNamed> {
  return parentsNamed(new Header(header));
}

/** Gives the text of the flow file as it stands in flows/: stamped, with a STATUS of its own. */
export function stampedFlow(
  bytes: Bytes,
  { stamp, event, status }: { readonly stamp: Stamp; readonly event: string; readonly status: FlowStatus },
): Bytes {
  const line = bytesFromUtf8(`timestamp: ${textFromStamp(stamp)} ${event}`);
  const text = `${line}\n\n${flowBody(bytes)}` as Bytes;
  const edit = templateStatusEdit(
    text,
    { event: '', header: [], layout: { eol: '\n', hasBom: false } },
    textOfFlowStatus(status),
  );
  return edit?.kind === 'append' ? ((text + edit.text) as Bytes) : text;
}

/** Gives the text of a flow as a person wrote it: without a stamp, a STATUS and what is behind that. */
export function flowBody(bytes: Bytes): Bytes {
  const lines = headLines(bytes);
  const end = lines.find(({ section }) => section === 'status' || section === 'log')?.start ?? bytes.length;
  const from = stampOf(lines[0]) ? (lines[0]?.next ?? 0) : (lines[0]?.start ?? 0);
  return `${bytes.slice(from, end).trim()}\n` as Bytes;
}

/** Gives the 64 bytes of a flow's STATUS line. */
export function flowStatusLine(status: FlowStatus): Bytes {
  return bytesFromUtf8(
    `${textOfFlowStatus(status)
      .slice(0, statusLineBytes - 1)
      .padEnd(statusLineBytes - 1)}\n`,
  );
}

function textOfFlowStatus({ word, queue, isClosed, done, of, at }: FlowStatus): string {
  return `${word}${queue === undefined ? '' : ` ${queue}`}${isClosed ? ' closed' : ''} ${done} of ${of} done ${textFromInstant(at)}`;
}

function statusFromFlowLine(text: Bytes): FlowStatus | undefined {
  const match =
    /^(taking-in|running|paused|blocked|done)(?: (wait|priority))?( closed)? (\d{1,6}) of (\d{1,6}) done (\S+)$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, word, queue, closed, done, of, at = ''] = match;
  return {
    word: word as FlowWord,
    ...(queue !== undefined && { queue: queue as WaitingQueue }),
    ...(closed !== undefined && { isClosed: true as const }),
    ...{ done: Number(done), of: Number(of), at: Date.parse(at) || 0 },
  };
}

function stampOf(line: HeadLine | undefined): Stamp | undefined {
  const match = line?.kind === 'content' ? /^timestamp:[ \t]*([0-9-]+)(?:[ \t]|$)/i.exec(line.text) : null;
  return match ? stampFromText(match[1] ?? '') : undefined;
}

function eventOf(line: HeadLine | undefined): string {
  return (stampOf(line) && /^timestamp:[ \t]*\S+[ \t]+(.*)$/i.exec(line?.text ?? '')?.[1]) ?? '';
}

function strays(head: readonly HeadLine[], isStamped: boolean): readonly Problem[] {
  return head
    .filter(({ kind, section, number }) => kind === 'content' && section === 'top' && !(isStamped && number === 1))
    .map(({ number, text }) => ({
      line: number,
      message: `a line above the first ==== UNIT OF WORK: "${shownShort(utf8FromBytes(text))}"`,
      remedy: 'move the line below a title, or begin it with #',
    }));
}

function sectionAt(
  bytes: Bytes,
  head: readonly HeadLine[],
  title: HeadLine,
  isNamed: boolean,
  problems: Problem[],
): FlowSection {
  const at = head.indexOf(title);
  const nextTitle = head.findIndex(({ kind }, index) => index > at && kind === 'title');
  const lines = head.slice(at + 1, nextTitle < 0 ? undefined : nextTitle);
  const name = nameFromShown(titleFromText(title.text)?.name ?? '');
  // The monitor looks at no file `FLOW.load.tmp`; and `FLOW.load~2` is a namesake of `FLOW.load`, whom others may mean by that name.
  const canBeFound = !isIgnoredName(memberName('x' as Bytes, name)) && baseName(name) === name;
  const isName = /^[^\s"/.][^\s"/\0]*$/.test(name) && name.length <= longestSection && canBeFound;
  if (!isName && isNamed)
    problems.push({
      line: title.number,
      message:
        name === '' ? 'a UOW of a flow without a name' : `"${shownShort(name)}" cannot be the name of a UOW of a flow`,
      remedy: nameRemedy,
    });
  const body = lines.map((line) => bytes.slice(line.start, line.next)).join('');
  const text = `==== UNIT OF WORK\n${body}${body.endsWith('\n') ? '' : '\n'}` as Bytes;
  const isUse = useIn(headerOf(lines)) !== undefined;
  const parsed = parseUow(isUse ? asUow(text) : text);
  const header = parsed.kind === 'uow' && !isUse ? parsed.head.header : headerOf(lines);
  if (parsed.kind === 'invalid')
    problems.push(...parsed.problems.map((each) => ({ ...each, line: title.number + Math.max(0, each.line - 1) })));
  const own = header.find((field) => field.name === 'flow');
  if (own && parsed.kind === 'uow')
    problems.push({
      line: title.number + own.line - 1,
      message: isNamed ? 'a flow within a flow file' : 'an array is a flow of its own',
      remedy: 'leave the line out: the monitor writes it',
    });
  return {
    ...{ name, line: title.number, text },
    header: header.map((field) => ({ ...field, line: title.number + field.line - 1 })),
  };
}

function useIn(header: FlowSection['header']): HeaderLine | undefined {
  return header.find(({ name }) => name === 'use' || name === 'used');
}

/** Gives a section that stands for a flow as a UOW that is right where the rest of it is, line by line. */
function asUow(text: Bytes): Bytes {
  const lines = headLines(text).map((line) => {
    const isUse = line.kind === 'content' && /^used?$/.test(fieldFromText(line.text)?.name ?? '');
    return isUse ? '#\n' : text.slice(line.start, line.next);
  });
  return `${lines.join('')}command :: true\n` as Bytes;
}

/** Gives the flow that a section stands for; `isToCome` if its sections are not written out in this file yet. */
export function useOf({
  header,
}: Pick<FlowSection, 'header'>): { readonly of: Bytes; readonly line: number; readonly isToCome: boolean } | undefined {
  const field = useIn(header);
  const [of] = field ? (namesFromText(field.content) ?? []) : [];
  return field && { of: of ?? ('' as Bytes), line: field.line, isToCome: field.name === 'use' };
}

function headerOf(lines: readonly HeadLine[]): FlowSection['header'] {
  return lines.flatMap((line, at) => {
    const field = line.kind === 'content' ? fieldFromText(line.text) : undefined;
    return field ? [{ ...field, line: at + 2 }] : [];
  });
}
