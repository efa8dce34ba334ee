// Carries out what the plan decided, in its order, each action safe to repeat. A fault of one action (a full disk, a missing
// right) is reported and concerns that action only: the next wake plans it again.
import type { Action, Receipt } from '../../model/action.ts';
import { bytesFromUtf8 } from '../../model/bytes.ts';
import type { MessageSeen } from '../../model/seen.ts';
import { runPaths } from '../../model/paths.ts';
import { shownMessage } from '../../plan/messages/answer.ts';
import { ask, askWriters, match, sweep } from './ask.ts';
import { askWhen } from './ask-when.ts';
import { Batch } from './batch.ts';
import { claim, launchAgain, withdraw } from './claim.ts';
import type { Context } from '../context.ts';
import { type FaultyStep, reportFault } from './fault.ts';
import { finish, giveBack } from './finish.ts';
import { adopt, fire, forgetSchedule } from './fire.ts';
import { runHooks, runHooksAgain } from './hooks.ts';
import type { Inbox } from '../messages/inbox.ts';
import { interrupt, noteVanished, unlinkDuplicate } from './by-hand.ts';
import type { RunState } from '../survey/run-state.ts';
import { noteFlows } from './note-flows.ts';
import { noteParents } from './note-parents.ts';
import { obey } from '../messages/obey.ts';
import { hasOriginal } from '../survey/arrival.ts';
import { reload } from '../reload.ts';
import { restore } from './restore.ts';
import { raise } from '../report/alarm.ts';
import { accept, takeIn } from './take-in.ts';
import { takeInFlow } from './take-in-flow.ts';
import { trash } from './trash.ts';
import { writeControl } from './control.ts';

/** What a wake came to. */
export interface Applied {
  /** True if something changed on disk or in memory, so that another look is worth it at once. */
  readonly hasChanged: boolean;
  /** True if the posted status is no longer true. */
  readonly isNews: boolean;
  /** When to look again at the latest, besides the poll. */
  readonly lookAgainAt: number;
  readonly stop?: string;
}

/** Carries the actions out. Never throws: what fails is reported to monitor_says. */
export function apply(context: Context, actions: readonly Action[], inbox: Inbox): Applied {
  const batch = new Batch(context.machine.files, context.config.durability);
  let hasChanged = false;
  let hasMoved = false;
  let lookAgainAt = Infinity;
  let stop: string | undefined;
  let reloadMessage: MessageSeen | undefined;
  for (const action of actions) {
    if (action.kind === 'put-off') lookAgainAt = Math.min(lookAgainAt, action.until);
    else if (action.kind === 'look-again') lookAgainAt = Math.min(lookAgainAt, action.at);
    else if (action.kind === 'stop') stop = action.why;
    else if (action.kind === 'reload') reloadMessage = action.message;
    else if (action.kind === 'ask-writers')
      lookAgainAt = Math.min(lookAgainAt, Math.max(context.picture.writersAskableAt, context.machine.clock.now()));
    let receipt: Receipt = 'fault';
    guarded(context, action, () => (receipt = one(context, action, inbox, batch)));
    if (isDone(receipt) && isChange(action)) hasChanged = true;
    if (isDone(receipt) && isForeseen(action)) hasMoved = true;
  }
  // What a fault left undone is done again, but not at once.
  const isCommitted = batch.commit((step) => guarded(context, 'sync', step));
  if (!isCommitted) hasChanged = false;
  else if (hasMoved && mayConcludeMore(context, inbox)) hasChanged = true;
  noteFlows(context);
  noteParents(context);
  if (reloadMessage) {
    const message = reloadMessage;
    // New settings are for the next wake.
    hasChanged = guarded(context, 'sync', () => {
      reload(context, { to: shownMessage(message), by: message.by });
      inbox.acted(message);
    });
  }
  const { trouble } = context.picture;
  if (trouble && trouble.until > context.machine.clock.now()) lookAgainAt = Math.min(lookAgainAt, trouble.until);
  return { hasChanged, isNews: hasChanged || hasMoved, lookAgainAt, ...(stop !== undefined && { stop }) };
}

function isDone(receipt: Receipt): boolean {
  return receipt === 'done';
}

/** Does a step; a fault of the machine is reported, and false is given back. */
function guarded(context: Context, of: FaultyStep, step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    reportFault(context, of, error);
    return false;
  }
}

/** Asking, waiting and speaking change nothing that a second look could see at once. */
function isChange({ kind }: Action): boolean {
  return (
    ![
      'say',
      'alarm',
      'report-foreign',
      'resolve',
      'ask',
      'ask-when',
      'ask-writers',
      'look-again',
      'leave',
      'put-off',
      'sweep',
      'match',
      'end-job',
      'stop',
      'launch',
      'run-hooks',
      'run-hooks-again',
    ].includes(kind) && !isForeseen({ kind })
  );
}

/** A claim and an end are reckoned with by the plan that makes them: the slot of what ends is given to the next at once. */
function isForeseen({ kind }: Pick<Action, 'kind'>): boolean {
  return kind === 'claim' || kind === 'finish';
}

/**
 * True if another look at once may conclude something from claims and ends: nothing runs any more, an attempt is over without having
 * begun, a name is to be looked at again, what waits for it may go on, or a message waits for one of them.
 */
