// A look at a root from outside, with the monitor's own survey: for commands that read. Changes nothing and needs no monitor.
import type { Bytes } from '../model/bytes.ts';
import type { PostedMachine } from '../model/posted.ts';
import { isWaitingQueue, waitingQueues } from '../model/queue.ts';
import type { Control, Seen } from '../model/seen.ts';
import type { Context } from './context.ts';
import { intake } from '../plan/rules/intake.ts';
import { nextMessages } from './messages/messages.ts';
import { peekInbox } from './messages/peek.ts';
import { takeMachine } from './report/machine.ts';
import { keyOfArrival } from './survey/arrivals.ts';
import { readJobTypes } from './job-types.ts';
import { emptyPicture } from './survey/picture.ts';
import { findRuns } from './survey/runs.ts';
import { enlist, enlistStamped } from './survey/enlist.ts';
import { lookAtKin } from './survey/flows.ts';
import { seenNow, survey } from './survey/survey.ts';

/** Gives the picture of a root now. UOWs that are complete and stamped count as waiting, others as arriving. */
export function observe(parts: Pick<Context, 'machine' | 'paths' | 'config'>, control: Control): Seen {
  return looked(observer(parts, control));
}

/** What an observer of waiting UOWs may be told. */
export interface Told {
  /** What the monitor that serves the root has posted of its machine; without it the gates that ask for that say that it is being asked. */
  readonly machine?: PostedMachine | undefined;
  /** Of what waits only these are looked at: who stands before them is not known then. */
  readonly only?: readonly Bytes[] | undefined;
}

/**
 * Gives the same of what waits and runs alone, in the time that this takes: what a person put where UOWs end is not looked at. Gives also
 * the context of the observer, for what else is to be read.
 */
export function observeWith(
  parts: Pick<Context, 'machine' | 'paths' | 'config'>,
  control: Control,
  { machine, only }: Told = {},
): { readonly context: Context; readonly seen: Seen } {
  const context = observer(parts, control, { isOfWaiting: true });
  if (only) for (const queue of waitingQueues) context.picture.hints.set(queue, { isAll: false, names: new Set(only) });
  return { context, seen: looked(context, machine) };
}

function looked(context: Context, told?: PostedMachine): Seen {
  context.picture.jobTypes = readJobTypes(context);
  findRuns(context);
  survey(context, [], false);
  enlistStamped(context);
  lookAtKin(context);
  if (told) takeMachine(context, told);
  return seenNow(context);
}

/**
 * Gives the picture that the next wake would plan from, messages too. What it only has to accept counts as waiting: a monitor that lives has
 * done so, and one that starts does so before all else. `isServed`: one lives, and has asked for whatever was claimed.
 */
export function foreseen(
  parts: Pick<Context, 'machine' | 'paths' | 'config'>,
  { control, isServed }: { readonly control: Control; readonly isServed: boolean },
): Seen {
  const context = observer(parts, control);
  const { picture } = context;
  picture.jobTypes = readJobTypes(context);
  findRuns(context);
  survey(context, [], false);
  for (const action of intake(seenNow(context), context.config)) {
    if (action.kind !== 'accept' && action.kind !== 'take-in') continue;
    const { is, queue, name } = action.arrival;
    const isNew = is.kind !== 'uow' || !is.head.stamp || is.head.status?.word !== 'waiting';
    if (action.kind === 'take-in' ? action.fresh || isNew : action.rerun) continue;
    picture.arrivals.delete(keyOfArrival({ queue, name }));
    if (is.kind === 'uow' && (isWaitingQueue(queue) || queue === 'executing'))
      enlist(context, queue, name, action.arrival, is.head);
  }
  lookAtKin(context);
  const seen = seenNow(context, nextMessages(context, peekInbox(context)));
  if (!isServed) return seen;
  return { ...seen, claims: seen.claims.map((claim) => ({ askedAt: seen.now, ...claim })) };
}

/** Gives the context of somebody who looks at a root, or mends it while no monitor does, and starts nothing. Nobody hears it. */
export function observer(
  parts: Pick<Context, 'machine' | 'paths' | 'config'>,
  control: Control,
  { isOfWaiting }: { readonly isOfWaiting: boolean } = { isOfWaiting: false },
): Context {
  return {
    ...parts,
    picture: emptyPicture(control, { isObserver: true, isOfWaiting }),
    version: '',
    ...{ cgroups: undefined, sinks: [] },
    launcher: () => {
      throw new Error('an observer starts nothing');
    },
    say: () => undefined,
    flush: () => true,
    wake: () => undefined,
  };
}
