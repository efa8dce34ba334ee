// The flows of a simulation: the UOWs of those that are made in it, and the word of each as its UOWs stand. None of them is on disk.
import { memberText } from '../../format/flow-members.ts';
import { flowFromText } from '../../format/flow-parse.ts';
import { parseUow } from '../../format/uow-parse.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { type FlowMember, flowStateOf, memberName } from '../../model/flow.ts';
import type { ParentState } from '../../model/parents.ts';
import type { WaitingQueue } from '../../model/queue.ts';
import type { FlowSeen } from '../../model/seen.ts';
import { type Stamp, textFromStamp } from '../../model/stamp.ts';
import type { Context } from '../context.ts';
import { enlist } from '../survey/enlist.ts';
import { type Parent, stateOfMember } from '../survey/parents.ts';
import type { FileFacts } from '../survey/relook.ts';

/** A flow that is to be played: its name, its file's text, and where its UOWs wait. */
export interface NewFlow {
  readonly name: Bytes;
  readonly text: Bytes;
  readonly queue: WaitingQueue;
  readonly facts: () => FileFacts;
  readonly nextStamp: () => Stamp;
}

/** Has the UOWs of a flow wait, each knowing those of the others that it waits for. Gives their names; undefined if it is no flow. */
export function enlistFlow(
  context: Context,
  { name, text, queue, facts, nextStamp }: NewFlow,
): readonly Bytes[] | undefined {
  const read = flowFromText(text, name);
  if (read.kind !== 'flow') return undefined;
  const made = read.flow.uows.flatMap((uow) => {
    const parsed = parseUow(memberText(uow, name) ?? ('' as Bytes));
    return parsed.kind === 'uow' ? [{ name: memberName(name, uow.name), head: parsed.head, stamp: nextStamp() }] : [];
  });
  const { meant } = context.picture.parents;
  const others = made.map((each): readonly [Bytes, Parent] => [
    each.name,
    { name: each.name, stamp: each.stamp, state: 'waits', children: new Set(), isLookedAt: true },
  ]);
  for (const { name: member, head, stamp } of made) {
    // Told beforehand whom its names mean, or it would look for them on disk.
    meant.set(textFromStamp(stamp), new Map(others));
    enlist(context, queue, member, facts(), { ...head, stamp });
    meant.delete(textFromStamp(stamp));
  }
  return made.map((each) => each.name);
}

/** The flows that are not over. */
export interface PlayedFlows {
  add(name: Bytes, members: readonly Bytes[]): void;
  /** Gives the word of each; one that is done is forgotten. `isRunning` tells who runs. */
  seen(isRunning: (name: Bytes) => boolean): readonly FlowSeen[];
}

/** Gives the flows that the picture has, as they go on. `ended` has how UOWs ended since; `onDone` is told of each that is done, for those that wait for all of it. */
export function playedFlows(
  { picture }: Context,
  ended: ReadonlyMap<Bytes, ParentState>,
  onDone: (flow: Bytes) => void,
): PlayedFlows {
  const flows = new Map<
    Bytes,
    { readonly members: readonly Bytes[]; readonly stamp?: Stamp; readonly isPaused: boolean }
  >();
  for (const { name, members, stamp, status } of picture.flows.values())
    flows.set(name, { members, stamp, isPaused: status.word === 'paused' });

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
    add(name, members) {
      flows.set(name, { members, isPaused: false });
    },
    seen(isRunning) {
      return [...flows].flatMap(([name, { members, stamp, isPaused }]) => {
        const { word } = flowStateOf(members.map((member) => memberSeen(member, stamp, isRunning(member))));
        if (word === 'done') {
          flows.delete(name);
          onDone(name);
        }
        return word === 'done' ? [] : [{ name: shownFromName(name), word: isPaused ? ('paused' as const) : word }];
      });
    },
  };
}
