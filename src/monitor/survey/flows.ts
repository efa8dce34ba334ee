// The flows that are not over: which UOWs are of each, and what its state is by theirs. Read from flows/ at the start, and from then
// on reckoned anew for those of which a UOW was touched.
import { type Flow, flowFromText } from '../../format/flow-parse.ts';
import { headReadBytes } from '../../format/uow-parse.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import {
  flowAsParent,
  type FlowMember,
  type FlowPart,
  memberName,
  type FlowStatus,
  flowStateOf,
} from '../../model/flow.ts';
import type { ParentState } from '../../model/parents.ts';
import { join } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName } from '../../model/queue.ts';
import type { FlowSeen } from '../../model/seen.ts';
import { partStamp, type Stamp } from '../../model/stamp.ts';
import type { Context } from '../context.ts';
import { sayOnce } from '../report/say-once.ts';
import { lookAtParents, meansMember, type Parents, stateOfMember, touchParent } from './parents.ts';
import type { Picture } from './picture.ts';

/** A flow that is not over, or was not a moment ago. */
export interface FlowState {
  readonly name: Bytes;
  readonly ino: number;
  readonly stamp: Stamp;
  readonly members: readonly Bytes[];
  /** The flows in it, names as those of `members`. */
  readonly parts: readonly PartState[];
  readonly statusOffset: number;
  status: FlowStatus;
  /** What it is to those that wait for all of it. */
  asParent: ParentState;
}

/** A flow in a flow. It has no file and no STATUS of its own. */
export interface PartState extends FlowPart {
  readonly stamp: Stamp;
  asParent: ParentState;
}

/** Reads the flows that are not done, at the start; what cannot be read at the next poll. Those that are being taken in are left to who does that. */
export function loadFlows(context: Context, isPoll: boolean): void {
  const { picture, machine, paths } = context;
  if (picture.flowsLoaded === 'all' || (picture.flowsLoaded === 'some' && !isPoll)) return;
  picture.flowsLoaded = 'some';
  const isWhole = orSaid(context, 'flows', () => {
    let areAll = true;
    for (const name of machine.files.list(paths.flows) ?? []) {
      if (isIgnoredName(name) || isReadmeName(name) || picture.flows.has(name)) continue;
      areAll = orSaid(context, name, () => loadFlow(context, name)) && areAll;
    }
    return areAll;
  });
  if (isWhole) picture.flowsLoaded = 'all';
}

function loadFlow(context: Context, name: Bytes): boolean {
  const found = readFlow(context, name);
  const word = found?.flow.status?.word;
  if (found && word !== undefined && word !== 'done' && word !== 'taking-in') knowFlow(context, name, found);
  return true;
}

function orSaid(context: Context, what: string, look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const text = `flows/${shownFromName(what)} cannot be read (${String(error)}): give the monitor’s user the right to`;
    sayOnce(context, `cannot read flow ${what}`, { event: 'fault', text });
    return false;
  }
}

/** Gives the flow in flows/; undefined if there is none of that name. */
export function readFlow(
  { machine, paths }: Pick<Context, 'machine' | 'paths'>,
  name: Bytes,
): { readonly flow: Flow; readonly ino: number } | undefined {
  const path = join(paths.flows, name);
  const stat = machine.files.stat(path);
  const bytes = stat?.kind === 'file' ? machine.files.read(path, 0, headReadBytes) : undefined;
  const parsed = bytes === undefined ? undefined : flowFromText(bytes);
  return stat && parsed?.kind === 'flow' ? { flow: parsed.flow, ino: stat.ino } : undefined;
}

/** Puts a flow among those that are not over, and looks at its UOWs. */
export function knowFlow(
  context: Context,
  name: Bytes,
  { flow, ino }: { readonly flow: Flow; readonly ino: number },
): void {
  const { stamp, status, statusOffset } = flow;
  if (!stamp || !status || statusOffset === undefined) return;
  const members = flow.uows.map((uow) => memberName(name, uow.name));
  for (const member of members) meansMember(context, { name, stamp }, member);
  const parts = flow.parts.map((part, at): PartState => ({
    name: memberName(name, part.name),
    members: part.members.map((member) => memberName(name, member)),
    stamp: partStamp(stamp, at + 1),
    asParent: 'waits',
  }));
  context.picture.flows.set(name, { name, ino, stamp, members, parts, status, statusOffset, asParent: 'waits' });
  context.picture.parents.dirtyFlows.add(name);
  for (const each of [name, ...parts.map((part) => part.name)]) touchParent(context.picture.parents, each);
}

/** Looks again at the parents that were touched, and at the flows of which one is a UOW: others wait for all of a flow. */
export function lookAtKin(context: Context): void {
  const { flows, parents } = context.picture;
  for (let hasChanged = true; hasChanged;) {
    lookAtParents(context);
    hasChanged = false;
    for (const name of parents.dirtyFlows) {
      const flow = flows.get(name);
      if (!flow) continue;
      for (const each of [flow, ...flow.parts]) {
        const members = each.members.map((member) => memberSeen(context.picture, flow.stamp, member));
        const asParent = flowAsParent(members, flow.parts);
        if (asParent === each.asParent) continue;
        each.asParent = asParent;
        touchParent(parents, each.name);
        hasChanged = true;
      }
    }
  }
}

/** Gives what the plan may know of the flows. */
export function flowsSeen({ flows }: Picture): readonly FlowSeen[] {
  return [...flows.values()].map(({ name, status }) => ({ name: shownFromName(name), word: status.word }));
}

/** Gives the STATUS that a flow has by its UOWs. One that is paused says so until somebody lets it go on. */
export function statusByMembers(context: Context, flow: FlowState): FlowStatus {
  const { members, parts, stamp, status } = flow;
  const seen = members.map((name) => memberSeen(context.picture, stamp, name));
  const { word, done } = flowStateOf(seen, parts);
  const shown = status.word === 'paused' ? 'paused' : word;
  const isSame = shown === status.word && done === status.done;
  return { word: shown, done, of: members.length, at: isSame ? status.at : context.machine.clock.now() };
}

function memberSeen({ waiting, parents }: Picture, flow: Stamp, name: Bytes): FlowMember {
  const state = stateOfMember(parents satisfies Parents, flow, name);
  if (state !== 'waits') return { name, state: state ?? 'cancelled', isHeld: false, parents: [] };
  const uow = waiting.wait.get(name) ?? waiting.priority.get(name) ?? waiting.executing.get(name);
  if (!uow) return { name, state: 'runs', isHeld: false, parents: [] };
  return { name, state, isHeld: uow.held, parents: uow.parents ?? [] };
}
