// Whom the names in `after` mean, and where those UOWs stand. A name is looked up once; what it was found to mean is kept by the
// UOW's stamp, in memory and in `.sjq/parents`, so that neither a later namesake nor a moved or removed file changes it. Only what
// was touched is looked at again, and only the children of a parent that changed get another place in their queue.
// Long because finding, keeping and forgetting what a name means must agree.
import { parentsFromText, type ParentsLine } from '../../format/parents-lines.ts';
import { type Bytes, nameFromShown } from '../../model/bytes.ts';
import { memberName } from '../../model/flow.ts';
import type { Header } from '../../model/header.ts';
import { isNewArray } from '../../model/array.ts';
import {
  type NamedParent,
  type OfParents,
  isParkedBy,
  type ParentSeen,
  type ParentState,
  parentsNamed,
} from '../../model/parents.ts';
import { join } from '../../model/paths.ts';
import { baseName, isWaitingQueue, type Queue, queueKinds } from '../../model/queue.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { compareStamps, type Stamp, textFromStamp } from '../../model/stamp.ts';
import type { UowHead } from '../../model/uow.ts';
import { errnoOf } from '../../model/errno.ts';
import { isNameTaken, suffixed } from '../apply/names.ts';
import type { Context } from '../context.ts';
import { sayOnce } from '../report/say-once.ts';
import { flowStanding, partKnown } from './flow-standing.ts';
import { readHead } from './read-uow.ts';

/** A UOW that others wait for. */
export interface Parent {
  readonly stamp: Stamp;
  name: Bytes;
  state: ParentState;
  /** The names of those that wait for it; some of them may have gone by now. */
  readonly children: Set<Bytes>;
  /** The flow that it is of. */
  flow?: Bytes;
  /** False for one that an earlier life noted and that this one has not looked at. */
  isLookedAt: boolean;
}

/** All that is known of who waits for whom. */
export interface Parents {
  isLoaded: boolean;
  /** By stamp. */
  readonly known: Map<string, Parent>;
  /** By the name that it has now. */
  readonly byName: Map<string, Parent>;
  /** By the child's stamp: whom it means by each name. */
  readonly meant: Map<string, Map<string, Parent>>;
  /** By a name that no UOW has: who waits for one. */
  readonly wanted: Map<string, Set<Bytes>>;
  /** Names of parents, or of wanted ones, about which something may have changed. */
  readonly touched: Set<Bytes>;
  /** Flows of which a UOW was looked at again. */
  readonly dirtyFlows: Set<Bytes>;
  /** What is not written into `.sjq/parents` yet, how many lines stand there, and how many of them counted when it was last written anew. */
  readonly unkept: ParentsLine[];
  keep?: () => void;
  lines: number;
  livingLines: number;
  /** UOWs of a name as they stand on disk, for as long as one wake. */
  readonly found: Map<string, readonly Candidate[]>;
}

interface Candidate {
  readonly stamp: Stamp;
  readonly name: Bytes;
  readonly state: ParentState;
}

/** Of so many namesakes, those with the highest numbers, one is looked for that was taken in before. */
const namesakesAtMost = 100;
const fileLimitBytes = 64 * 1024 * 1024;

/** Gives what is known at the start: nothing, until the first look. */
export function noParents(): Parents {
  return {
    ...{ isLoaded: false, known: new Map(), byName: new Map(), meant: new Map(), wanted: new Map() },
    ...{ touched: new Set(), dirtyFlows: new Set(), unkept: [], lines: 0, livingLines: 0, found: new Map() },
  };
}

/** Notes that something may have changed about the UOW of that name. */
export function touchParent(parents: Parents, name: Bytes): void {
  const { byName, wanted, touched, found } = parents;
  if (byName.size === 0 && wanted.size === 0) return;
  const base = baseName(name);
  found.delete(name);
  found.delete(base);
  if (byName.has(name) || wanted.has(name) || wanted.has(base)) touched.add(name);
}

/** Notes under which name a UOW waits now: a person may have renamed it. */
export function noteName(parents: Parents, name: Bytes, stamp: Stamp): void {
  const parent = parents.known.size === 0 ? undefined : parents.known.get(textFromStamp(stamp));
  if (parent && parent.name !== name) {
    if (parents.byName.get(parent.name) === parent) parents.byName.delete(parent.name);
    parent.name = name;
    parents.byName.set(name, parent);
    parents.unkept.push({ kind: 'parent', stamp, name, state: parent.state });
  }
  touchParent(parents, name);
}

