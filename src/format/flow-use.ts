// A flow in a flow: a section with `use :: OTHER` stands for the flow in schedules/OTHER. Written out, its sections stand in the file
// as `SECTION.NAME`, and the section itself as `used :: OTHER`: that is all of them, for those that wait for it.
import { type Bytes, bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import { type Problem, textFromProblem } from '../model/errors.ts';
import { type FlowSection, memberName } from '../model/flow.ts';
import { namesFromText, parentFields } from '../model/parents.ts';
import { isScheduleField } from '../model/schedule.ts';
import { headLimitBytes } from '../model/uow.ts';
import { flowBody, flowFromText, longestSection, type ParsedFlow, useOf } from './flow-parse.ts';
import { ofIteration, sectionWith } from './flow-template.ts';
import { fieldFromText, headLines } from './head-lines.ts';
import { isOurs } from './occurrence.ts';

/** Gives the text of a file in schedules/; undefined if there is none of that name. */
export type TemplateText = (name: Bytes) => Bytes | undefined;

/** A flow with all that it uses in its text, or every reason why there is none. */
export type WholeFlow =
  (Extract<ParsedFlow, { kind: 'flow' }> & { readonly text: Bytes }) | Exclude<ParsedFlow, { kind: 'flow' }>;

/** Gives the flow with what it uses written out: `text` is then all that is ever read of it. Problems stand on lines of `bytes`. */
export function wholeFlow(bytes: Bytes, templateText: TemplateText, name?: Bytes): WholeFlow {
  const read = flowFromText(bytes, name);
  if (read.kind !== 'flow') return read;
  const first = read.flow.sections.map(useOf).find((use) => use?.isToCome === true);
  if (!first) return { ...read, text: bytes };
  const problems: Problem[] = [];
  const texts = new Map<Bytes, Bytes | undefined>();
  const textOnce = (of: Bytes): Bytes | undefined => {
    if (!texts.has(of)) texts.set(of, templateText(of));
    return texts.get(of);
  };
  const sections = withUsed(read.flow.sections, { templateText: textOnce, path: [], problems });
  if (problems.length > 0) return { kind: 'invalid', problems };
  const top = headLines(flowBody(bytes)).find(({ kind }) => kind === 'title')?.start ?? 0;
  const text = `${flowBody(bytes).slice(0, top)}${sections.map(({ name: own, text: of }) => sectionWith(own, of, [])).join('\n')}`;
  const whole = flowFromText(text as Bytes, name);
  if (whole.kind === 'flow') return { ...whole, text: text as Bytes };
  // All of its parts are right: what is wrong is of the whole.
  const found = whole.kind === 'invalid' ? whole.problems : [];
  const { line } = first;
  return {
    kind: 'invalid',
    problems: found.map((each) => ({
      ...each,
      line,
      message: `with what it uses: ${each.message.replace(/ here and on line \d+$/, ' twice')}`,
    })),
  };
}

interface Using {
  readonly templateText: TemplateText;
  /** Whose sections these are, from the outermost flow in. */
  readonly path: readonly Bytes[];
  /** Once there is one, nothing more is looked for. */
  readonly problems: Problem[];
}

type Section = Pick<FlowSection, 'name' | 'text'>;

/** Gives the sections with those of the flows that they use behind them, all named as seen from here. */
function withUsed(sections: readonly FlowSection[], using: Using): readonly Section[] {
  const all: Section[] = [];
  let size = 0;
  const add = (section: Section): void => {
    all.push(section);
    size += section.text.length;
  };
  for (const section of sections) {
    const use = useOf(section);
    if (!use?.isToCome) {
      add(section);
      continue;
    }
    add({ name: section.name, text: withField(section.text, 'use', () => `used :: ${shownFromName(use.of)}`) });
    for (const inner of usedBy(section, use, using)) add(inner);
    if (using.problems.length > 0) return [];
    // Before anything grows beyond what a file can have: two of two of two … are many.
    if (size <= headLimitBytes) continue;
    const message = 'with the flows that it uses the flow is longer than 64 KiB';
    using.problems.push({ line: use.line, message, remedy: 'make several flows of it that wait for each other' });
    return [];
  }
  return all;
}

function usedBy(
  section: FlowSection,
  { of, line }: { readonly of: Bytes; readonly line: number },
  { templateText, path, problems }: Using,
): readonly Section[] {
  const shown = `schedules/${shownFromName(of)}`;
  const refuse = (message: string, remedy: string): readonly Section[] => {
    problems.push({ line, message, remedy });
    return [];
  };
  if (path.includes(of)) {
    const circle = [...path.slice(path.indexOf(of)), of].map(shownFromName).join(' uses ');
    return refuse(`a circle: ${circle}`, 'take one of these lines out');
  }
  const text = templateText(of);
  if (text === undefined)
    return refuse(
      `there is no ${shown} to use`,
      'put the flow there; with enabled :: no it runs only where it is used',
    );
  const read = flowFromText(text);
  if (read.kind === 'invalid')
    return refuse(`${shown} is no right flow: ${read.problems.map(textFromProblem).join('; ')}`, 'mend that file');
  if (read.kind === 'none' || read.flow.sections[0]?.name === '')
    return refuse(
      `${shown} is no flow of named sections`,
      'write its lines into this section, or give it titles with names',
    );
  const inner: Problem[] = [];
  const sections = withUsed(read.flow.sections, { templateText, path: [...path, of], problems: inner });
  // Its lines are those of another file.
  const inFile = (message: string): string => (message.startsWith('schedules/') ? message : `${shown}: ${message}`);
  problems.push(...inner.map((each) => ({ ...each, line, message: inFile(each.message) })));
  const scoped = sections.map((each) => withinUse(section, each));
  const long = scoped.find(({ name }) => name.length > longestSection);
  if (!long) return scoped;
  return refuse(
    `${shownFromName(long.name)} is too long a name (${long.name.length} bytes, at most ${longestSection})`,
    'give the sections shorter names',
  );
}

/** Gives a section of the flow used: named as one of it, and if it waits for none there, waiting for whom all of it does. */
function withinUse(user: FlowSection, { name, text }: Section): Section {
  let own = text;
  for (const field of Object.keys(parentFields))
    own = withField(own, field, (content) => {
      const names = (namesFromText(content) ?? []).map((each) => shownFromName(memberName(user.name, each)));
      return `${field} :: ${names.join(' ')}`;
    });
  own = withoutFields(own, (field) => isScheduleField(field) || isOurs(field) || field === 'persistent');
  const header = headerOf(own);
  const isFirst = !header.some((field) => field in parentFields);
  const isGroup = header.includes('used');
  const fields = user.header.filter(({ name: field }) => {
    if (isOurs(field)) return !isGroup;
    if (field in parentFields) return isFirst;
    return isFirst && !isGroup && givenToFirst.includes(field) && !header.includes(field);
  });
  const given = fields.map((field) => [field.name, field.content] as const);
  const whole = sectionWith('' as Bytes, own, given);
  return { name: memberName(user.name, name), text: whole };
}

const givenToFirst: readonly string[] = [...ofIteration, 'on-parent-error'];

function headerOf(text: Bytes): readonly string[] {
  return headLines(text).flatMap((line) => {
    const field = line.kind === 'content' && line.section === 'uow' ? fieldFromText(line.text) : undefined;
    return field ? [field.name] : [];
  });
}

function withField(text: Bytes, name: string, written: (content: string) => string): Bytes {
  const lines = headLines(text).map((line) => {
    const field = line.kind === 'content' && line.section === 'uow' ? fieldFromText(line.text) : undefined;
    return field?.name === name ? `${bytesFromUtf8(written(field.content))}\n` : text.slice(line.start, line.next);
  });
  return lines.join('') as Bytes;
}

function withoutFields(text: Bytes, isLeftOut: (name: string) => boolean): Bytes {
  const lines = headLines(text).filter((line) => {
    const field = line.kind === 'content' && line.section === 'uow' ? fieldFromText(line.text) : undefined;
    return !(field && isLeftOut(field.name));
  });
  return lines.map((line) => text.slice(line.start, line.next)).join('') as Bytes;
}