function mayConcludeMore({ picture }: Context, inbox: Inbox): boolean {
  const { runs, hints, parents } = picture;
  return (
    runs.size === 0 ||
    hints.size > 0 ||
    parents.touched.size > 0 ||
    inbox.hasOpen ||
    [...runs.values()].some(({ result }) => result !== undefined)
  );
}

function one(context: Context, action: Action, inbox: Inbox, batch: Batch): Receipt {
  const run = 'record' in action ? context.picture.runs.get(action.record.id) : undefined;
  if ('record' in action && !run) return 'gone';
  switch (action.kind) {
    case 'take-in':
    case 'accept':
      return admit(context, action, batch);
    case 'trash':
      trash(context, action.arrival, action.why);
      return 'done';
    case 'interrupt':
      interrupt(context, action.arrival, batch);
      return 'done';
    case 'unlink-duplicate':
      unlinkDuplicate(context, action.arrival, batch);
      return 'done';
    case 'note-vanished':
      noteVanished(context, action.vanished);
      return 'done';
    case 'claim':
      return claim(context, action.uow, batch, action);
    case 'launch':
      if (run) launchAgain(context, run, batch);
      return 'done';
    case 'withdraw':
      withdraw(context, action.record.id);
      return 'done';
    case 'end-job':
      if (run) endJob(context, run);
      return 'done';
    case 'sweep':
      if (run) sweep(context, run);
      return 'done';
    case 'match':
      if (run) match(context, run);
      return 'done';
    case 'run-hooks':
      if (run) runHooks(context, run, action, batch);
      return 'done';
    case 'run-hooks-again':
      if (run) runHooksAgain(context, run, action.isNew, batch);
      return 'done';
    case 'restore':
      if (run) restore(context, run);
      return 'done';
    case 'finish':
      if (run) finish(context, run, action.outcome, action, batch);
      return 'done';
    case 'return':
      if (run) giveBack(context, run, action, batch);
      return 'done';
    case 'ask':
      ask(context, action.what);
      return 'done';
    case 'ask-when':
      askWhen(context, action.uow);
      return 'done';
    case 'ask-writers':
      askWriters(context, action.arrivals);
      return 'done';
    case 'fire':
      return fire(context, action);
    case 'keep-fired':
      return adopt(context, action);
    case 'forget-schedule':
      return forgetSchedule(context, action.schedule);
    case 'report-foreign':
      context.picture.reportedForeign.add(action.pid);
      context.say(action.notice);
      return 'done';
    case 'alarm':
      raise(context, action.alarm);
      return 'done';
    case 'say':
      context.say(action.notice);
      return 'done';
    case 'control':
      writeControl(context, action.control);
      return 'done';
    case 'resolve':
      inbox.resolve(action.message, action.to);
      return 'done';
    case 'obey':
      return obey(context, action, inbox);
    case 'put-off':
      inbox.putOff(action.message);
      return 'done';
    case 'acted':
      inbox.acted(action.message);
      return 'done';
    case 'leave':
      context.picture.arrivals.leave(action.arrival, action.until);
      return 'done';
    case 'reload':
    case 'stop':
    case 'look-again':
      return 'done';
  }
}

/** Takes a UOW in; as a new one if it turns out a copy by now: its original was looked at after it. */
function admit(context: Context, action: Extract<Action, { kind: 'take-in' | 'accept' }>, batch: Batch): Receipt {
  const { arrival } = action;
  if (arrival.is.kind === 'flow') return takeInFlow(context, arrival, batch);
  const isFresh = arrival.is.kind === 'uow' && hasOriginal(context, arrival, arrival.is.head);
  const isFreshWaiting = isFresh && arrival.queue in context.picture.waiting;
  if (action.kind === 'accept' && !isFreshWaiting) accept(context, arrival, action.rerun, batch);
  else {
    const receipt = takeIn(
      context,
      arrival,
      { isFresh: isFresh || (action.kind === 'take-in' && action.fresh) },
      batch,
    );
    if (receipt === 'gone') return receipt;
  }
  context.picture.retried.delete(arrival.ino);
  return 'done';
}

/** The guardian is a shell, which may miss a signal between two of its words: it is repeated while it lives. */
const signalEveryMs = 1000;

/** Asks the guardian to end its job: the reason on disk first, then the signal. The plan repeats it while the guardian lives. */
function endJob({ machine, paths }: Context, run: RunState): void {
  const now = machine.clock.now();
  machine.files.create(runPaths(paths, run.record.id).end, bytesFromUtf8('killed\n'), { mode: 0o644, sync: false });
  run.isEndAsked = true;
  if (run.guardianPid === undefined || Math.abs(now - (run.endSignalledAt ?? -Infinity)) < signalEveryMs) return;
  const startTicks = machine.processes.startTicks(run.guardianPid);
  if (startTicks === undefined) return;
  const guardian = [{ pid: run.guardianPid, startTicks }];
  machine.processes.signal(guardian, 'SIGTERM');
  // Its job may have stopped it.
  machine.processes.signal(guardian, 'SIGCONT');
  run.endSignalledAt = now;
}