/** Gives what a UOW that is just enlisted knows of its parents. */
export function parentsOf(context: Context, child: Child, header: Header): OfParents & Pick<WaitingUow, 'isParked'> {
  const named = inFlow(parentsNamed(header), scopeOf(child));
  if (named.length === 0) return {};
  load(context);
  const of: OfParents = {
    parents: named.map((each) => parentSeen(context, child, each)),
    ...(header.text('on-parent-error')?.toLowerCase() === 'fail' && { failsWithParents: true }),
  };
  return { ...of, ...(isParkedBy(of) && { isParked: true }) };
}

/** Gives the flow in which a child's names are looked for. What an array that is no part of another flow waits for stands outside of it. */
function scopeOf({ flow, array }: Pick<Child, 'flow' | 'array'>): string | undefined {
  return array?.of === flow ? undefined : flow;
}

/** Names in a flow are those of its sections. */
function inFlow(named: readonly NamedParent[], flow: string | undefined): readonly NamedParent[] {
  if (flow === undefined || named.length === 0) return named;
  const of = nameFromShown(flow);
  return named.map((each) => ({ ...each, name: memberName(of, each.name) }));
}

/** Has a flow mean one of its UOWs by its name, as a child does its parents. */
export function meansMember(
  context: Context,
  { name: flow, stamp }: { readonly name: Bytes; readonly stamp: Stamp },
  member: Bytes,
): void {
  const { parents } = context.picture;
  load(context);
  const known = parents.meant.get(textFromStamp(stamp))?.get(member);
  const parent = known ?? lookUp(context, { name: flow, stamp, attempts: 0, flow }, member);
  if (!parent) return;
  parent.flow = flow;
  if (!parent.isLookedAt) parents.touched.add(parent.name);
}

/** Has a flow mean a UOW that has joined it: by its stamp, whatever it is called. */
export function meansJoined(
  context: Context,
  { name: flow, stamp: ofFlow }: { readonly name: Bytes; readonly stamp: Stamp },
  { name, stamp }: Pick<Candidate, 'name' | 'stamp'>,
): void {
  const { parents } = context.picture;
  load(context);
  const key = textFromStamp(stamp) as Bytes;
  // One of its own that a person renamed is that still.
  if (parents.known.get(key)?.flow === flow) return;
  const isKept = parents.meant.get(textFromStamp(ofFlow))?.has(key) === true;
  const parent = know(parents, { stamp, name, state: 'waits' }, true);
  parent.flow = flow;
  parents.touched.add(parent.name);
  if (isKept) return;
  mean(parents, ofFlow, key, parent);
  parents.unkept.push({ kind: 'parent', stamp, name: parent.name, state: parent.state });
  parents.unkept.push({ kind: 'child', stamp: ofFlow, name: key, parent: stamp });
}

/** Gives those that have joined a flow. */
export function joinedOf(parents: Parents, flow: Stamp): readonly Parent[] {
  const meant = parents.meant.get(textFromStamp(flow)) ?? new Map<string, Parent>();
  return [...meant].flatMap(([key, parent]) => (key === textFromStamp(parent.stamp) ? [parent] : []));
}

/** Forgets those of them that have ended, but for those that ended badly: a flow that stays open must not grow. */
export function forgetJoined(parents: Parents, flow: Stamp): void {
  for (const parent of joinedOf(parents, flow)) {
    if (!parent.isLookedAt || parent.state === 'waits' || parent.state === 'bad') continue;
    parents.meant.get(textFromStamp(flow))?.delete(textFromStamp(parent.stamp));
    delete parent.flow;
  }
}

/** Gives the state of a flow's UOW; undefined if it was never found. */
export function stateOfMember(parents: Parents, flow: Stamp, member: Bytes): ParentState | undefined {
  return parents.meant.get(textFromStamp(flow))?.get(member)?.state;
}

