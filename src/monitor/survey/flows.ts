// The flows that are not over: which UOWs are of each, and what its state is by theirs. Read from flows/ at the start, and from then
// on reckoned anew for those of which a UOW was touched.
import { type Flow, flowFromText } from '../../format/flow-parse.ts';
import { headReadBytes } from '../../format/uow-parse.ts';
import { type Bytes, nameFromShown, shownFromName } from '../../model/bytes.ts';
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
import {
  forgetJoined,
  joinedOf,
  lookAtParents,
  meansJoined,
  meansMember,
  type Parents,
  stateOfMember,
  touchParent,
} from './parents.ts';
import type { Picture } from './picture.ts';

/** A flow that is not over, or was not a moment ago. */
export interface FlowState {
  readonly name: Bytes;
  readonly ino: number;
  readonly stamp: Stamp;
  readonly members: readonly Bytes[];
  /** The flows in it, names as those of `members`. */
  readonly parts: readonly PartState[];
  readonly isPersistent: boolean;
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
  // Twice, for nobody does it later: it was listed, and a name that is renamed onto may pass a look.
  const found = readFlow(context, name) ?? readFlow(context, name);
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
  const { isPersistent } = flow;
  const state: FlowState = {
    ...{ name, ino, stamp, members, parts, isPersistent, status, statusOffset },
    asParent: 'waits',
  };
  context.picture.flows.set(name, state);
  if (isPersistent) rejoin(context, state);
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
      if (flow.isPersistent) forgetJoined(parents, flow.stamp);
      if (reckonAsParent(context, flow)) hasChanged = true;
    }
  }
}

/** Reckons anew what a flow, and each flow in it, is to those that wait for all of it; true if that has changed. */
export function reckonAsParent({ picture }: Context, flow: FlowState): boolean {
  let hasChanged = false;
  for (const each of [flow, ...flow.parts]) {
    const isWhole = each === flow;
    const members = isWhole
      ? allSeen(picture, flow)
      : each.members.map((member) => memberSeen(picture, flow.stamp, member));
    const found = flowAsParent(members, flow.parts);
    const asParent = isWhole && isOpen(flow) && found === 'done' ? 'waits' : found;
    if (asParent === each.asParent) continue;
    each.asParent = asParent;
    touchParent(picture.parents, each.name);
    hasChanged = true;
  }
  return hasChanged;
}

/** True for a flow that UOWs may still join, which is not done before it is closed. */
function isOpen({ isPersistent, status }: Pick<FlowState, 'isPersistent' | 'status'>): boolean {
  return isPersistent && !status.isClosed;
}

/** Has a UOW that says so be of a persistent flow, until it has ended well. What is made of the flow's own file is already. */
export function joinFlow(
  context: Context,
  { flow, name, stamp }: { readonly flow?: string; readonly name: Bytes; readonly stamp: Stamp },
): void {
  const state = flow === undefined ? undefined : context.picture.flows.get(nameFromShown(flow));
  if (!state || !isOpen(state) || state.members.includes(name)) return;
  meansJoined(context, state, { name, stamp });
  context.picture.parents.dirtyFlows.add(state.name);
}

/** Finds those that have joined a flow which is just known: from `.sjq/parents`, and of what waits and runs. */
function rejoin(context: Context, flow: FlowState): void {
  const { waiting, runs, parents } = context.picture;
  for (const parent of joinedOf(parents, flow.stamp)) {
    parent.flow = flow.name;
    if (!parent.isLookedAt) parents.touched.add(parent.name);
  }
  const shown = shownFromName(flow.name);
  for (const index of Object.values(waiting)) for (const uow of index) if (uow.flow === shown) joinFlow(context, uow);
  for (const { record } of runs.values())
    if (record.flow === shown) joinFlow(context, { flow: shown, name: record.name, stamp: record.stamp });
}

/** Gives what the plan may know of the flows. */
export function flowsSeen({ flows }: Picture): readonly FlowSeen[] {
  return [...flows.values()].map(({ name, status, isPersistent }) => ({
    ...{ name: shownFromName(name), word: status.word },
    ...(isPersistent && { isPersistent: true }),
  }));
}

/** Gives the STATUS that a flow has by its UOWs. One that is paused says so until somebody lets it go on. */
export function statusByMembers(context: Context, flow: FlowState): FlowStatus {
  const { parts, status } = flow;
  const seen = allSeen(context.picture, flow);
  const { word: reckoned, done } = flowStateOf(seen, parts);
  const word = isOpen(flow) && reckoned === 'done' ? 'running' : reckoned;
  const shown = status.word === 'paused' ? 'paused' : word;
  const isSame = shown === status.word && done === status.done && seen.length === status.of;
  return {
    ...{ word: shown, done, of: seen.length, at: isSame ? status.at : context.machine.clock.now() },
    ...(status.isClosed && { isClosed: true }),
  };
}

/** Its own UOWs, and those that have joined it. */
function allSeen(picture: Picture, { members, stamp, isPersistent }: FlowState): readonly FlowMember[] {
  const joined = isPersistent ? joinedOf(picture.parents, stamp) : [];
  return [
    ...members.map((name) => memberSeen(picture, stamp, name)),
    ...joined.map(({ name, state }) => memberAs(picture, name, state)),
  ];
}

function memberSeen(picture: Picture, flow: Stamp, name: Bytes): FlowMember {
  return memberAs(picture, name, stateOfMember(picture.parents satisfies Parents, flow, name));
}

function memberAs({ waiting }: Picture, name: Bytes, state: ParentState | undefined): FlowMember {
  if (state !== 'waits') return { name, state: state ?? 'cancelled', isHeld: false, parents: [] };
  const uow = waiting.wait.get(name) ?? waiting.priority.get(name) ?? waiting.executing.get(name);
  if (!uow) return { name, state: 'runs', isHeld: false, parents: [] };
  return { name, state, isHeld: uow.held, parents: uow.parents ?? [] };
}
