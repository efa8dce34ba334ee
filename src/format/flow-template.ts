// Flows as they come: the flow of one time of a schedule, made of its template, and a flow file that says of itself that it is whole.
import { type Bytes, bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';
import type { FlowSection } from '../model/flow.ts';
import { isScheduleField } from '../model/schedule.ts';
import { type Stamp, textFromStamp } from '../model/stamp.ts';
import type { ParsedUow, UowHead, UowLayout } from '../model/uow.ts';
import { type Flow, flowFromText, parentsIn } from './flow-parse.ts';
import { fieldFromText, headLines } from './head-lines.ts';
import { isOurs, type MadeFor, uowFromTemplate } from './occurrence.ts';
import { fieldAdded } from './uow-edit.ts';
import { parseUow } from './uow-parse.ts';

/** How long an iteration may wait for its first start is said once, for all that wait for nobody. */
export const ofIteration: readonly string[] = ['ttl', 'on-expire'];

/** Gives the head of a file in schedules/: of a flow it is the header of its first section, which says when. Never throws. */
export function templateFromText(bytes: Bytes, options: { readonly complete?: boolean } = {}): ParsedUow {
  const parsed = parseUow(bytes, options);
  if (parsed.kind === 'uow') return parsed;
  const read = flowFromText(bytes);
  if (read.kind !== 'flow') return read.kind === 'none' ? parsed : read;
  const [first, ...others] = read.flow.sections;
  const problems = others.flatMap(({ header }) => header.filter(({ name }) => isScheduleField(name))).map(strayField);
  if (!first || problems.length > 0) return { kind: 'invalid', problems };
  const head: UowHead = { event: '', header: first.header, layout: layoutOf(bytes) };
  return { kind: 'uow', head, warnings: [] };
}

function strayField({ name, line }: { readonly name: string; readonly line: number }): Problem {
  return {
    line,
    message: `${name} in another section than the first`,
    remedy: 'the first section of a scheduled flow says when the whole of it is run: move the line there',
  };
}

function layoutOf(bytes: Bytes): UowLayout {
  const line = headLines(bytes).find(({ kind, section }) => kind === 'content' && section === 'status');
  const status = line && { offset: line.start, length: line.next - line.start - 1 };
  return { eol: '\n', hasBom: false, ...(status && { status }) };
}

/** Gives what is put into wait-q for one time: a UOW, or a flow with each of its UOWs made for that time; undefined if it would be neither. */
export function occurrenceFromTemplate(template: Bytes, head: UowHead, madeFor: MadeFor): Bytes | undefined {
  const read = flowFromText(template);
  if (read.kind !== 'flow') return uowFromTemplate(template, head, madeFor);
  const inherited = head.header.filter(({ name }) => ofIteration.includes(name));
  const sections = read.flow.sections.map((section) => {
    const isFirst = parentsIn(section).length === 0;
    const own = new Set(section.header.map(({ name }) => name));
    const given = isFirst ? inherited.filter(({ name }) => !own.has(name)) : [];
    return sectionFor(section, [
      ...given.map(({ name, content }) => [name, content] as const),
      ['scheduled-by', shownFromName(madeFor.by)],
      ['scheduled-at', madeFor.scheduledAt],
    ]);
  });
  return submittedFlow(sections.join('\n') as Bytes, madeFor.stamp);
}

function sectionFor({ name, text }: FlowSection, fields: readonly (readonly [name: string, content: string])[]): Bytes {
  const kept = headLines(text).filter((line) => {
    const field = line.section === 'uow' ? fieldFromText(line.text) : undefined;
    return !field || !(isScheduleField(field.name) || isOurs(field.name));
  });
  const bare = kept.map((line) => text.slice(line.start, line.next)).join('') as Bytes;
  return sectionWith(name, bare, fields);
}

/** Gives the text of a section, with a title that names it if it has a name, and with these fields behind its own. */
export function sectionWith(
  name: Bytes,
  text: Bytes,
  fields: readonly (readonly [name: string, content: string])[],
): Bytes {
  let whole = text;
  for (const [field, content] of fields) {
    const parsed = parseUow(whole);
    // What stands for a flow is no UOW by itself.
    whole = fieldAdded(whole, parsed.kind === 'uow' ? parsed.head : bareHead, field, content);
  }
  const body = whole.slice(whole.indexOf('\n') + 1);
  const title = name === '' ? '' : ` ${bytesFromUtf8(shownFromName(name))}`;
  return `==== UNIT OF WORK${title}\n${body}` as Bytes;
}

const bareHead: UowHead = { event: '', header: [], layout: { eol: '\n', hasBom: false } };

/** Gives the flow file with a first line that tells its size: that is how the monitor knows at once that it is whole. */
export function submittedFlow(text: Bytes, stamp: Stamp): Bytes {
  const first = `timestamp: ${textFromStamp(stamp)} submitted size=`;
  const sizeFor = (digits: number): number => first.length + digits + 2 + text.length;
  let digits = 1;
  while (String(sizeFor(digits)).length > digits) digits += 1;
  return `${first}${sizeFor(digits)}\n\n${text}` as Bytes;
}

/** True if the flow file says of itself that it is whole, which a half-copied one is not. */
export function isSubmittedFlow({ event }: Flow, sizeBytes: number): boolean {
  return event === `submitted size=${sizeBytes}`;
}
