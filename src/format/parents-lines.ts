// `.sjq/parents`: which UOW the names in `after` were found to mean, and what became of those UOWs. A line is JSON; the last one
// about a thing counts, and a piece of one that a crash left is passed over.
import { type Bytes, bytesFromUtf8, nameFromShown, textOfName, utf8FromBytes } from '../model/bytes.ts';
import type { ParentState } from '../model/parents.ts';
import { type Stamp, stampFromText, textFromStamp } from '../model/stamp.ts';

/** One line: what is known of a parent, or whom a child means by a name. */
export type ParentsLine =
  | { readonly kind: 'parent'; readonly stamp: Stamp; readonly name: Bytes; readonly state: ParentState }
  | { readonly kind: 'child'; readonly stamp: Stamp; readonly name: Bytes; readonly parent: Stamp };

const states: readonly string[] = ['waits', 'done', 'bad', 'continued', 'cancelled'] satisfies readonly ParentState[];

/** Gives the lines as they are appended. They begin with a newline, because a piece may stand before them. */
export function textFromParents(lines: readonly ParentsLine[]): Bytes {
  const texts = lines.map((line) => {
    const [stamp, name] = [textFromStamp(line.stamp), textOfName(line.name)];
    return JSON.stringify(
      line.kind === 'parent'
        ? { parent: stamp, name, state: line.state }
        : { child: stamp, name, parent: textFromStamp(line.parent) },
    );
  });
  return bytesFromUtf8(`\n${texts.join('\n')}\n`);
}

/** Gives the lines that are whole, in their order. Never throws. */
export function parentsFromText(text: Bytes): readonly ParentsLine[] {
  return utf8FromBytes(text)
    .split('\n')
    .flatMap((line) => parentsLine(line) ?? []);
}

function parentsLine(text: string): ParentsLine | undefined {
  let found: Readonly<Record<string, unknown>> | null;
  try {
    found = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
  } catch {
    return undefined;
  }
  const word = (key: string): string => (typeof found?.[key] === 'string' ? found[key] : '');
  const name = nameFromShown(word('name'));
  const parent = stampFromText(word('parent'));
  if (name === '' || !parent) return undefined;
  const child = stampFromText(word('child'));
  if (child) return { kind: 'child', stamp: child, name, parent };
  const state = word('state');
  return states.includes(state) ? { kind: 'parent', stamp: parent, name, state: state as ParentState } : undefined;
}
