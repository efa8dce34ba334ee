// Writing the STATUS of flows in place, when their UOWs have changed it. What it says is reckoned from them; only `paused` is a
// word of its own.
import { flowStatusLine } from '../../format/flow-parse.ts';
import type { Bytes } from '../../model/bytes.ts';
import type { FlowStatus } from '../../model/flow.ts';
import { join } from '../../model/paths.ts';
import type { Context } from '../context.ts';
import { raise } from '../report/alarm.ts';
import { type FlowState, statusByMembers } from '../survey/flows.ts';
import { touchParent } from '../survey/parents.ts';
import { untilDone } from './until-done.ts';

/** Writes the STATUS of each flow of which a UOW was touched, now or at a later poll. */
export function noteFlows(context: Context): void {
  const { flows, parents, wakes } = context.picture;
  // Whom its UOWs wait for is not known yet: it would pass for running.
  if (wakes === 0) return;
  for (const name of [...parents.dirtyFlows]) {
    parents.dirtyFlows.delete(name);
    const flow = flows.get(name);
    if (flow) noteFlow(context, flow);
  }
}

function noteFlow(context: Context, flow: FlowState): void {
  const { picture } = context;
  const before = flow.status;
  const status = statusByMembers(context, flow);
  if (status.word === before.word && status.done === before.done && status.of === before.of) return;
  flow.status = status;
  picture.isNews = true;
  untilDone(context, () => void writeFlowStatus(context, flow, flow.status, false));
  if (status.word === before.word) return;
  const fields = { is: status.word, done: status.done, of: status.of };
  context.say({ event: 'flow', name: flow.name, fields });
  if (status.word !== 'blocked') return;
  const text = `nothing of it can start before a person does something: ${status.done} of ${status.of} are done`;
  raise(context, { kind: 'flow-blocked', name: flow.name, text });
}

/** Writes it. False if the file is gone or another one: what it was is forgotten then. */
export function writeFlowStatus(
  { machine, paths, picture }: Context,
  { name, ino, parts, statusOffset }: FlowState,
  status: FlowStatus,
  sync: boolean,
): boolean {
  const path: Bytes = join(paths.flows, name);
  if (machine.files.stat(path)?.ino !== ino) {
    picture.flows.delete(name);
    // Who waits for it, or for a flow in it, is told.
    for (const each of [name, ...parts.map((part) => part.name)]) touchParent(picture.parents, each);
    return false;
  }
  machine.files.overwrite(path, statusOffset, flowStatusLine(status), { sync });
  return true;
}
