// sjq check FILE…: says what is wrong with a UOW before it is dropped, and what this version does not act on.
import { type Bytes, bytesFromUtf8, shownFromName } from '../../model/bytes.ts';
import { textFromProblem } from '../../model/errors.ts';
import { readHead } from '../../monitor/read-uow.ts';
import { realFiles } from '../../system/files.ts';
import { resolve } from 'node:path';

/** What was found in one file. */
export interface Checked {
  readonly file: string;
  readonly kind: 'uow' | 'invalid' | 'unreadable';
  readonly problems: readonly { readonly line: number; readonly message: string; readonly remedy: string }[];
  readonly warnings: readonly { readonly line: number; readonly message: string; readonly remedy: string }[];
}

/** Checks one file. */
export function check(file: string): Checked {
  const path = bytesFromUtf8(resolve(file));
  const real: Bytes | undefined = realFiles.realPath(path);
  const stat = real === undefined ? undefined : realFiles.stat(real);
  const read = real !== undefined && stat?.kind === 'file' ? readHead(realFiles, real, stat.sizeBytes) : undefined;
  if (!read) {
    const message = stat ? 'not a regular file' : 'no such file';
    return {
      file,
      kind: 'unreadable',
      problems: [{ line: 0, message, remedy: 'name a plain text file' }],
      warnings: [],
    };
  }
  const { parsed } = read;
  if (parsed.kind === 'invalid') return { file, kind: 'invalid', problems: parsed.problems, warnings: [] };
  return { file, kind: 'uow', problems: [], warnings: parsed.warnings };
}

/** Gives the lines of a checked file for people, compilers' style: `FILE:LINE: what: remedy`. */
export function textFromChecked({ file, kind, problems, warnings }: Checked): string {
  const shown = shownFromName(bytesFromUtf8(file));
  const lines = problems.map((problem) => `${shown}: ${textFromProblem(problem)}`);
  lines.push(...warnings.map((warning) => `${shown}: warning: ${textFromProblem(warning)}`));
  if (kind === 'uow') lines.push(`${shown}: ok`);
  return lines.join('\n') + '\n';
}
