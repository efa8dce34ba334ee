// YAML text to a small tree of texts, lists and maps that know their lines. All scalars stay as written (`version: 1.10` is not
// 1.1, `off` is not false); what they mean is for the reader of each setting. Whoever may drop a job type must not be able to
// stop the monitor with it, so depth, size and aliases are bounded here.
import { createRequire } from 'node:module';
import type { Node, Pair } from 'yaml';
import type { Problem } from '../model/errors.ts';
import { plainYaml } from './yaml-plain.ts';

export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlValue;
}

/** One value. `empty` is `key:` with nothing behind it. Keys of a map are all different. */
export type YamlValue = { readonly line: number } & (
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly YamlValue[] }
  | { readonly kind: 'map'; readonly entries: readonly YamlEntry[] }
);

type Parser = typeof import('yaml');

const require = createRequire(import.meta.url);
const lengthLimit = 64 * 1024;
const depthLimit = 20;
const valueLimit = 10_000;
const problemLimit = 50;

/** What a YAML text says, and every problem with its line (the first 50 at most). Where there are problems `value` is what could be read. */
export interface YamlTree {
  readonly value: YamlValue;
  readonly problems: readonly Problem[];
}

/** Gives the tree of a YAML text. An empty text is `empty`. Never throws. */
export function yamlFromText(text: string): YamlTree {
  const plain = plainYaml(text);
  return plain ? { value: plain, problems: [] } : parsedYaml(text);
}

/** Gives the same, whatever the text, by the parser, which is loaded for it. */
export function parsedYaml(text: string): YamlTree {
  const empty: YamlValue = { kind: 'empty', line: 0 };
  const refuse = (line: number, message: string, remedy: string): YamlTree => ({
    value: empty,
    problems: [{ line, message, remedy }],
  });
  if (text.length > lengthLimit) {
    return refuse(0, `the file is longer than ${String(lengthLimit / 1024)} KiB`, 'shorten it');
  }
  const yaml = require('yaml') as Parser;
  const tooDeep = tooDeepLine(yaml, text);
  if (tooDeep !== undefined) {
    return refuse(
      tooDeep,
      `values are nested deeper than ${String(depthLimit)}`,
      'close brackets, mend the indentation',
    );
  }
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const problems: Problem[] = [...document.errors, ...document.warnings].map((fault) => ({
    line: lineAt(fault.pos[0]),
    message: `bad YAML: ${fault.message}`,
    remedy: remedyOf(fault.code),
  }));
  const walk: Walk = { yaml, lineAt, anchors: new Map(), problems, values: 0 };
  const value = document.contents ? treeFromNode(walk, document.contents, 0, 1) : empty;
  return { value, problems: problems.slice(0, problemLimit) };
}

/**
 * Gives the line on which a text gets nested too deeply. Asked before the text is composed, because composing recurses, and V8
 * aborts the whole process when it has to compile a regular expression near the end of the stack: nothing can catch that.
 */
function tooDeepLine({ LineCounter, Parser }: Parser, text: string): number | undefined {
  interface Token {
    readonly offset?: number;
    readonly value?: unknown;
    readonly key?: unknown;
    readonly items?: readonly Token[];
  }
  const lines = new LineCounter();
  let level = [...new Parser(lines.addNewLine).parse(text)] as readonly Token[];
  // Each value lies in an item of its collection; the document is one level more.
  for (let depth = 0; level.length > 0; depth++) {
    const deep = depth > depthLimit + 1 ? level.find((token) => token.offset !== undefined) : undefined;
    if (deep) return lines.linePos(deep.offset ?? 0).line;
    const inside = level.flatMap((token) => [token.key, token.value, ...(token.items ?? []).flatMap(partsOfItem)]);
    level = inside.filter((part): part is Token => part !== null && typeof part === 'object');
  }
  return undefined;
}

function partsOfItem(item: { readonly key?: unknown; readonly value?: unknown }): readonly unknown[] {
  return [item.key, item.value];
}

function remedyOf(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'indent with blanks';
  if (code === 'MULTIPLE_DOCS') return 'keep one document, without a second ---';
  if (code === 'TAG_RESOLVE_FAILED') return 'leave the !tag out, or quote the value';
  if (code === 'BAD_INDENT') return 'mend the indentation, and close what was opened with { or [';
  return 'write `name: value`, and quote a value that holds ": " or " #" or begins with a sign';
}

/** What a walk through a document carries along. */
interface Walk {
  readonly yaml: Parser;
  readonly lineAt: (offset: number) => number;
  readonly anchors: Map<string, Node>;
  readonly problems: Problem[];
  values: number;
}

/** `lineAbove` is for what has no place of its own, such as the value that is missing behind a name. */
function treeFromNode(walk: Walk, node: unknown, depth: number, lineAbove: number): YamlValue {
  const { isAlias, isMap, isScalar, isSeq } = walk.yaml;
  const line = isYamlNode(walk.yaml, node) && node.range ? walk.lineAt(node.range[0]) : lineAbove;
  walk.values++;
  if (walk.values > valueLimit || depth > depthLimit) {
    // Said once: a list of aliases would say it for each of them.
    if (walk.values < Infinity) walk.problems.push({ line, message: 'too many values', remedy: 'use fewer *aliases' });
    walk.values = Infinity;
    return { kind: 'empty', line };
  }
  if (isAlias(node)) return treeFromAlias(walk, node.source, depth, line);
  if (isYamlNode(walk.yaml, node) && node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  if (isSeq(node)) {
    return { kind: 'list', line, items: node.items.map((item) => treeFromNode(walk, item, depth + 1, line)) };
  }
  if (isMap(node)) {
    const entries = node.items.map((pair) => entryFromPair(walk, pair, depth, line));
    return { kind: 'map', line, entries: withoutDoubles(entries, walk.problems) };
  }
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  if (text.includes('\0')) walk.problems.push({ line, message: 'a NUL character', remedy: 'remove it' });
  return text === '' && !(isScalar(node) && isQuoted(node.type))
    ? { kind: 'empty', line }
    : { kind: 'text', line, text };
}

function treeFromAlias(walk: Walk, name: string, depth: number, line: number): YamlValue {
  const target = walk.anchors.get(name);
  if (target) return treeFromNode(walk, target, depth + 1, line);
  const remedy = `write &${name} before it, or quote it if the * is meant`;
  walk.problems.push({ line, message: `*${name} stands for nothing`, remedy });
  return { kind: 'empty', line };
}

function entryFromPair(walk: Walk, pair: Pair, depth: number, line: number): YamlEntry {
  const key = treeFromNode(walk, pair.key, depth + 1, line);
  const value = treeFromNode(walk, pair.value, depth + 1, key.line);
  if (key.kind === 'text') return { key: key.text, line: key.line, value };
  walk.problems.push({ line: key.line, message: 'a name is missing', remedy: 'write `name: value`' });
  return { key: '', line: key.line, value };
}

function isYamlNode({ isAlias, isMap, isScalar, isSeq }: Parser, node: unknown): node is Node {
  return isAlias(node) || isScalar(node) || isMap(node) || isSeq(node);
}

function isQuoted(type: string | undefined): boolean {
  return type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
}

function withoutDoubles(entries: readonly YamlEntry[], problems: Problem[]): readonly YamlEntry[] {
  const first = new Map<string, YamlEntry>();
  for (const entry of entries) {
    const before = first.get(entry.key);
    if (!before) first.set(entry.key, entry);
    else {
      const message = `${entry.key} stands here and on line ${String(before.line)}`;
      problems.push({ line: entry.line, message, remedy: 'keep one of them' });
    }
  }
  return [...first.values()];
}
