// array: one file that becomes a UOW for each item. What it asks for, and what each of its UOWs is called. How they are made is format/flow-members.
import type { HeaderLine, UowHead } from './uow.ts';
import { isIgnoredName } from './queue.ts';

/** One UOW of an array: `name` stands behind the dot, `index` is its number, or its place among words. */
export interface ArrayItem {
  readonly name: string;
  readonly index: number;
  /** The word, where it is one. */
  readonly value?: string;
}

/** What `array` asks for: its items in the order in which they are written, each once. */
export interface ArraySpec {
  readonly items: readonly ArrayItem[];
  readonly atMost?: number;
}

/** So many items an array has at most. */
export const mostItems = 1000;
const longestWord = 32;

export const arrayRemedy: string = `write numbers and ranges such as 1-200 or 1,5,10-20, or words such as red, green; %4 behind them for at most 4 at once; at most ${mostItems}, each once`;

/** Gives the items of `1-200%4`, `1,5,10-20` or `red, green %1`; undefined if it is none of these. */
export function arrayFromText(content: string): ArraySpec | undefined {
  const [, list = '', most] = /^([^%]*?)\s*(?:%\s*([1-9]\d{0,5})\s*)?$/.exec(content) ?? [];
  const parts = list.split(/[\s,]+/).filter((part) => part !== '');
  const items = parts.every((part) => /^\d+(-\d+)?$/.test(part)) ? numbersOf(parts) : wordsOf(parts);
  if (!items || items.length === 0 || items.length > mostItems) return undefined;
  if (new Set(items.map(({ name }) => name)).size < items.length) return undefined;
  return { items, ...(most !== undefined && { atMost: Number(most) }) };
}

/** Gives how many of an array may run at once, without looking at its items: each of them is asked. */
export function arrayLimitOf(content: string): number | undefined {
  const most = /%\s*([1-9]\d{0,5})\s*$/.exec(content)?.[1];
  return most === undefined ? undefined : Number(most);
}

/** True for a header of which one UOW for each item is to be made; a UOW so made says its index. */
export function isArray(header: readonly Pick<HeaderLine, 'name'>[]): boolean {
  return header.some(({ name }) => name === 'array') && !header.some(({ name }) => name === 'array-index');
}

/** True for one of which that has yet to be done. What a monitor that knew no arrays ran as one UOW is run again as that. */
export function isNewArray({ header, status }: Pick<UowHead, 'header' | 'status'>): boolean {
  return isArray(header) && (status?.attempt ?? 0) === 0;
}

function numbersOf(parts: readonly string[]): readonly ArrayItem[] | undefined {
  const items: ArrayItem[] = [];
  for (const part of parts) {
    const [from = NaN, to = from] = part.split('-').map(Number);
    if (!(from <= to && to < 1_000_000_000 && to - from < mostItems)) return undefined;
    for (let index = from; index <= to; index++) items.push({ name: String(index), index });
  }
  return items;
}

/** They become ends of names of files, and of files that the monitor looks at. */
function wordsOf(parts: readonly string[]): readonly ArrayItem[] | undefined {
  const isWord = (part: string): boolean =>
    /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(part) && part.length <= longestWord && !isIgnoredName(`x.${part}`);
  if (!parts.every(isWord)) return undefined;
  return parts.map((part, at) => ({ name: part, index: at + 1, value: part }));
}
