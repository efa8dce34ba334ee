// What of a job's environment is told of its attempt, in the run record, the history and `sjq show`: the variables that its header, its
// files and its job type set, without what is secret or looks so, and bounded.
import { type Bytes, bytesFromUtf8, shownShort, utf8FromBytes } from '../model/bytes.ts';
import type { Header } from '../model/header.ts';
import { looksSecret } from '../model/looks-secret.ts';
import type { Given } from '../model/run.ts';
import { standardPath } from './job-environment.ts';

/** A longer value is not told. */
const valueLimit = 256;
/** So many characters of names and values are told of one attempt, and so many of its search path. */
const totalLimit = 2048;
const pathLimit = 1024;

/** Variables that come from one place. `isOpen`: everybody may read that. */
export interface GivenFrom {
  readonly names: readonly string[];
  readonly isOpen: boolean;
}

/**
 * Gives what is told of an environment: `sources` name what set its variables, the strongest last; `environment` is the whole of it,
 * `NAME=VALUE`. What is absent is as for a job that was given nothing.
 */
export function givenOf(header: Header, sources: readonly GivenFrom[], environment: readonly Bytes[]): Given {
  const values = new Map(
    environment.map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return [utf8FromBytes(entry.slice(0, at)), utf8FromBytes(entry.slice(at + 1))];
    }),
  );
  const isOpenOf = new Map(sources.flatMap(({ names, isOpen }) => names.map((name) => [name, isOpen] as const)));
  for (const name of header.names()) if (name.startsWith('secret.')) isOpenOf.set(name.slice('secret.'.length), false);
  isOpenOf.delete('PATH');
  const told: string[] = [];
  const hidden: string[] = [];
  let total = 0;
  let leftOut = 0;
  for (const [name, isOpen] of [...isOpenOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = values.get(name) ?? '';
    const isTold = isOpen && value.length <= valueLimit && !looksSecret(name, value);
    const length = name.length + (isTold ? value.length : 0);
    if (total + length > totalLimit) leftOut += 1;
    else {
      total += length;
      if (isTold) told.push(`${name}=${value}`);
      else hidden.push(name);
    }
  }
  const path = values.get('PATH') ?? '';
  return {
    ...(path !== standardPath && { searchPath: shownShort(path, pathLimit) }),
    ...(told.length > 0 && { environment: told }),
    ...(hidden.length > 0 && { hidden }),
    ...(leftOut > 0 && { leftOut }),
  };
}

/** Gives the search path of an attempt; undefined if its record does not tell. */
export function searchPathOf(given: Given | undefined, environment: readonly Bytes[]): string | undefined {
  if (given?.searchPath !== undefined) return given.searchPath;
  const entry = environment.find((each) => each.startsWith(bytesFromUtf8('PATH=')));
  return entry && shownShort(utf8FromBytes(entry.slice('PATH='.length)), pathLimit);
}
