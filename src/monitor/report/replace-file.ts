// Replacing a file of the monitor's own by rename, so that a reader sees the old one or the new one and never a part. Not
// synced: for what can be made again.
import type { Bytes } from '../../model/bytes.ts';
import type { Files } from '../../system/files.ts';

/** Makes `path` hold `content`, whether it was there or not. */
export function replaceFile(files: Files, path: Bytes, content: Bytes): void {
  const fresh = path.replace(/[^/]*$/, '.$&.new') as Bytes;
  files.unlink(fresh);
  files.create(fresh, content, { mode: 0o644, sync: false });
  files.rename(fresh, path);
}
