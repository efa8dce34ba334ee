// One wake, in the original's order: messages, survey, move, edit, launch. (Posting status and sleeping are the monitor's and the
// loop's.)
import { isWaitingQueue } from '../model/queue.ts';
import type { Action } from '../model/action.ts';
import { isUow } from '../model/seen.ts';
import { plan } from '../plan/plan.ts';
import { apply } from './apply/apply.ts';
import { lookAtDisk } from './apply/disk.ts';
import type { Context } from './context.ts';
import type { Inbox } from './messages/inbox.ts';
import { nextMessages } from './messages/messages.ts';
import { inForce } from './report/machine.ts';
import { lookForAlarms } from './report/alarms.ts';
import { lookAtProgress } from './report/progress.ts';
import type { Picture } from './survey/picture.ts';
import { judgedAWake, survey } from './survey/survey.ts';
import { retryUnfinished } from './apply/until-done.ts';

/** What a wake came to. */
export interface Woken {
  readonly hasChanged: boolean;
  /** True if the posted status is no longer true. */
  readonly isNews: boolean;
  /** True if nothing runs, nothing settles, nothing is being asked, and nothing that waits may start. */
  readonly isIdle: boolean;
  readonly lookAgainAt: number;
  /** Why the monitor is to end now. */
  readonly stop?: string;
}

/** Does one wake. `isPoll` looks at everything, not only at what hints named. */
export function wake(context: Context, inbox: Inbox, isPoll: boolean): Woken {
  const { picture } = context;
  const diskDueAt = lookAtDisk(context);
  if (isPoll) retryUnfinished(context);
  const looked = survey(context, [], isPoll);
  // Read behind the survey: a fault there must not cost a message that was read and is not acted upon.
  const hasProgressed = lookAtProgress(context);
  const seen = { ...looked, messages: nextMessages(context, inbox) };
  const actions = plan(seen, context.config);
  const applied = apply(context, actions, inbox);
  const alarmAt = lookForAlarms(context);
  // Those that are left to themselves made room for others to be judged.
  const areMoreDue = seen.arrivals.length >= judgedAWake && actions.some(({ kind }) => kind === 'leave');
  const isCountOwed = picture.isFirstLook && picture.staleCounts.size > 0;
  const isLookOwed = picture.isLookOwed || areMoreDue || isCountOwed;
  const trouble = inForce(picture.trouble, seen.now)?.text;
  const isNews =
    applied.isNews || picture.wakes === 0 || picture.isNews || hasProgressed || trouble !== picture.toldTrouble;
  picture.isNews = false;
  picture.toldTrouble = trouble;
  picture.wakes += 1;
  // Who was found waiting may start, and what is due may be fired, from the next wake on.
  const isJustFound = picture.isFirstLook && (doesAnyWait(picture) || picture.schedules.size > 0);
  const hasChanged = applied.hasChanged || isJustFound || picture.parents.dirtyFlows.size > 0;
  return {
    hasChanged,
    isNews,
    isIdle: !hasChanged && !inbox.hasOpen && isIdle(context, actions),
    lookAgainAt: Math.min(applied.lookAgainAt, alarmAt, diskDueAt, isLookOwed ? seen.now : picture.arrivals.nextAt),
    ...(applied.stop !== undefined && { stop: applied.stop }),
  };
}

function doesAnyWait({ waiting }: Picture): boolean {
  return Object.values(waiting).some(({ size }) => size > 0);
}

function isIdle({ picture }: Context, actions: readonly Action[]): boolean {
  if (picture.runs.size > 0 || picture.dropping.size > 0 || picture.hints.size > 0) return false;
  if (actions.some(({ kind }) => kind === 'ask' || kind === 'ask-writers')) return false;
  for (const arrival of picture.arrivals) {
    const { queue } = arrival;
    if (isUow(arrival) && (isWaitingQueue(queue) || queue === 'executing')) return false;
  }
  return true;
}
