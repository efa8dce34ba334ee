// What a UOW waits for: the names in `after`, `after-any` and `after-not-ok`, what became of the UOWs that they mean, and what
// that means for its start. How a name is looked up, and where its UOW stands, is monitor/survey/parents.
import { type Bytes, nameFromShown, shownFromName } from './bytes.ts';

/** What is wanted of a parent: that it ended in done-q, that it ended, or that it did not end well. */
export type Wanted = 'done' | 'ended' | 'not-ok';

/** The header field of each. */
export const parentFields = { after: 'done', 'after-any': 'ended', 'after-not-ok': 'not-ok' } as const;

/** A name that a header gives. */
export interface NamedParent {
  readonly name: Bytes;
  readonly wanted: Wanted;
}

/**
 * Where a UOW that was found stands: `waits` until it has ended, a retry to come included; `bad` is error-q or fail-q, `continued`
 * the same behind a person's CONTINUE; `cancelled` also if it was removed before it ran.
 */
export type ParentState = 'waits' | 'done' | 'bad' | 'continued' | 'cancelled';

/**
 * What a waiting UOW knows of one of its parents. `none`: no UOW has that name. `circle`: it waits for the very one that waits for it.
 * `over`: it stands nowhere any more, and the child ran before, so that it was waited for once.
 */
export interface ParentSeen extends NamedParent {
  readonly state: ParentState | 'none' | 'circle' | 'over';
  /** The name that the UOW found has, where it is another: `load~2` for `load`. */
  readonly as?: Bytes;
}

/** `shut` may open by itself; `never` opens only if a person does something. */
export type ParentVerdict = 'open' | 'shut' | 'never';

/**
 * Gives whether a parent lets its child start.
 *
 * | | none, waits, circle | done | continued | bad | cancelled | over |
 * | --- | --- | --- | --- | --- | --- | --- |
 * | after | shut | open | open | never | never | open |
 * | after-any | shut | open | open | open | open | open |
 * | after-not-ok | shut | never | open | open | open | open |
 */
export function parentVerdict({ wanted, state }: Pick<ParentSeen, 'wanted' | 'state'>): ParentVerdict {
  switch (state) {
    case 'none':
    case 'waits':
    case 'circle':
      return 'shut';
    case 'over':
    case 'continued':
      return 'open';
    case 'done':
      return wanted === 'not-ok' ? 'never' : 'open';
    case 'bad':
    case 'cancelled':
      return wanted === 'done' ? 'never' : 'open';
  }
}

/** What a waiting UOW carries of all its parents. */
export interface OfParents {
  readonly parents?: readonly ParentSeen[];
  /** Its header says `on-parent-error :: fail`. */
  readonly failsWithParents?: true;
}

/** True if its parents keep it from starting. One that is to fail with them is not kept: it goes to fail-q in its turn. */
export function isParkedBy({ parents = [], failsWithParents }: OfParents): boolean {
  const verdicts = parents.map(parentVerdict);
  if (failsWithParents && verdicts.includes('never')) return false;
  return verdicts.some((verdict) => verdict !== 'open');
}

/** Gives why it can never start and is to fail, as its header asks; undefined if it is not. */
export function failsByParent({ parents = [], failsWithParents }: OfParents): string | undefined {
  if (!failsWithParents) return undefined;
  const parent = parents.find((each) => parentVerdict(each) === 'never');
  return parent && `${textOfParent(parent)} (on-parent-error :: fail)`;
}

/** Gives why a parent keeps its child waiting, and what a person can do where nothing else helps. */
export function textOfParent({ name, as = name, wanted, state }: ParentSeen): string {
  const shown = shownFromName(as);
  if (state === 'none') return `no UOW named ${shown}`;
  if (state === 'circle') return `waits for ${shown}, which waits for this one`;
  if (state === 'waits') return `waits for ${shown}${wanted === 'not-ok' ? ' to end badly' : ''}`;
  if (wanted === 'not-ok') return `${shown} ended well`;
  return `${shown} ${state === 'bad' ? 'ended badly' : 'was cancelled'}`;
}

/** Gives the names of `load, "my job"`: separated by blanks or commas, an odd one in quotes as monitor_says prints it; undefined if there is none, or one that cannot be. */
export function namesFromText(content: string): readonly Bytes[] | undefined {
  const names: Bytes[] = [];
  let left = content.trim();
  while (left !== '') {
    const word = /^"(?:[^"\\]|\\.)*"(?=[\s,]|$)/.exec(left)?.[0] ?? /^[^\s,"]+(?=[\s,]|$)/.exec(left)?.[0];
    const name = word === undefined ? '' : nameFromShown(word);
    if (word === undefined || name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || name.length > 255)
      return undefined;
    names.push(name);
    left = left.slice(word.length).replace(/^[\s,]+/, '');
  }
  return names.length > 0 ? names : undefined;
}

/** Gives the parents that a header names, each once, in its order. */
export function parentsNamed(header: { readonly all: (field: string) => readonly string[] }): readonly NamedParent[] {
  const named = new Map<string, NamedParent>();
  for (const [field, wanted] of Object.entries(parentFields)) {
    for (const content of header.all(field)) {
      for (const name of namesFromText(content) ?? []) named.set(`${wanted} ${name}`, { name, wanted });
    }
  }
  return [...named.values()];
}
