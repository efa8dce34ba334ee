// A finding in a file as compilers write it, so that editors and people can jump to it.
import { bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';

/** Gives `FILE:LINE: what: remedy`; without a line where it is about the file as a whole. */
export function textFromFinding(file: string, { line, message, remedy }: Problem, kind: '' | 'warning: ' = ''): string {
  const where = `${shownFromName(bytesFromUtf8(file))}${line > 0 ? `:${line}` : ''}`;
  return `${where}: ${kind}${message}${remedy ? `: ${remedy}` : ''}`;
}
