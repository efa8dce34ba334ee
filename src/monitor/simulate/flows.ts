// The flows of a simulation: the UOWs of those that are made in it, and the word of each as its UOWs stand. None of them is on disk.
import { memberText } from '../../format/flow-members.ts';
import { wholeFlow } from '../../format/flow-use.ts';
import { parseUow } from '../../format/uow-parse.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { flowAsParent, type FlowMember, type FlowPart, flowStateOf, memberName } from '../../model/flow.ts';
import type { ParentState } from '../../model/parents.ts';
import type { WaitingQueue } from '../../model/queue.ts';
import type { FlowSeen } from '../../model/seen.ts';
import { type Stamp, textFromStamp } from '../../model/stamp.ts';
import type { Context } from '../context.ts';
import { enlist } from '../survey/enlist.ts';
import { type Parent, stateOfMember } from '../survey/parents.ts';
import { templateTexts } from '../survey/templates.ts';
import type { FileFacts } from '../survey/relook.ts';

/** A flow that is to be played: its name, its file's text, and where its UOWs wait. */
export interface NewFlow {
  readonly name: Bytes;
  readonly text: Bytes;
  readonly queue: WaitingQueue;
  readonly facts: () => FileFacts;
  readonly nextStamp: () => Stamp;
}

/** What is played of a flow: the names of its UOWs, and the flows in it. */
export interface PlayedFlow {
  readonly members: readonly Bytes[];
  readonly parts: readonly FlowPart[];
  /** It goes on until somebody closes it, which nobody does here. */
  readonly isOpen: boolean;
}

/** Has the UOWs of a flow wait, each knowing those of the others that it waits for. Gives them; undefined if it is no flow. */
export function enlistFlow(context: Context, { name, text, queue, facts, nextStamp }: NewFlow): PlayedFlow | undefined {
  const { machine, paths } = context;
  const read = wholeFlow(text, templateTexts(machine.files, paths), name);
  if (read.kind !== 'flow') return undefined;
  const made = read.flow.uows.flatMap((uow) => {
    const parsed = parseUow(memberText(uow, name) ?? ('' as Bytes));
    return parsed.kind === 'uow' ? [{ name: memberName(name, uow.name), head: parsed.head, stamp: nextStamp() }] : [];
  });
  const { meant } = context.picture.parents;
  const parts = read.flow.parts.map((part) => ({
    name: memberName(name, part.name),
    members: part.members.map((member) => memberName(name, member)),
    stamp: nextStamp(),
  }));
  const others = [...made, ...parts].map((each): readonly [Bytes, Parent] => [
    each.name,
    { name: each.name, stamp: each.stamp, state: 'waits', children: new Set(), isLookedAt: true },
  ]);
  for (const { name: member, head, stamp } of made) {
    // Told beforehand whom its names mean, or it would look for them on disk.
    meant.set(textFromStamp(stamp), new Map(others));
    enlist(context, queue, member, facts(), { ...head, stamp });
    meant.delete(textFromStamp(stamp));
  }
  return { members: made.map((each) => each.name), parts, isOpen: read.flow.isPersistent };
}

/** The flows that are not over. */
export interface PlayedFlows {
  add(name: Bytes, flow: PlayedFlow): void;
  /** Gives the word of each; one that is done is forgotten. `isRunning` tells who runs. */
  seen(isRunning: (name: Bytes) => boolean): readonly FlowSeen[];
}

/** Gives the flows that the picture has, as they go on. `ended` has how UOWs ended since; `onEnd` is told of each that is done, and of each flow in one that is or has ended badly, for those that wait for all of it. */
export function playedFlows(
  { picture }: Context,
  ended: ReadonlyMap<Bytes, ParentState>,
  onEnd: (flow: Bytes, state: 'done' | 'bad') => void,
): PlayedFlows {
  const flows = new Map<Bytes, PlayedFlow & { readonly stamp?: Stamp; readonly isPaused: boolean }>();
  for (const { name, members, parts, stamp, status, isPersistent } of picture.flows.values()) {
    const isOpen = isPersistent && !status.isClosed;
    flows.set(name, { members, parts, isOpen, stamp, isPaused: status.word === 'paused' });
  }
  const known = new Set<Bytes>();

  function memberSeen(name: Bytes, flow: Stamp | undefined, isRunning: boolean): FlowMember {
    const { waiting, parents } = picture;
    const over = { name, isHeld: false, parents: [] };
    if (isRunning) return { ...over, state: 'runs' };
    const uow = waiting.wait.get(name) ?? waiting.priority.get(name) ?? waiting.executing.get(name);
    if (uow) return { name, state: 'waits', isHeld: uow.held, parents: uow.parents ?? [] };
    const state = ended.get(name) ?? (flow && stateOfMember(parents, flow, name));
    return { ...over, state: state === undefined || state === 'waits' ? 'cancelled' : state };
  }

  return {
    add(name, flow) {
      flows.set(name, { ...flow, isPaused: false });
    },
    seen(isRunning) {
      return [...flows].flatMap(([name, { members, parts, isOpen, stamp, isPaused }]) => {
        const seenOf = (names: readonly Bytes[]): readonly FlowMember[] =>
          names.map((member) => memberSeen(member, stamp, isRunning(member)));
        for (const part of parts) {
          const state = known.has(part.name) ? 'waits' : flowAsParent(seenOf(part.members), parts);
          if (state === 'waits') continue;
          known.add(part.name);
          onEnd(part.name, state);
        }
        const { word: reckoned } = flowStateOf(seenOf(members), parts);
        const word = isOpen && reckoned === 'done' ? 'running' : reckoned;
        if (word === 'done') {
          flows.delete(name);
          onEnd(name, 'done');
        }
        return word === 'done' ? [] : [{ name: shownFromName(name), word: isPaused ? ('paused' as const) : word }];
      });
    },
  };
}
