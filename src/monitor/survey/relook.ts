// Looking again at what waits under a name that is known: what a person put there in the place of another file, when the hint of it
// was lost. An edit in place is the claim's to see; a held UOW is never claimed. So behind each listing that a change of the
// directory brought, all of its known names are looked at once more: some at each poll, which costs less than the listing did.
import type { Bytes } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { join } from '../../model/paths.ts';
import type { WaitingQueue } from '../../model/queue.ts';
import type { WaitingUow } from '../../model/seen.ts';
import type { FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';

/** So many names at most are looked at again at one poll, in one queue. */
const relooksAPoll = 4096;

/** What is left of a round through all that waits in a queue. */
export interface Relook {
  readonly left: WaitingUow[];
  /** The directory was listed anew since it began: another one follows. */
  isAnotherDue: boolean;
}

/** What tells one state of a file from another. */
export type FileFacts = Pick<WaitingUow, 'ino' | 'sizeBytes' | 'mtimeMs' | 'ctimeMs'>;

/** True if it is the same file in the same state. An inode number alone is given again at once. */
export function isSame(known: FileFacts, stat: FileFacts): boolean {
  const { ino, sizeBytes, mtimeMs, ctimeMs } = stat;
  return known.ino === ino && known.sizeBytes === sizeBytes && known.mtimeMs === mtimeMs && known.ctimeMs === ctimeMs;
}

/** Notes that the directory of a queue changed, so that any name in it may be that of another file. */
export function noteRelook({ picture }: Context, queue: WaitingQueue | 'executing'): void {
  const relook = picture.relooks.get(queue);
  if (relook) relook.isAnotherDue = true;
  else if (picture.waiting[queue].size > 0)
    picture.relooks.set(queue, { left: [...picture.waiting[queue]], isAnotherDue: false });
}

/** Goes on with the round through a queue: gives the names that are to be looked at because something else stands there. Never throws for a fault of the disk. */
export function relookSome(context: Context, queue: WaitingQueue | 'executing'): readonly Bytes[] {
  const { picture, machine, paths } = context;
  const relook = picture.relooks.get(queue);
  if (!relook) return [];
  const changed: Bytes[] = [];
  for (let looks = 0; looks < relooksAPoll && relook.left.length > 0; looks++) {
    const name = relook.left.pop()?.name;
    const known = name === undefined ? undefined : picture.waiting[queue].get(name);
    if (name === undefined || !known) continue;
    let stat: FileStat | undefined;
    try {
      stat = machine.files.stat(join(paths.queue[queue], name));
    } catch (error) {
      // Looked at by who says what is the matter.
      if (errnoOf(error) === undefined) throw error;
    }
    if (!stat || !isSame(known, stat)) changed.push(name);
  }
  if (relook.left.length === 0) {
    picture.relooks.delete(queue);
    if (relook.isAnotherDue) noteRelook(context, queue);
  }
  return changed;
}
