// What the kernel's refusals mean to whoever uses a root: the words, the remedy and the code of each that is no bug.
import { type ErrorCode, SjqError } from './errors.ts';

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
}

const owner = 'use the account of the root’s owner, or have the rights changed';
const room = 'make room and try again';
const path = 'check the path';
const refusals: Readonly<Record<string, Refusal>> = {
  EACCES: { code: 'not-permitted', message: 'permission denied', remedy: owner },
  EPERM: { code: 'not-permitted', message: 'not permitted', remedy: owner },
  ENOENT: { code: 'cannot-write-root', message: 'no such file or directory', remedy: path },
  ENOTDIR: { code: 'cannot-write-root', message: 'a part of the path is no directory', remedy: path },
  ENAMETOOLONG: { code: 'usage', message: 'the name is too long', remedy: 'use a shorter one' },
  ENOSPC: { code: 'cannot-write-root', message: 'the disk is full', remedy: room },
  EDQUOT: { code: 'cannot-write-root', message: 'the disk quota is used up', remedy: room },
  EROFS: { code: 'cannot-write-root', message: 'the file system is read-only', remedy: 'remount it' },
  EIO: { code: 'cannot-write-root', message: 'the disk fails', remedy: 'look at the kernel log (dmesg)' },
  EMFILE: { code: 'try-later', message: 'too many open files', remedy: 'raise the limit (ulimit -n)' },
};

/** Gives the error of a refused call on `where` (a path as shown to people); undefined if the errno tells of a bug. */
export function errorFromErrno(errno: string | undefined, where: string, cause: unknown): SjqError | undefined {
  const refusal = errno === undefined ? undefined : refusals[errno];
  if (errno === undefined || !refusal) return undefined;
  return new SjqError(refusal.code, `${where}: ${refusal.message} (${errno}): ${refusal.remedy}`, { cause });
}

/** libuv knows no name for EDQUOT: its code is words, and only the number tells. */
const quotaErrno = -122;

/** Gives the code of an errno error (`ENOENT` …), or undefined if it is something else. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if ('errno' in error && error.errno === quotaErrno) return 'EDQUOT';
  return typeof error.code === 'string' ? error.code : undefined;
}
