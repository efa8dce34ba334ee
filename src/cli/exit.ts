// From what went wrong to what a person reads and the code the command ends with. The codes are model/errors'.
import { errnoOf, errorFromErrno } from '../model/errno.ts';
import { exitCodeOf, SjqError } from '../model/errors.ts';

/** A bug of the program: none of the table's codes (EX_SOFTWARE). */
const bug = 70;

/** Gives the code that a command ends with after this error, and the text for stderr, each line of it with its newline. */
export function endFromError(error: unknown): { readonly exitCode: number; readonly text: string } {
  const known = error instanceof SjqError ? error : errorFromErrno(errnoOf(error), whereOf(error), error);
  if (known) return { exitCode: exitCodeOf[known.code], text: shown(known.message) };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: bug, text: shown(`this is a bug, please report it: ${detail}`) };
}

/** Says the error on stderr, and has the process end with its code. */
export function endBy(error: unknown): void {
  const { exitCode, text } = endFromError(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}

function whereOf(error: unknown): string {
  const { path, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return path ?? syscall ?? 'a system call';
}

function shown(message: string): string {
  return message
    .split('\n')
    .map((line) => `sjq: ${line}\n`)
    .join('');
}
