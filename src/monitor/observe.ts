// A look at a root from outside, with the monitor's own survey: for commands that read. Changes nothing and needs no monitor.
import type { PostedMachine } from '../model/posted.ts';
import { isWaitingQueue } from '../model/queue.ts';
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
  return observeWith(parts, control).seen;
}

/**
 * Gives also the context of the observer, for what else is to be read. `told`: what the monitor that serves the root has posted of its
 * machine; without it the gates that ask for that say what an answer that is still to come lets them say.
 */
export function observeWith(
  parts: Pick<Context, 'machine' | 'paths' | 'config'>,
  control: Control,
  told?: PostedMachine,
): { readonly context: Context; readonly seen: Seen } {
  const context = observer(parts, control);
  context.picture.jobTypes = readJobTypes(context);
  findRuns(context);
  survey(context, [], false);
  enlistStamped(context);
  lookAtKin(context);
  if (told) takeMachine(context, told);
  return { context, seen: seenNow(context) };
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
export function observer(parts: Pick<Context, 'machine' | 'paths' | 'config'>, control: Control): Context {
  return {
    ...parts,
    picture: emptyPicture(control, { isObserver: true }),
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
