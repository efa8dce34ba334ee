// Where a flow stands as a parent: other UOWs wait for all of it by its name, an array's too, and a flow's in a flow.
import { type Flow, flowFromText } from '../../format/flow-parse.ts';
import { headReadBytes } from '../../format/uow-parse.ts';
import type { Bytes } from '../../model/bytes.ts';
import { memberName } from '../../model/flow.ts';
import type { ParentState } from '../../model/parents.ts';
import { join } from '../../model/paths.ts';
import { partStamp, type Stamp } from '../../model/stamp.ts';
import type { Context } from '../context.ts';

interface Standing {
  readonly stamp: Stamp;
  readonly state: ParentState;
}

/** Gives the stamp and state of the flow that has a name; undefined for none, and while it is taken in, which may be undone. */
export function flowStanding(context: Context, name: Bytes): Standing | undefined {
  return (
    wholeStanding(context, name) ??
    partKnown(context.picture, name) ??
    flowsAround(name)
      .map((flow) => partOnDisk(context, flow, name))
      .find((each) => each)
  );
}

function wholeStanding({ machine, paths, picture }: Context, name: Bytes): Standing | undefined {
  const stat = machine.files.stat(join(paths.flows, name));
  if (stat?.kind !== 'file') return undefined;
  const known = picture.flows.get(name);
  if (known?.ino === stat.ino) return { stamp: known.stamp, state: known.asParent };
  const read = fromDisk({ machine, paths }, name);
  return read && { stamp: read.stamp, state: read.state };
}

/** Gives the flow in a flow that is known not to be over. */
export function partKnown(picture: Pick<Context['picture'], 'flows'>, name: Bytes): Standing | undefined {
  for (const flow of flowsAround(name)) {
    const part = picture.flows.get(flow)?.parts.find((each) => each.name === name);
    if (part) return { stamp: part.stamp, state: part.asParent };
  }
  return undefined;
}

/** One whose flow is not known: that is done, or could not be read yet. */
function partOnDisk(context: Context, flow: Bytes, name: Bytes): Standing | undefined {
  if (context.picture.flows.has(flow) || context.machine.files.stat(join(context.paths.flows, flow))?.kind !== 'file')
    return undefined;
  const read = fromDisk(context, flow);
  const at = read ? read.flow.parts.findIndex((part) => memberName(flow, part.name) === name) : -1;
  return read && at >= 0 ? { stamp: partStamp(read.stamp, at + 1), state: read.state } : undefined;
}

function fromDisk(
  { machine, paths }: Pick<Context, 'machine' | 'paths'>,
  name: Bytes,
): (Standing & { readonly flow: Flow }) | undefined {
  const bytes = machine.files.read(join(paths.flows, name), 0, headReadBytes);
  const parsed = bytes === undefined ? undefined : flowFromText(bytes);
  if (parsed?.kind !== 'flow') return undefined;
  const { stamp, status } = parsed.flow;
  if (!stamp || !status || status.word === 'taking-in') return undefined;
  // What its UOWs have come to is not known yet, unless they are done.
  return { flow: parsed.flow, stamp, state: status.word === 'done' ? 'done' : 'waits' };
}

/** Gives the names of the flows that one of this name may be in. */
function flowsAround(name: Bytes): readonly Bytes[] {
  const names: Bytes[] = [];
  for (let at = name.indexOf('.', 1); at > 0; at = name.indexOf('.', at + 1)) names.push(name.slice(0, at) as Bytes);
  return names;
}
