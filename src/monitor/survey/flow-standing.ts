// Where a flow stands as a parent: other UOWs wait for all of it by its name, an array's too.
import { flowFromText } from '../../format/flow-parse.ts';
import { headReadBytes } from '../../format/uow-parse.ts';
import type { Bytes } from '../../model/bytes.ts';
import type { ParentState } from '../../model/parents.ts';
import { join } from '../../model/paths.ts';
import type { Stamp } from '../../model/stamp.ts';
import type { Context } from '../context.ts';

/** Gives the stamp and state of the flow that has a name; undefined for none, and while it is taken in, which may be undone. */
export function flowStanding(
  { machine, paths, picture }: Context,
  name: Bytes,
): { readonly stamp: Stamp; readonly state: ParentState } | undefined {
  const path = join(paths.flows, name);
  const stat = machine.files.stat(path);
  if (stat?.kind !== 'file') return undefined;
  const known = picture.flows.get(name);
  if (known?.ino === stat.ino) return { stamp: known.stamp, state: known.asParent };
  const bytes = machine.files.read(path, 0, headReadBytes);
  const parsed = bytes === undefined ? undefined : flowFromText(bytes);
  if (parsed?.kind !== 'flow') return undefined;
  const { stamp, status } = parsed.flow;
  if (!stamp || !status || status.word === 'taking-in') return undefined;
  // What its UOWs have come to is not known yet, unless they are done.
  return { stamp, state: status.word === 'done' ? 'done' : 'waits' };
}
