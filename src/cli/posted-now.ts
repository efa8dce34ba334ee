// What the monitor of a root has posted in its status directory, if it is the one that lives.
import { type PostedHead, postedFromJson } from '../format/status-json.ts';
import { errnoOf } from '../model/errno.ts';
import { join, type RootPaths } from '../model/paths.ts';
import { textFromInstant } from '../model/time.ts';
import { readHolder } from '../monitor/root.ts';
import { realFiles } from '../system/files.ts';

/** A posted status lists a hundred that wait and fifty that ended, by names of 255 bytes at most, and what it knows of its machine. */
export const postedLimitBytes: number = 1024 * 1024;

/**
 * Gives what the monitor that holds the root posted; ask only where one does. Undefined if it has posted nothing yet in this life of it,
 * or nowhere where this user can read that.
 */
export function postedNowIn({ root, status }: RootPaths): PostedHead | undefined {
  if (status === undefined) return undefined;
  try {
    const holder = readHolder(realFiles, root);
    const posted = postedFromJson(realFiles.read(join(status, 'status.json'), 0, postedLimitBytes));
    if (!holder || posted?.isAlive !== true || posted.pid !== holder.pid) return undefined;
    return posted.since === textFromInstant(holder.since) ? posted : undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
