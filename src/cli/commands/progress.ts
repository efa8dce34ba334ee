// sjq progress PERCENT [NOTE…]: said by a job of itself, into the file that SJQ_PROGRESS names. The monitor, status and show read
// it there; no root is needed.
import { progressFromText } from '../../format/progress-text.ts';
import { type Bytes, bytesFromUtf8 } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { SjqError } from '../../model/errors.ts';
import { replaceFile } from '../../monitor/report/replace-file.ts';
import { realFiles } from '../../system/files.ts';

/**
 * Says how far the job is. `path` is what SJQ_PROGRESS says.
 *
 * @throws SjqError `usage` outside a job, and for what is no number from 0 to 100; `no` when the attempt is over
 */
export function sayProgress(path: string | undefined, percent: string, note: readonly string[]): void {
  const number = percent.replace(/%$/, '');
  if (progressFromText(number)?.percent === undefined) {
    throw new SjqError('usage', `"${percent}" is no progress: write a number from 0 to 100, and a note behind it`);
  }
  if (path === undefined || path === '') {
    const message =
      'sjq progress is said by a job of itself, and SJQ_PROGRESS is not set here: it belongs into a command';
    throw new SjqError('usage', message);
  }
  const words = note.join(' ').replace(/[\r\n]+/g, ' ');
  replace(bytesFromUtf8(path), bytesFromUtf8(`${number} ${words}`.trimEnd() + '\n'));
}

function replace(path: Bytes, line: Bytes): void {
  try {
    replaceFile(realFiles, path, line);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw new SjqError('no', 'the attempt that SJQ_PROGRESS belongs to is over', { cause: error });
  }
}
