// The patterns that a job type sets for its fields, matched in time that grows with the text and never explodes. A pattern
// comes from whoever installs an application and the text from whoever drops a UOW: JavaScript's own matcher needs minutes for
// `(a+)+` against thirty letters, and a monitor that hangs is a monitor that stopped. So: parsed into a small automaton whose
// states are followed all at once (Thompson 1968). What such an automaton cannot do (looking around, back references) is refused.

/** What {@link patternFromText} gives: a test of a whole text, or why there is none. */
export type ParsedPattern =
  | { readonly kind: 'pattern'; readonly matches: (text: string) => boolean }
  | { readonly kind: 'fault'; readonly message: string };

const patternLimit = 1000;
/** Bounds what `{n,m}` multiplies to: 1000 states times 4096 characters take half a second at the worst. */
const stateLimit = 1000;

type Node =
  | { readonly kind: 'char'; readonly test: (char: string) => boolean }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly min: number; readonly max: number };

/** A state: take a character, go on to both of two states, or go on if at the start or end of the text. The last is the match. */
type State =
  | { readonly kind: 'char'; readonly test: (char: string) => boolean; readonly next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'fork'; readonly next: readonly number[] }
  | { readonly kind: 'match' };

/**
 * Gives the test of a pattern in the syntax of JavaScript's `u` mode, without look-around, back references and `\b`.
 * The test says whether the **whole** text matches. Never throws.
 */
export function patternFromText(text: string): ParsedPattern {
  if (text.length > patternLimit) return fault(`it is longer than ${String(patternLimit)} characters`);
  try {
    new RegExp(text, 'u');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fault(error.message.replace(/^.*: /s, '').toLowerCase());
  }
  const tokens = tokensFromPattern(text);
  const unsupported = tokens.find(isUnsupported);
  if (unsupported !== undefined) return fault(`${unsupported} is not supported in patterns`);
  const node = new Parser(tokens).choice();
  if (sizeOf(node) > stateLimit) return fault('its repeats multiply to too much');
  const states: State[] = [{ kind: 'match' }];
  const first = compile(node, 0, states);
  return { kind: 'pattern', matches: (subject) => runs(states, first, subject) };
}

function fault(message: string): ParsedPattern {
  return { kind: 'fault', message };
}

/** Cuts a valid pattern into escapes, classes, openings of groups, quantifiers and single characters. */
function tokensFromPattern(text: string): readonly string[] {
  const escape = /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|.)/;
  const group = /\((?:\?(?:<[=!]|<[^>]*>|.))?/;
  const token = new RegExp(
    `${escape.source}|\\[(?:\\\\.|[^\\]\\\\])*\\]|${group.source}|[*+?]\\??|\\{\\d+(?:,\\d*)?\\}\\??|.`,
    'gsu',
  );
  return Array.from(text.matchAll(token), ([found]) => found);
}

function isUnsupported(token: string): boolean {
  if (/^\\[bBk1-9]/.test(token) || /^\\u[dD][89a-fA-F]/.test(token)) return true;
  return token.startsWith('(?') && token !== '(?:' && !/^\(\?<[^=!]/.test(token);
}

/** Reads a pattern that RegExp has found valid, so that it need not look for faults. */
class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  choice(): Node {
    const of = [this.#sequence()];
    while (this.#tokens[this.#at] === '|') {
      this.#at++;
      of.push(this.#sequence());
    }
    return of.length === 1 && of[0] ? of[0] : { kind: 'choice', of };
  }

  #sequence(): Node {
    const of: Node[] = [];
    for (let token = this.#tokens[this.#at]; token !== undefined && token !== '|' && token !== ')';) {
      this.#at++;
      of.push(this.#repeated(this.#atom(token)));
      token = this.#tokens[this.#at];
    }
    return { kind: 'sequence', of };
  }

  #atom(token: string): Node {
    if (token.startsWith('(')) {
      const inner = this.choice();
      this.#at++;
      return inner;
    }
    if (token === '^') return { kind: 'start' };
    if (token === '$') return { kind: 'end' };
    if (/^(?:[.\\]|\[.)/su.test(token)) {
      const one = new RegExp(`^${token}$`, 'su');
      return { kind: 'char', test: (char) => one.test(char) };
    }
    return { kind: 'char', test: (char) => char === token };
  }

  #repeated(of: Node): Node {
    const match = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??$/.exec(this.#tokens[this.#at] ?? '');
    if (!match) return of;
    this.#at++;
    const [, sign, least = '0', comma, most] = match;
    if (sign !== undefined) return { kind: 'repeat', of, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    const min = Number(least);
    if (comma === undefined) return { kind: 'repeat', of, min, max: min };
    return { kind: 'repeat', of, min, max: most === '' ? Infinity : Number(most) };
  }
}

function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'char':
    case 'start':
    case 'end':
      return 1;
    case 'sequence':
    case 'choice':
      // Never 0, so that repeats of nothing count too: each costs a round of compiling.
      return node.of.reduce((sum, part) => sum + sizeOf(part), node.kind === 'choice' || node.of.length === 0 ? 1 : 0);
    case 'repeat': {
      const size = sizeOf(node.of);
      const optional = node.max === Infinity ? 1 : node.max - node.min;
      return 1 + node.min * size + optional * (size + 1);
    }
  }
}

/** Appends the states of `node`, which go on to state `next`; gives the first of them. */
function compile(node: Node, next: number, states: State[]): number {
  switch (node.kind) {
    case 'char':
      return states.push({ kind: 'char', test: node.test, next }) - 1;
    case 'start':
    case 'end':
      return states.push({ kind: node.kind, next }) - 1;
    case 'sequence':
      return node.of.reduceRight((after, part) => compile(part, after, states), next);
    case 'choice':
      return states.push({ kind: 'fork', next: node.of.map((part) => compile(part, next, states)) }) - 1;
    case 'repeat': {
      let first = next;
      if (node.max === Infinity) {
        const loop = states.push({ kind: 'fork', next: [] }) - 1;
        states[loop] = { kind: 'fork', next: [compile(node.of, loop, states), next] };
        first = loop;
      } else {
        for (let optional = node.min; optional < node.max; optional++) {
          first = states.push({ kind: 'fork', next: [compile(node.of, first, states), next] }) - 1;
        }
      }
      for (let required = 0; required < node.min; required++) first = compile(node.of, first, states);
      return first;
    }
  }
}

function runs(states: readonly State[], first: number, subject: string): boolean {
  const chars = Array.from(subject);
  let current = reach(states, [first], true, chars.length === 0);
  for (const [index, char] of chars.entries()) {
    const next: number[] = [];
    for (const at of current) {
      const state = states[at];
      if (state?.kind === 'char' && state.test(char)) next.push(state.next);
    }
    current = reach(states, next, false, index === chars.length - 1);
    if (current.size === 0) return false;
  }
  return current.has(0);
}

/** Gives all states that can be reached from `from` without taking a character. */
function reach(states: readonly State[], from: readonly number[], isStart: boolean, isEnd: boolean): Set<number> {
  const found = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    const state = states[at];
    if (state?.kind === 'fork') open.push(...state.next);
    else if ((state?.kind === 'start' && isStart) || (state?.kind === 'end' && isEnd)) open.push(state.next);
  }
  return found;
}
