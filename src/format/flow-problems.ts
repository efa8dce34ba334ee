// What can be wrong with a flow as a whole: names that stand twice, names in `after` that nothing of it has, circles, and arrays that
// are too much for it.
import { type Bytes, bytesFromUtf8, shownFromName, shownShort } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';
import { type FlowSection, type FlowUow, longestMember, memberName, mostUows } from '../model/flow.ts';
import { namesFromText, parentFields } from '../model/parents.ts';
import { isScheduleField } from '../model/schedule.ts';
import { headLimitBytes } from '../model/uow.ts';
import { isOurs } from './occurrence.ts';

/** What the monitor writes into a UOW besides its header: a stamp, a STATUS, and whose it is. */
const ownBytes = 2048;

/** Gives what is wrong; with `name`, the file's, also that its UOWs would have too long ones. */
export function flowProblems(
  sections: readonly FlowSection[],
  uows: readonly FlowUow[],
  name: Bytes | undefined,
): readonly Problem[] {
  // What an array without a name waits for are UOWs of the root.
  const isOneArray = sections[0]?.name === '' && sections.length === 1;
  return [
    ...(isOneArray ? [] : [...namesAtOdds(sections, uows), ...circles(sections, uows)]),
    ...ofArrays(sections, uows),
    ...sections.flatMap((section) => ofUse(section, sections)),
    ...sections
      .slice(1)
      .flatMap(({ header }) => header.filter(({ name }) => name === 'persistent').map(strayPersistent)),
    ...(name === undefined ? [] : tooLong(name, uows)),
  ];
}

function strayPersistent({ line }: { readonly line: number }): Problem {
  const remedy = 'the first section says it of the whole flow: move the line there';
  return { line, message: 'persistent in another section than the first', remedy };
}

/** What else a section may have that stands for a flow. */
function isForUse(field: string): boolean {
  return field in parentFields || isScheduleField(field) || isOurs(field) || forUse.includes(field);
}

const forUse: readonly string[] = ['use', 'used', 'persistent', 'ttl', 'on-expire', 'on-parent-error'];

/** What is wrong with one that does. Whether the flow is there is looked at when it is written out. */
function ofUse(section: FlowSection, sections: readonly FlowSection[]): readonly Problem[] {
  const { header, name: own, line: title } = section;
  const [use, ...more] = header.filter(({ name }) => name === 'use' || name === 'used');
  if (!use) return [];
  const problems = more.map(({ line }): Problem => ({
    ...{ line, message: `${use.name} stands on line ${use.line} too` },
    remedy: 'a section stands for one flow: make another section',
  }));
  if (namesFromText(use.content)?.length !== 1)
    problems.push({
      line: use.line,
      message: 'not the name of one flow',
      remedy: 'write the name of a file in schedules/, such as use :: etl',
    });
  for (const { name, line } of header)
    if (!isForUse(name))
      problems.push({
        line,
        message: `${shownShort(name)} in a section that uses a flow`,
        remedy:
          'besides use it may have after, after-any, after-not-ok, on-parent-error, ttl and on-expire, and the first persistent',
      });
  if (use.name === 'used' && !sections.some(({ name }) => name.startsWith(memberName(own, '' as Bytes))))
    problems.push({
      line: title,
      message: `no section is named ${shownFromName(memberName(own, bytesFromUtf8('…')))}`,
      remedy: 'write use: the monitor puts the sections of the flow there and writes used',
    });
  return problems;
}

