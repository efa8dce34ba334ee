// The YAML that nearly every config.yaml is written in: `name: word` lines, one level of groups, comments. Read without the
// parser, whose seventy files take longer to load than `sjq submit` takes for all the rest. Whatever is not surely plain is left to it.
import type { YamlEntry, YamlValue } from './yaml-tree.ts';

const word = String.raw`[A-Za-z0-9/_](?:[\w./@+-]|[ :](?=[\w./@+-]))*`;
/** No control characters, nor what some take for line ends. */
const plainText = /^[\n\x20-\x7e\u00a1-\u2027]*$/;
const aside = /^ *(?:#.*)?$/;
const wordAlone = new RegExp(`^(?:${word}|\\[\\]|\\{\\})$`);
const entryLine = new RegExp(`^( *)([a-z][a-z_-]*):(?: +(${word}|\\[\\]|\\{\\}))? *(?: #.*)?$`);

/** Longer ones are for the parser, which bounds them. */
const mostLines = 1000;
const mostBytes = 16 * 1024;

interface Line {
  readonly indent: number;
  readonly key: string;
  readonly line: number;
  readonly written: string | undefined;
}

/** Gives the tree that a YAML parser would give of it; undefined of a text that has more to it, or that may be wrong. */
export function plainYaml(text: string): YamlValue | undefined {
  if (text.length > mostBytes || !plainText.test(text)) return undefined;
  if (wordAlone.test(text)) return valueFrom(text, 1);
  const lines = linesOf(text);
  if (!lines || lines.length > mostLines) return undefined;
  if (lines.length === 0) return { kind: 'empty', line: 0 };
  return mapFrom(lines, 0);
}

function linesOf(text: string): readonly Line[] | undefined {
  const lines: Line[] = [];
  for (const [index, each] of text.split('\n').entries()) {
    if (aside.test(each)) continue;
    const [, indent, key, written] = entryLine.exec(each) ?? [];
    if (indent === undefined || key === undefined) return undefined;
    lines.push({ indent: indent.length, key, line: index + 1, written });
  }
  return lines;
}

/** Lines without a value of their own have the deeper ones behind them for it. */
function mapFrom(lines: readonly Line[], depth: 0 | 1): YamlValue | undefined {
  const [first] = lines;
  if (!first || (depth === 0 && first.indent > 0)) return undefined;
  const entries = new Map<string, YamlEntry>();
  for (const [at, { indent, key, line, written }] of lines.entries()) {
    if (indent > first.indent && depth === 0) continue;
    if (indent !== first.indent || entries.has(key)) return undefined;
    const behind = lines.slice(at + 1);
    const end = behind.findIndex((next) => next.indent <= indent);
    const inside = end < 0 ? behind : behind.slice(0, end);
    if ((written === undefined) === (inside.length === 0)) return undefined;
    const value = written === undefined ? depth === 0 && mapFrom(inside, 1) : valueFrom(written, line);
    if (!value) return undefined;
    entries.set(key, { key, line, value });
  }
  return { kind: 'map', line: first.line, entries: [...entries.values()] };
}

function valueFrom(written: string, line: number): YamlValue {
  if (written === '[]') return { kind: 'list', line, items: [] };
  if (written === '{}') return { kind: 'map', line, entries: [] };
  return { kind: 'text', line, text: written };
}
