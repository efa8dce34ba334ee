// Finding a UOW by its name: in which queue it stands now, or which names somebody probably meant.
import { resolve } from 'node:path';
import { type Bytes, bytesFromUtf8, nameFromShown, shownFromName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { nearestName } from '../../model/nearest.ts';
import { join, type RootPaths } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName, type Queue, queueKinds } from '../../model/queue.ts';
import { type FileStat, realFiles } from '../../system/files.ts';

/** Where a name stands. */
export interface Found {
  readonly queue: Queue;
  readonly path: Bytes;
  readonly stat: FileStat;
}

/**
 * Gives the place of a name; undefined if it stands nowhere. A move makes the new name before it removes the old one, so that
 * looking in the order of a UOW's life misses it only if it goes back meanwhile: hence the second look.
 */
export function findUow(paths: RootPaths, name: Bytes): Found | undefined {
  return lookedUp(paths, name) ?? lookedUp(paths, name);
}

function lookedUp(paths: RootPaths, name: Bytes): Found | undefined {
  for (const queue of queueKinds) {
    const path = join(paths.queue[queue], name);
    const stat = realFiles.stat(path);
    if (stat?.kind === 'file') return { queue, path, stat };
  }
  return undefined;
}

/** Gives the name that an argument means: as it is printed (with its quotes and escapes), or a path into one of the root's queues. */
export function nameFromArgument(paths: RootPaths, argument: string): Bytes {
  const name = nameFromShown(argument);
  const slash = name.lastIndexOf('/');
  if (slash < 0) return name;
  const dir = bytesFromUtf8(resolve(argument.slice(0, argument.lastIndexOf('/')) || '/'));
  const isHere = queueKinds.some((queue) => realFiles.realPath(paths.queue[queue]) === realFiles.realPath(dir));
  return isHere ? (name.slice(slash + 1) as Bytes) : name;
}

/** Gives the place of a UOW that must be there. @throws SjqError `no-such-uow` with the nearest names */
export function existingUow(paths: RootPaths, name: Bytes): Found {
  const isName = name !== '' && !name.includes('/') && !name.includes('\0') && name !== '.' && name !== '..';
  const found = isName ? findUow(paths, name) : undefined;
  if (found) return found;
  const near = nearestNames(paths, shownFromName(name));
  const remedy = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'sjq status lists what waits and runs';
  throw new SjqError(
    'no-such-uow',
    `there is no UOW ${shownFromName(name)} in ${shownFromName(paths.root)}: ${remedy}`,
  );
}

/** A done-q may hold a million; comparing so many takes no time that a person notices. */
const comparedNames = 20_000;

function nearestNames(paths: RootPaths, shown: string): readonly string[] {
  const known = new Set<string>();
  for (const queue of queueKinds) {
    for (const name of realFiles.list(paths.queue[queue]) ?? []) {
      if (known.size >= comparedNames) break;
      if (!isIgnoredName(name) && !isReadmeName(name)) known.add(shownFromName(name));
    }
  }
  const near: string[] = [];
  for (let next; near.length < 3 && (next = nearestName(shown, known)) !== undefined; known.delete(next))
    near.push(next);
  return near;
}