/** Looks again at the parents that were touched, and tells their children. What the disk refuses is tried at the next look. */
export function lookAtParents(context: Context): void {
  const { parents } = context.picture;
  parents.found.clear();
  for (const name of [...parents.touched]) {
    parents.touched.delete(name);
    try {
      const parent = parents.byName.get(name);
      if (parent) lookAtParent(context, parent);
      if (parent?.flow !== undefined) parents.dirtyFlows.add(parent.flow);
      for (const wanted of new Set([name, baseName(name)]))
        for (const child of [...(parents.wanted.get(wanted) ?? [])]) renew(context, child);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      parents.touched.add(name);
      const text = `what waits for it waits on: it cannot be read (${String(error)})`;
      sayOnce(context, `cannot read parent ${name}`, { event: 'fault', name, text });
    }
  }
}

/** Gives all that is worth keeping of what is known, for those who wait or run now; the rest is forgotten. */
export function livingParents(context: Context): readonly ParentsLine[] {
  const { waiting, runs, parents, flows } = context.picture;
  const living = new Set<string>();
  for (const index of Object.values(waiting))
    for (const { stamp, parents: own } of index) if (own) living.add(textFromStamp(stamp));
  for (const { stamp, status } of flows.values()) if (status.word !== 'done') living.add(textFromStamp(stamp));
  for (const { record } of runs.values()) living.add(textFromStamp(record.stamp));
  const lines: ParentsLine[] = [];
  const kept = new Set<Parent>();
  for (const [text, meant] of parents.meant) {
    if (!living.has(text)) {
      parents.meant.delete(text);
      continue;
    }
    for (const [name, parent] of meant) {
      if (!kept.has(parent))
        lines.push({ kind: 'parent', stamp: parent.stamp, name: parent.name, state: parent.state });
      kept.add(parent);
      const [seconds, ordinal] = text.split('-').map(Number);
      const stamp = { seconds: seconds ?? 0, ordinal: ordinal ?? 0 };
      lines.push({ kind: 'child', stamp, name: name as Bytes, parent: parent.stamp });
    }
  }
  for (const [text, parent] of parents.known) {
    if (kept.has(parent)) continue;
    parents.known.delete(text);
    if (parents.byName.get(parent.name) === parent) parents.byName.delete(parent.name);
  }
  return lines;
}

function load({ machine, paths, picture: { parents } }: Context): void {
  if (parents.isLoaded) return;
  const text = machine.files.read(paths.parents, 0, fileLimitBytes);
  parents.isLoaded = true;
  for (const line of text === undefined ? [] : parentsFromText(text)) {
    parents.lines += 1;
    if (line.kind === 'parent') know(parents, line, false).state = line.state;
    else {
      const parent = parents.known.get(textFromStamp(line.parent));
      if (parent) mean(parents, line.stamp, line.name, parent);
    }
  }
}

function know(parents: Parents, { stamp, name, state }: Candidate, isLookedAt: boolean): Parent {
  const key = textFromStamp(stamp);
  const known = parents.known.get(key);
  if (known) {
    if (!isLookedAt && known.name !== name) parents.byName.delete(known.name);
    if (!isLookedAt) known.name = name;
    parents.byName.set(known.name, known);
    return known;
  }
  const parent: Parent = { stamp, name, state, children: new Set(), isLookedAt };
  parents.known.set(key, parent);
  parents.byName.set(name, parent);
  return parent;
}

function mean(parents: Parents, child: Stamp, name: Bytes, parent: Parent): void {
  const key = textFromStamp(child);
  const meant = parents.meant.get(key) ?? new Map<string, Parent>();
  parents.meant.set(key, meant);
  meant.set(name, parent);
}

type Child = Pick<WaitingUow, 'name' | 'stamp' | 'attempts' | 'flow' | 'array'>;

function parentSeen(context: Context, child: Child, { name, wanted }: NamedParent): ParentSeen {
  const { parents } = context.picture;
  const parent = parents.meant.get(textFromStamp(child.stamp))?.get(name) ?? lookUp(context, child, name);
  if (!parent) {
    if (child.attempts > 0) return { name, wanted, state: 'over' };
    const waiting = parents.wanted.get(name) ?? new Set();
    parents.wanted.set(name, waiting);
    waiting.add(child.name);
    return { name, wanted, state: 'none' };
  }
  parent.children.add(child.name);
  if (!parent.isLookedAt) parents.touched.add(parent.name);
  const isCircle = parent.state === 'waits' && compareStamps(parent.stamp, child.stamp) > 0;
  const state = isCircle && leadsTo(parents, parent, child.stamp) ? 'circle' : parent.state;
  return { name, wanted, state, ...(parent.name !== name && { as: parent.name }) };
}

