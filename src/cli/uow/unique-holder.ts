// Who has a unique key, asked from outside before something is submitted: the heads of all that waits or runs are read, which only
// a submission that asks for a key pays for. The monitor asks again at intake (plan/unique.ts), because somebody may be quicker.
import type { Bytes } from '../../model/bytes.ts';
import { join, type RootPaths } from '../../model/paths.ts';
import { isIgnoredName } from '../../model/queue.ts';
import { uniqueKeyIn } from '../../model/uow.ts';
import { readHead } from '../../monitor/survey/read-uow.ts';
import type { Files } from '../../system/files.ts';

/** Gives the name of one that waits or runs and has the key. */
export function uniqueHolder(files: Files, paths: RootPaths, key: string): Bytes | undefined {
  for (const queue of ['executing', 'priority', 'wait'] as const) {
    const dir = paths.queue[queue];
    for (const name of files.list(dir) ?? []) {
      if (isIgnoredName(name)) continue;
      const path = join(dir, name);
      const stat = files.stat(path);
      const parsed = stat?.kind === 'file' ? readHead(files, path, stat.sizeBytes)?.parsed : undefined;
      if (parsed?.kind === 'uow' && uniqueKeyIn(parsed.head) === key) return name;
    }
  }
  return undefined;
}
