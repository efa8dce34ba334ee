// A flow: several UOWs in one file that wait for each other, or are an array. What it is called, what its state is, and when it is over.
import type { ArrayItem } from './array.ts';
import type { Bytes } from './bytes.ts';
import { type ParentSeen, type ParentState, parentVerdict } from './parents.ts';
import type { WaitingQueue } from './queue.ts';
import type { HeaderLine } from './uow.ts';

/** One section of a flow file. */
export interface FlowSection {
  /** Empty in a file that is one array and nothing else. */
  readonly name: Bytes;
  /** Where its title stands. */
  readonly line: number;
  readonly header: readonly HeaderLine[];
  /** The text of its UOW: no stamp, no STATUS. */
  readonly text: Bytes;
}

/** One UOW that a flow makes: of a section, or of an item of one that is an array. */
export interface FlowUow {
  /** Within the flow. */
  readonly name: Bytes;
  readonly line: number;
  readonly section: FlowSection;
  /** That of its section, with the names of all UOWs of the arrays that it waits for. */
  readonly text: Bytes;
  readonly item?: ArrayItem;
}

/** A flow in a flow: the name of the section that uses it, and of its UOWs, all within the outermost one. */
export interface FlowPart {
  readonly name: Bytes;
  readonly members: readonly Bytes[];
}

/** The words of a flow's STATUS. `taking-in` until all its UOWs stand in their queue. */
export type FlowWord = 'taking-in' | 'running' | 'paused' | 'blocked' | 'done';

/** What the STATUS of a flow says. `queue` is there while it is taken in. */
export interface FlowStatus {
  readonly word: FlowWord;
  readonly queue?: WaitingQueue;
  /** Of a persistent one, behind CLOSE FLOW. */
  readonly isClosed?: true;
  readonly done: number;
  readonly of: number;
  readonly at: number;
}

/** A UOW of a flow as its state is reckoned from: `waits` with what keeps it, or how it ended; `runs` also if it is on its way. */
export interface FlowMember {
  readonly name: Bytes;
  readonly state: Exclude<ParentState, 'waits'> | 'runs' | 'waits';
  readonly isHeld: boolean;
  readonly parents: readonly ParentSeen[];
}

/** A name of a flow's UOW has at most so many bytes: 255 of a file's name, and room for the `~2` that its flow may get. */
export const longestMember = 240;

/** So many UOWs a flow has at most. */
export const mostUows = 1000;

/** True for a flow of which something runs, or can start before a person does something. */
export function isGoingOn(word: FlowWord): boolean {
  return word === 'running' || word === 'taking-in';
}

/**
 * Gives what a flow is to those that wait for all of it: done when it is; ended badly when nothing of it can go on because one did, or
 * was cancelled. One that is only held waits.
 */
export function flowAsParent(
  members: readonly FlowMember[],
  parts: readonly FlowPart[] = [],
): Extract<ParentState, 'waits' | 'done' | 'bad'> {
  const { word } = flowStateOf(members, parts);
  if (word === 'done') return 'done';
  const hasEndedBadly = members.some(({ state }) => state === 'bad' || state === 'cancelled');
  return word === 'blocked' && hasEndedBadly ? 'bad' : 'waits';
}

/** Gives the name of a flow's UOW. */
export function memberName(flow: Bytes, section: Bytes): Bytes {
  return `${flow}.${section}` as Bytes;
}

/**
 * Gives the state of a flow by its UOWs: done if each is done, skipped or continued, or is one that was to run only if another had
 * ended badly, which did not; blocked if nothing of it runs or can start before a person does something; else running. `parts` are the
 * flows in it, for which others of it may wait; names as those of `members`.
 */
export function flowStateOf(
  members: readonly FlowMember[],
  parts: readonly FlowPart[] = [],
): {
  readonly word: 'running' | 'blocked' | 'done';
  readonly done: number;
} {
  const isDone = ({ state }: FlowMember): boolean => state === 'done' || state === 'continued';
  const isNeedless = ({ state, parents }: FlowMember): boolean =>
    state === 'waits' && parents.some((parent) => parent.wanted === 'not-ok' && parentVerdict(parent) === 'never');
  const done = members.filter(isDone).length;
  if (members.every((member) => isDone(member) || isNeedless(member))) return { word: 'done', done };
  const byName = new Map(members.map((member) => [member.name, member]));
  const partByName = new Map(parts.map((part) => [part.name, part.members]));
  const known = new Map<FlowMember, boolean>();
  const canGoOn = (member: FlowMember): boolean => {
    if (member.state === 'runs') return true;
    if (member.state !== 'waits' || member.isHeld) return false;
    const before = known.get(member);
    if (before !== undefined) return before;
    // One in a circle cannot.
    known.set(member, false);
    const can = member.parents.every((parent) => {
      const verdict = parentVerdict(parent);
      const other = byName.get(parent.as ?? parent.name);
      if (verdict !== 'shut') return verdict === 'open';
      if (other) return canGoOn(other);
      const part = partByName.get(parent.as ?? parent.name)?.flatMap((name) => byName.get(name) ?? []);
      // What an array waits for stands outside of it.
      return part && part.length > 0 ? part.some(canGoOn) : parent.state === 'waits';
    });
    known.set(member, can);
    return can;
  };
  return { word: members.some(canGoOn) ? 'running' : 'blocked', done };
}