/** Only one that was taken in later can wait for its child in turn. */
function leadsTo(parents: Parents, from: Parent, child: Stamp): boolean {
  const seen = new Set([from]);
  for (const parent of seen) {
    if (compareStamps(parent.stamp, child) === 0) return true;
    for (const next of parents.meant.get(textFromStamp(parent.stamp))?.values() ?? []) seen.add(next);
  }
  return false;
}

/**
 * Finds the UOW that a child means by a name and keeps that: the newest of the name, its `~N` included, that was taken in before
 * the child; if there is none, the first that was taken in behind it. Of its own name only one before it. In a flow the one of
 * just that name comes before all namesakes: those are copies that people made, or what a flow of an earlier time has left.
 */
function lookUp(context: Context, child: Child, name: Bytes): Parent | undefined {
  const { parents } = context.picture;
  const isBefore = ({ stamp }: Candidate): boolean => compareStamps(stamp, child.stamp) < 0;
  const isBehind = ({ stamp }: Candidate): boolean => compareStamps(stamp, child.stamp) > 0;
  const inOrder = [...candidatesOf(context, child, name)].sort((a, b) => compareStamps(a.stamp, b.stamp));
  const isOwn = baseName(child.name) === baseName(name);
  const isMeant = (of: Candidate): boolean => isBefore(of) || (!isOwn && isBehind(of));
  const exact = scopeOf(child) === undefined ? undefined : inOrder.find((of) => of.name === name && isMeant(of));
  const found = exact ?? inOrder.findLast(isBefore) ?? inOrder.find(isMeant);
  if (!found) return undefined;
  parents.wanted.get(name)?.delete(child.name);
  if (parents.wanted.get(name)?.size === 0) parents.wanted.delete(name);
  const isNew = !parents.known.has(textFromStamp(found.stamp));
  const parent = know(parents, found, true);
  mean(parents, child.stamp, name, parent);
  const { stamp, state } = parent;
  if (isNew) parents.unkept.push({ kind: 'parent', stamp, name: parent.name, state });
  parents.unkept.push({ kind: 'child', stamp: child.stamp, name, parent: stamp });
  return parent;
}

/** All UOWs of a flow are there for good when one of them is, whether or not their first names have gone. */
function candidatesOf(context: Context, child: Child, name: Bytes): readonly Candidate[] {
  return scopeOf(child) === undefined ? settledCandidates(context, name) : candidatesFor(context, name, isNoTrash);
}

/** One whose taking-in the disk refused gets another stamp if that is undone: until it is settled nobody means it. */
function settledCandidates(context: Context, name: Bytes): readonly Candidate[] {
  const { dropping, parents } = context.picture;
  const isSettled: IsMeant = (queue, ino) => isNoTrash(queue) && !(isWaitingQueue(queue) && dropping.has(ino));
  const candidates = parents.found.get(name) ?? candidatesFor(context, name, isSettled);
  parents.found.set(name, candidates);
  return candidates;
}

function isNoTrash(queue: Queue): boolean {
  return queue !== 'trash';
}

function candidatesFor(context: Context, name: Bytes, isMeant: IsMeant): readonly Candidate[] {
  const names = [name];
  if (baseName(name) === name) {
    const last = lastNamesake(context, name);
    for (let number = last; number > Math.max(1, last - namesakesAtMost); number--) names.push(suffixed(name, number));
  }
  return names.flatMap((each) => {
    const found = standing(context, each, isMeant);
    return found ? [{ name: each, ...found }] : [];
  });
}

/** Gives the highest number that a namesake has; 1 if there is none. Doubling, then halving, as names are given out. */
function lastNamesake(context: Context, name: Bytes): number {
  let [low, high] = [1, 2];
  while (isNameTaken(context, suffixed(name, high))) [low, high] = [high, high * 2];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (isNameTaken(context, suffixed(name, middle))) low = middle;
    else high = middle;
  }
  return low;
}

type Standing = Pick<Candidate, 'stamp' | 'state'>;
type IsMeant = (queue: Queue, ino: number) => boolean;

