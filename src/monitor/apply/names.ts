// A name is unique over all queues, flows and archive: a newcomer whose name is taken gets `~2`, `~3` … and keeps it for life.
import type { Bytes } from '../../model/bytes.ts';
import { memberName } from '../../model/flow.ts';
import { type Queue, queueKinds } from '../../model/queue.ts';
import { join, type RootPaths } from '../../model/paths.ts';
import { partKnown } from '../survey/flow-standing.ts';
import type { Files } from '../../system/files.ts';

/** Where names are looked for. */
export interface Places {
  readonly machine: { readonly files: Files };
  readonly paths: RootPaths;
  /** What is known of names that are given and not made yet. */
  readonly picture?: { readonly promised: ReadonlyMap<Bytes, readonly Bytes[]> } & Parameters<typeof partKnown>[0];
}

const nameLimitBytes = 255;

/** Gives `name~2` for 2; the name itself for 1. A name that would be too long loses the end of its base. */
export function suffixed(name: string, suffix: number): Bytes {
  if (suffix <= 1) return name as Bytes;
  const tail = `~${suffix}`;
  return (name.slice(0, nameLimitBytes - tail.length) + tail) as Bytes;
}

/** Gives the suffix that a newcomer got which wanted `name`: 1 if it has that. */
export function suffixOf(name: string, taken: string): number {
  return taken === name ? 1 : Number(/\d+$/.exec(taken)?.[0]);
}

/**
 * True if a UOW or flow other than the file `ino` has that name, or one of a flow that is being taken in is to get it. Looks in the order of a UOW's life, so that one on the move is not
 * missed; not into the places of which `mayStandIn` knows without a look.
 */
export function isNameTaken(
  { machine, paths, picture }: Places,
  name: Bytes,
  ino?: number,
  mayStandIn: (place: Queue | 'flows') => boolean = () => true,
): boolean {
  for (const names of picture?.promised.values() ?? []) if (names.includes(name)) return true;
  if (picture && partKnown(picture, name)) return true;
  for (const queue of queueKinds) {
    if (queue === 'trash') continue;
    if (!mayStandIn(queue)) continue;
    const stat = machine.files.stat(join(paths.queue[queue], name));
    if (stat && stat.ino !== ino) return true;
  }
  return mayStandIn('flows') && machine.files.stat(join(paths.flows, name)) !== undefined;
}

/**
 * Links the file `ino` at `from` into a directory under the first free name that begins with `name`, and gives it; undefined if
 * `from` is gone. A name that it has there already is its name: a crash came between this and the removal of the old one.
 */
export function linkFree(
  context: Places,
  { from, ino }: { readonly from: Bytes; readonly ino: number },
  dir: Bytes,
  name: Bytes,
): Bytes | undefined {
  const { files } = context.machine;
  for (;;) {
    const as = freeName(context, name, ino);
    const linked = files.link(from, join(dir, as));
    if (linked === 'ok') return as;
    if (linked === 'gone') return undefined;
    // Taken in this very instant, unless it is the file itself.
    if (files.stat(join(dir, as))?.ino === ino) return as;
  }
}

/** Gives a name for a flow that wants `name`, free as those of its UOWs are. */
export function freeFlowName(context: Places, name: Bytes, members: readonly Bytes[], ino?: number): Bytes {
  for (let suffix = suffixOf(name, freeName(context, name, ino)); ; suffix++) {
    const free = suffixed(name, suffix);
    const names = [free, ...members.map((member) => memberName(free, member))];
    if (!names.some((each) => isNameTaken(context, each, ino))) return free;
  }
}

/** Gives the first free name for a newcomer that wants `name`. `ino` is its own file, whose present name does not count. */
export function freeName(context: Places, name: Bytes, ino?: number): Bytes {
  let suffix = 1;
  if (!isNameTaken(context, name, ino)) return name;
  // Doubling, then halving: a thousand UOWs of one name must not cost a million looks. A hole that somebody made lower down
  // may be passed over, which does no harm.
  let step = 1;
  while (isNameTaken(context, suffixed(name, suffix + step), ino)) {
    suffix += step;
    step *= 2;
  }
  let high = suffix + step;
  while (suffix + 1 < high) {
    const middle = (suffix + high) >> 1;
    if (isNameTaken(context, suffixed(name, middle), ino)) suffix = middle;
    else high = middle;
  }
  return suffixed(name, high);
}
