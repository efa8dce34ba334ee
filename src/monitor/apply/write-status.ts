// Writing a STATUS line in place: the one edit of a UOW that the monitor makes while its job appends.
import { statusLineFromStatus } from '../../format/status-line.ts';
import type { Bytes } from '../../model/bytes.ts';
import type { Status } from '../../model/status.ts';
import type { UowLayout } from '../../model/uow.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Files } from '../../system/files.ts';

/** Where a STATUS line stands: the file, its offset, and the file's line ends. */
export interface StatusPlace {
  readonly path: Bytes;
  readonly offset: number;
  readonly eol: UowLayout['eol'];
}

/** Overwrites the STATUS line. A job, or its author, may have made the file read-only: its owner, which we are, mends that. */
export function writeStatus(
  files: Files,
  { path, offset, eol }: StatusPlace,
  status: Status,
  sync: boolean,
): 'ok' | 'gone' {
  const line = statusLineFromStatus(status, eol);
  try {
    return files.overwrite(path, offset, line, { sync });
  } catch (error) {
    const stat = errnoOf(error) === 'EACCES' ? files.stat(path) : undefined;
    if (!stat || (stat.mode & 0o600) === 0o600) throw error;
    files.setMode(path, stat.mode | 0o600);
    return files.overwrite(path, offset, line, { sync });
  }
}