/**
 * Gives the stamp and state of the UOW that has a name. What is found nowhere is looked for once more: a person who moves it back
 * may have passed the first look, and nothing would have it looked for later.
 */
function standing(context: Context, name: Bytes, isMeant: IsMeant): Standing | undefined {
  return foundOnce(context, name, isMeant) ?? foundOnce(context, name, isMeant);
}

/** In the order of a UOW's life, so that its own moves do not pass the look. */
function foundOnce(context: Context, name: Bytes, isMeant: IsMeant): Standing | undefined {
  const { machine, paths, picture } = context;
  // Its name is its own, whatever people put under it.
  const part = partKnown(picture, name);
  if (part) return part;
  for (const queue of queueKinds) {
    const path = join(paths.queue[queue], name);
    const stat = machine.files.stat(path);
    if (stat && !isMeant(queue, stat.ino)) continue;
    const parsed = stat?.kind === 'file' ? readHead(machine.files, path, stat.sizeBytes)?.parsed : undefined;
    // An array is what its flow is, from when that stands.
    if (parsed?.kind !== 'uow' || !parsed.head.stamp || isNewArray(parsed.head)) continue;
    return { stamp: parsed.head.stamp, state: stateIn(queue, parsed.head) };
  }
  return flowStanding(context, name);
}

/** The queue says how it ended, whoever put it there; of one that was put away its STATUS does. */
function stateIn(queue: Queue, { status }: UowHead): ParentState {
  const isContinued = status?.flags.includes('cont') === true;
  if (isWaitingQueue(queue) || queue === 'executing') return 'waits';
  if (queue === 'done') return 'done';
  if (queue === 'error' || queue === 'fail') return isContinued ? 'continued' : 'bad';
  const word = status?.word;
  if (word === 'done' || word === 'skipped') return 'done';
  if (word === 'error' || word === 'fail') return isContinued ? 'continued' : 'bad';
  return 'cancelled';
}

function lookAtParent(context: Context, parent: Parent): void {
  const { picture } = context;
  const { parents } = picture;
  const wasLookedAt = parent.isLookedAt;
  const before = parent.state;
  const found = standing(context, parent.name, () => true);
  if (found && compareStamps(found.stamp, parent.stamp) === 0) parent.state = found.state;
  // What has ended and is gone has ended as it was last seen.
  else if (before === 'waits') {
    if (picture.isFirstLook && !picture.isObserver) {
      parents.touched.add(parent.name);
      return;
    }
    if (isGone(context, parent)) parent.state = 'cancelled';
  }
  parent.isLookedAt = true;
  if (parent.state === before && wasLookedAt) return;
  const { stamp, name, state } = parent;
  if (state !== before) parents.unkept.push({ kind: 'parent', stamp, name, state });
  for (const child of parent.children) if (!renew(context, child)) parent.children.delete(child);
}

/** False while it is on its way under another name, or its file is set aside. */
function isGone(context: Context, { stamp, name }: Parent): boolean {
  const { picture, machine, paths } = context;
  const isIt = (other: Stamp | undefined): boolean => other !== undefined && compareStamps(other, stamp) === 0;
  if ([...picture.runs.values()].some(({ record }) => isIt(record.stamp))) return false;
  if (picture.vanished.some(({ uow }) => isIt(uow.stamp))) return false;
  for (const queue of ['wait', 'priority', 'executing'] as const)
    if (machine.files.stat(join(join(paths.intake, queue), name))) return false;
  return ![...picture.arrivals].some(({ is }) => is.kind === 'uow' && isIt(is.head.stamp));
}

/** Gives a waiting child what is known of its parents now; false if none of that name waits. */
function renew(context: Context, name: Bytes): boolean {
  const { picture } = context;
  for (const index of Object.values(picture.waiting)) {
    const uow = index.get(name);
    if (!uow?.parents) continue;
    const parents = uow.parents.map((each) => parentSeen(context, uow, each));
    const { isParked: _before, ...rest } = uow;
    const isParked = isParkedBy({ ...rest, parents });
    index.add({ ...rest, parents, ...(isParked && { isParked }) });
    picture.isNews = true;
    return true;
  }
  for (const waiting of picture.parents.wanted.values()) waiting.delete(name);
  return false;
}
