// The operational errors of the program and the exit codes they end a command with. Anything that is not an SjqError is a bug.
import { shownFromText } from './bytes.ts';

/** What went wrong, in a word that tests and scripts may rely on. */
export type ErrorCode =
  | 'usage'
  | 'bad-uow'
  | 'no-such-uow'
  | 'not-running'
  | 'cannot-write-root'
  | 'try-later'
  | 'not-permitted'
  | 'bad-config'
  | 'timed-out'
  | 'no';

/** The exit code of each error (sysexits where one fits). @see conventions 17 */
export const exitCodeOf: Readonly<Record<ErrorCode, number>> = {
  no: 1,
  usage: 64,
  'bad-uow': 65,
  'no-such-uow': 66,
  'not-running': 69,
  'cannot-write-root': 73,
  'try-later': 75,
  'not-permitted': 77,
  'bad-config': 78,
  'timed-out': 124,
};

/** An expected operational error: a code for programs, a message for a person that says what to do about it. */
export class SjqError extends Error {
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, string | number>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly fields?: Readonly<Record<string, string | number>> } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SjqError';
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

/** One thing wrong with a file that a person wrote. Lines count from 1; 0 means the file as a whole. */
export interface Problem {
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

/** Gives the text of a problem, behind the file's name: `line 3: no such field: use …`. Nothing that it quotes can begin another line. */
export function textFromProblem(problem: Problem): string {
  const where = problem.line > 0 ? `line ${String(problem.line)}: ` : '';
  return shownFromText(`${where}${problem.message}${problem.remedy ? `: ${problem.remedy}` : ''}`);
}