function ofArrays(sections: readonly FlowSection[], uows: readonly FlowUow[]): readonly Problem[] {
  const problems: Problem[] = [];
  if (uows.length > mostUows)
    problems.push({
      line: 0,
      message: `the flow has ${uows.length} UOWs, at most ${mostUows}`,
      remedy: 'make several flows of it',
    });
  for (const { header } of sections) {
    const unique = header.find((field) => field.name === 'unique');
    if (unique && header.some((field) => field.name === 'array'))
      problems.push({
        line: unique.line,
        message: 'unique in an array, whose UOWs would all have the same key',
        remedy: 'leave one of the two lines out',
      });
  }
  const arrays = new Set(uows.filter(({ item }) => item).map(({ section }) => section.name));
  for (const { header } of sections) {
    for (const { name: field, content, line } of header) {
      const array = field === 'after-not-ok' && namesFromText(content)?.find((name) => name !== '' && arrays.has(name));
      // Each of the names counts: it would start only if all of the array had ended badly, which nobody means.
      if (array !== false && array !== undefined)
        problems.push({
          line,
          message: `after-not-ok of all of the array ${shownFromName(array)}`,
          remedy: `name one of it such as ${shownFromName(array)}.1, or have a UOW outside of this file wait for the flow`,
        });
    }
  }
  const large = new Set<FlowSection>();
  for (const { section, text } of uows) {
    if (large.has(section) || text.length <= headLimitBytes - ownBytes || text === section.text) continue;
    large.add(section);
    problems.push({
      line: section.line,
      message: 'with the names of all UOWs of the arrays that it waits for it is longer than 64 KiB',
      remedy: 'give them shorter names, or fewer items',
    });
  }
  return problems;
}

function tooLong(flow: Bytes, uows: readonly FlowUow[]): readonly Problem[] {
  const longest = new Map<FlowSection, number>();
  for (const { name, section } of uows)
    longest.set(section, Math.max(longest.get(section) ?? 0, memberName(flow, name).length));
  return [...longest]
    .filter(([, length]) => length > longestMember)
    .map(([{ line }, length]) => ({
      line,
      message: `its UOW would have too long a name (${length} bytes, at most ${longestMember})`,
      remedy: 'give the file a shorter name',
    }));
}

/** Names that stand twice, and names in `after` that nothing of the flow has. */
function namesAtOdds(sections: readonly FlowSection[], uows: readonly FlowUow[]): readonly Problem[] {
  const lineOf = new Map<string, number>();
  const problems: Problem[] = [];
  const named = [...sections, ...uows.filter(({ item }) => item)].toSorted((a, b) => a.line - b.line);
  for (const { name, line } of named) {
    const before = lineOf.get(name);
    if (before !== undefined && name !== '')
      problems.push({
        line,
        message: `${shownFromName(name)} stands here and on line ${before}`,
        remedy: 'give each UOW of a flow a name of its own',
      });
    lineOf.set(name, before ?? line);
  }
  for (const { header, name: own } of sections) {
    for (const { name: field, content, line } of header) {
      if (!(field in parentFields)) continue;
      for (const name of namesFromText(content) ?? []) {
        if (name === own)
          problems.push({ line, message: `${shownFromName(own)} waits for itself`, remedy: 'take its name out' });
        else if (!lineOf.has(name))
          problems.push({
            line,
            message: `no UOW of this flow is named ${shownFromName(name)}`,
            remedy: 'names in a flow are those behind its titles',
          });
      }
    }
  }
  return problems;
}

/** One problem for each circle, at the line that closes it. */
function circles(sections: readonly FlowSection[], uows: readonly FlowUow[]): readonly Problem[] {
  const byName = new Map(sections.map((section) => [section.name, section]));
  for (const { name, section } of uows) byName.set(name, section);
  const problems: Problem[] = [];
  const over = new Set<FlowSection>();
  const visit = (section: FlowSection, path: readonly FlowSection[]): void => {
    if (over.has(section)) return;
    for (const { name: field, content, line } of section.header) {
      for (const name of field in parentFields ? (namesFromText(content) ?? []) : []) {
        const parent = byName.get(name);
        if (!parent || parent === section) continue;
        const from = path.indexOf(parent);
        if (from < 0) {
          visit(parent, [...path, parent]);
          continue;
        }
        const shown = [...path.slice(from), parent].map((each) => shownFromName(each.name)).join(' waits for ');
        problems.push({ line, message: `a circle: ${shown}`, remedy: 'take one of these names out' });
      }
    }
    over.add(section);
  };
  for (const section of sections) visit(section, [section]);
  return problems;
}
