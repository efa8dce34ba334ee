// Moving what is no UOW, or what was replaced, to trash: never deleted, never over something that is there.
import type { Bytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import { isEndedQueue } from '../../model/queue.ts';
import type { Arrival } from '../../model/seen.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import { noteOwnMove } from '../survey/picture.ts';
import { suffixed } from './names.ts';

/** Moves a file to trash under a free name there, and says why. */
export function trash(context: Context, arrival: Arrival, why: string): void {
  const { picture, paths, config } = context;
  const key = `${arrival.queue}/${arrival.name}`;
  const as = moveToTrash(context, join(paths.queue[arrival.queue], arrival.name), arrival.name, arrival.ino);
  picture.arrivals.delete(key);
  picture.readmes.delete(key);
  if (as === undefined) return;
  if (isEndedQueue(arrival.queue)) picture.staleCounts.add(arrival.queue);
  const fields = { from: config.queues[arrival.queue], as: as === arrival.name ? undefined : as };
  context.say({ event: 'trashed', name: arrival.name, fields, text: why });
}

/** Moves what has that inode at `path` to trash; gives the name it has there, or undefined if it is gone. */
export function moveToTrash(context: Context, path: Bytes, name: Bytes, ino: number): Bytes | undefined {
  const { files } = context.machine;
  const dir = context.paths.queue.trash;
  // What is in trash stays there: to move it onto itself would remove it.
  if (path.startsWith(`${dir}/`) || files.stat(path)?.ino !== ino) return undefined;
  for (let suffix = 1; ; suffix++) {
    const as = suffixed(name, suffix);
    const target = join(dir, as);
    const other = files.stat(target);
    if (other?.ino === ino) {
      // There already, by a move that a crash cut short.
      files.unlink(path);
      return as;
    }
    if (other) continue;
    if (linkOrRename(context, path, target) === 'exists') continue;
    noteOwnMove(context.picture, 'trash', as);
    context.picture.counts.trash += 1;
    return as;
  }
}

/** Moves a name, replacing nothing. */
export function linkOrRename({ machine }: Context, from: Bytes, to: Bytes): 'ok' | 'exists' | 'gone' {
  const { files } = machine;
  try {
    const linked = files.link(from, to);
    if (linked === 'ok') files.unlink(from);
    return linked;
  } catch (error) {
    // Another user's file (protected_hardlinks), or a file system without links for this kind of file.
    if (errnoOf(error) === 'EPERM') return files.rename(from, to);
    throw error;
  }
}
