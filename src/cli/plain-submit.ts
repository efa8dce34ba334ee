// `sjq submit` as nearly every script writes it, read without commander. What is not surely plain (help, a mistyped or glued
// option, a value that looks like one) is left to it, so that there is one place that refuses and explains.
import type { SubmitOptions } from './commands/submit.ts';

/** What a call of `submit` says. */
export interface SubmitCall {
  readonly root?: string;
  readonly command: readonly string[];
  readonly options: SubmitOptions;
}

/** By how they are written: the option, and whether a value stands behind it. The same as in submit-options.ts. */
const known: Readonly<Record<string, readonly [option: string, hasValue: boolean]>> = {
  '--root': ['root', true],
  '-n': ['name', true],
  '--name': ['name', true],
  '--field': ['field', true],
  '-f': ['file', true],
  '--file': ['file', true],
  '-p': ['priority', false],
  '--priority': ['priority', false],
};

/** Gives what commander would make of the arguments; undefined if they are no plain call of `submit`. */
export function plainSubmit(args: readonly string[]): SubmitCall | undefined {
  const words: string[] = [];
  const field: string[] = [];
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--' && words.length > 0) {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-')) {
      words.push(arg);
      continue;
    }
    const [option, hasValue] = known[arg] ?? [];
    // Before the verb only --root stands.
    if (option === undefined || (words.length === 0 && option !== 'root')) return undefined;
    const value = hasValue === true ? args[++at] : '';
    if (value === undefined || (value !== '-' && value.startsWith('-'))) return undefined;
    if (option === 'field') field.push(value);
    else given.set(option, value);
  }
  const [verb, ...command] = words;
  if (verb !== 'submit') return undefined;
  const [root, name, file] = ['root', 'name', 'file'].map((option) => given.get(option));
  return {
    ...(root !== undefined && { root }),
    command,
    options: {
      priorityQueue: given.has('priority'),
      field,
      ...(name !== undefined && { name }),
      ...(file !== undefined && { file }),
    },
  };
}
