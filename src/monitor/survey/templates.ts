// The flows in schedules/ as other flows use them.
import { headReadBytes } from '../../format/uow-parse.ts';
import type { Bytes } from '../../model/bytes.ts';
import { join, type RootPaths } from '../../model/paths.ts';
import { isIgnoredName } from '../../model/queue.ts';
import type { Files } from '../../system/files.ts';

/** Gives a look into schedules/: the text of a regular file there, undefined for anything else. What the disk refuses is thrown. */
export function templateTexts(
  files: Pick<Files, 'stat' | 'read'>,
  { schedules }: Pick<RootPaths, 'schedules'>,
): (name: Bytes) => Bytes | undefined {
  return (name) => {
    const path = join(schedules, name);
    return isIgnoredName(name) || files.stat(path)?.kind !== 'file' ? undefined : files.read(path, 0, headReadBytes);
  };
}
