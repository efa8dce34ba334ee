// What a flow makes of its sections: a UOW of each, or one for each item of an array; and the text of each.
import { type ArrayItem, arrayFromText } from '../model/array.ts';
import { type Bytes, bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import { type FlowSection, type FlowUow, memberName } from '../model/flow.ts';
import { namesFromText, parentFields } from '../model/parents.ts';
import { fieldFromText, headLines } from './head-lines.ts';
import { fieldAdded } from './uow-edit.ts';
import { parseUow } from './uow-parse.ts';

/** Gives the UOWs of a flow, in the order of its sections. The same for the same text, so that a crash makes no others. */
export function uowsOfFlow(sections: readonly FlowSection[]): readonly FlowUow[] {
  const items = new Map(sections.map((section) => [section, itemsOf(section)]));
  const arrays = new Map<Bytes, readonly Bytes[]>();
  for (const [section, own] of items)
    if (own)
      arrays.set(
        section.name,
        own.map((item) => elementName(section, item)),
      );
  return sections.flatMap((section): readonly FlowUow[] => {
    const { name, line } = section;
    const text = arrays.size === 0 ? section.text : withAllOf(section.text, arrays);
    const own = items.get(section);
    if (!own) return [{ name, line, section, text }];
    return own.map((item) => ({ name: elementName(section, item), line, section, text, item }));
  });
}

function itemsOf({ header }: FlowSection): readonly ArrayItem[] | undefined {
  const content = header.find(({ name }) => name === 'array')?.content;
  return content === undefined ? undefined : arrayFromText(content)?.items;
}

/** Gives what a UOW of an array is called within its flow; that of one without a name has its item alone. */
function elementName({ name }: FlowSection, item: ArrayItem): Bytes {
  return name === '' ? bytesFromUtf8(item.name) : memberName(name, bytesFromUtf8(item.name));
}

/** Gives the text with the names of all UOWs of an array in the place of its name, where something waits for it. */
function withAllOf(text: Bytes, arrays: ReadonlyMap<Bytes, readonly Bytes[]>): Bytes {
  const lines = headLines(text).map(({ section, kind, text: line, start, next }) => {
    const written = text.slice(start, next);
    const field = section === 'uow' && kind === 'content' ? fieldFromText(line) : undefined;
    const names = field && field.name in parentFields ? namesFromText(field.content) : undefined;
    if (!field || !names?.some((name) => arrays.has(name))) return written;
    const all = names.flatMap((name) => arrays.get(name) ?? [name]);
    return `${bytesFromUtf8(`${field.name} :: ${all.map(shownFromName).join(' ')}`)}${/\r?\n?$/.exec(written)?.[0] ?? ''}`;
  });
  return lines.join('') as Bytes;
}

/** Gives the text of a UOW as it is dropped into its queue, with the flow that it belongs to. */
export function memberText({ section, text, item }: FlowUow, flow: Bytes): Bytes | undefined {
  const array = section.name === '' ? flow : memberName(flow, section.name);
  const fields: readonly (readonly [string, string])[] = [
    ['flow', shownFromName(flow)],
    ...(item
      ? ([
          ['array-of', shownFromName(array)],
          ['array-index', String(item.index)],
        ] as const)
      : []),
    ...(item?.value === undefined ? [] : [['array-value', item.value] as const]),
  ];
  let whole = text;
  for (const [field, content] of fields) {
    const parsed = parseUow(whole);
    if (parsed.kind !== 'uow') return undefined;
    whole = fieldAdded(whole, parsed.head, field, content);
  }
  return whole;
}
