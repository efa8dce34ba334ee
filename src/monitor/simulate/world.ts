// The world of a simulation: a picture of the root that nobody brings up to date any more, in which the actions of the plan are played. A job
// runs until its time is over and ends well; nothing is written, asked or launched. Long because it is one world: each kind of action
// stands beside what it changes.
import { occurrenceFromTemplate } from '../../format/flow-template.ts';
import { headReadBytes, parseUow } from '../../format/uow-parse.ts';
import type { Action } from '../../model/action.ts';
import { type Bytes, bytesFromUtf8, shownFromName } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import { isParkedBy, type ParentState } from '../../model/parents.ts';
import { join } from '../../model/paths.ts';
import { isWaitingQueue } from '../../model/queue.ts';
import { longestRateMs } from '../../model/rate.ts';
import { type RunRecord, runIdOf } from '../../model/run.ts';
import { occurrenceName } from '../../model/schedule.ts';
import type { CommandAnswer, ClaimSeen, Seen, WaitingUow } from '../../model/seen.ts';
import { instantOfStamp, type Stamp } from '../../model/stamp.ts';
import type { UowName } from '../../model/uow.ts';
import { textInZone } from '../../model/zone.ts';
import { readControl } from '../apply/control.ts';
import type { Context } from '../context.ts';
import { readJobTypes } from '../job-types.ts';
import { observer } from '../observe.ts';
import { runningOf } from '../report/posted.ts';
import { lookAtProgress } from '../report/progress.ts';
import { loadUsual } from '../report/usual.ts';
import { expiredNow } from '../survey/expiring.ts';
import { enlist, enlistStamped } from '../survey/enlist.ts';
import { lookAtParents } from '../survey/parents.ts';
import { readHead } from '../survey/read-uow.ts';
import type { FileFacts } from '../survey/relook.ts';
import { findRuns } from '../survey/runs.ts';
import { noteRate, noteStart, startsSeen } from '../survey/starts.ts';
import { renewNextDue, schedulesSeen } from '../survey/schedules.ts';
import { seenNow, survey } from '../survey/survey.ts';
import { durationsFrom } from './durations.ts';
import { enlistFlow, type NewFlow, type PlayedFlow, playedFlows } from './flows.ts';
import type { Played } from './simulate.ts';

export type Parts = Pick<Context, 'machine' | 'paths' | 'config'>;

/** A played world. `now` is its clock, which its owner moves on. */
export interface World {
  now: number;
  /** The settings, less what asks the machine: it is always ready, and nobody else's processes run. */
  readonly config: Config;
  seen(): Seen;
  /** Plays what a plan wants. False if nothing of it changes the world. */
  carryOut(actions: readonly Action[]): { readonly events: readonly PlayedNow[]; readonly hasChanged: boolean };
  nextEndAt(): number;
  running(): readonly { readonly name: UowName; readonly startAt: number; readonly endAt: number }[];
}

type PlayedNow = Exclude<Played, { kind: 'waits' }>;

interface Running {
  claim: ClaimSeen;
  readonly endAt: number;
}

/** What a job leaves that ends well and asks for nothing. */
const calm = { doneExit: [], failExit: [], idempotent: false };

/** Reads the root as it is, and gives the world that begins then at `startAt`. */
export function openWorld(
  parts: Parts,
  { startAt, defaultDurationMs }: { readonly startAt: number; readonly defaultDurationMs: number },
): World {
  let now = startAt;
  const clock = { ...parts.machine.clock, now: () => now };
  // What is being written in a copy that was made a moment ago is whole all the same.
  const config: Config = { ...parts.config, settleMs: 0, ready: {}, procnames: [] };
  const context = observer({ machine: { ...parts.machine, clock }, paths: parts.paths, config }, readControl(parts));
  const { picture } = context;
  picture.jobTypes = readJobTypes(context).map((type) => ({ ...type, procnames: [] }));
  findRuns(context);
  survey(context, [], false);
  enlistStamped(context);
  let ordinal = 0;
  const nextStamp = (): Stamp => ({
    seconds: Math.floor(now / 1000),
    ordinal: (now % 1000) * 1000 + (ordinal++ % 1000),
  });
  let inode = -1;
  const facts = (): FileFacts => ({ ino: inode--, sizeBytes: 0, mtimeMs: now, ctimeMs: now });
  const dropped = enlistUnstamped(context, { nextStamp, facts });
  // Of all that is kept at once: a rate that comes later would have the history read again, which knows nothing of what was played.
  noteRate(picture, { perMs: longestRateMs });
  lookAtParents(context);
  loadUsual(context);
  lookAtProgress(context);
  const durationOf = durationsFrom(context, defaultDurationMs);
  const running = new Map<string, Running>();
  const base = seenNow(context);
  for (const claim of base.claims) {
    const expected = claim.result ? now : (runningOf(context, claim).estimate?.endAt ?? now + defaultDurationMs);
    const { hooks: _hooks, ...record } = claim.record;
    const endAt = expected >= now ? expected : now + defaultDurationMs;
    running.set(record.id, { claim: claimOf({ ...record, judging: calm }), endAt });
  }
  picture.runs.clear();
  for (const state of picture.schedules.values()) {
    if (!state.fired) continue;
    state.fired = { ...state.fired, after: Math.min(state.fired.after, now), firing: [] };
    renewNextDue(state);
  }
  const ended = new Map<Bytes, ParentState>();
  const flows = playedFlows(context, ended, end);
  for (const { name, flow } of dropped) flows.add(name, flow);

  /** Has the children of a UOW know how it ended. */
  function end(name: UowName, state: ParentState): void {
    ended.set(name, state);
    for (const index of Object.values(picture.waiting)) {
      for (const uow of [...index]) if (uow.parents?.some((parent) => (parent.as ?? parent.name) === name)) renew(uow);
    }
  }

  function renew({ isParked: _before, ...uow }: WaitingUow): void {
    const parents = (uow.parents ?? []).map((parent) => ({
      ...parent,
      state: (parent.state === 'waits' ? ended.get(parent.as ?? parent.name) : undefined) ?? parent.state,
    }));
    const isParked = isParkedBy({ ...uow, parents });
    picture.waiting[uow.queue].add({ ...uow, parents, ...(isParked && { isParked }) });
  }

  function claim(action: Extract<Action, { kind: 'claim' }>): PlayedNow {
    const { uow, fault, isExpired } = action;
    const { name } = uow;
    picture.waiting[uow.queue].remove(name);
    if (isExpired || fault !== undefined) {
      end(name, isExpired && uow.expires?.how === 'skip' ? 'done' : 'bad');
      return { kind: 'ended', name, at: now, why: fault ?? 'its ttl is over' };
    }
    const { ms, from } = durationOf(uow);
    const record = recordOf(uow, now);
    running.set(record.id, { claim: claimOf(record), endAt: now + ms });
    noteStart(picture, uow, now);
    return {
      kind: 'run',
      name,
      startAt: now,
      endAt: now + ms,
      waitedMs: Math.max(0, now - instantOfStamp(uow.stamp)),
      from,
    };
  }

  function fire({ schedule, times, skipped, missed, after }: Extract<Action, { kind: 'fire' }>): readonly PlayedNow[] {
    const state = picture.schedules.get(schedule);
    if (!state?.fired || !state.template || !state.schedule) return [];
    for (const at of times) {
      const scheduledAt = textInZone(state.schedule.zone, at);
      const madeFor = { by: schedule, scheduledAt, stamp: nextStamp(), event: 'enqueued', now };
      const text = occurrenceFromTemplate(state.template.bytes, state.template.head, madeFor);
      if (text === undefined) continue;
      const name = bytesFromUtf8(occurrenceName(schedule, at));
      const flow = enlistFlow(context, { name, text, queue: 'wait', facts, nextStamp });
      if (flow) flows.add(name, flow);
      const parsed = flow ? undefined : parseUow(text);
      if (parsed?.kind === 'uow') enlist(context, 'wait', name, facts(), parsed.head);
      const made = picture.waiting.wait.get(name);
      if (made?.parents) renew(made);
    }
    const last = times.at(-1);
    const count = state.fired.count + times.length;
    state.fired = { ...state.fired, after, count, ...(last !== undefined && { last }) };
    renewNextDue(state);
    const name = shownFromName(schedule);
    return [
      ...skipped.map((at) => ({
        kind: 'unfired' as const,
        name,
        at,
        count: 1,
        why: 'the one before still waits or runs',
      })),
      ...(missed ? [{ kind: 'unfired' as const, name, at: missed.first, count: missed.count, why: 'missed' }] : []),
    ];
  }

  /** Undefined for what does not happen here. */
  function play(action: Action): readonly PlayedNow[] | undefined {
    if (action.kind === 'claim') return [claim(action)];
    if (action.kind === 'fire') return fire(action);
    if (action.kind === 'finish') {
      running.delete(action.record.id);
      end(action.record.name, 'done');
    } else if (action.kind === 'keep-fired') {
      const state = picture.schedules.get(action.schedule);
      if (!state) return undefined;
      state.fired = action.fired;
      renewNextDue(state);
    } else if (action.kind === 'forget-schedule') picture.schedules.delete(action.schedule);
    else return undefined;
    return [];
  }

  function isRunning(name: Bytes): boolean {
    return [...running.values()].some(({ claim: { record } }) => record.name === name);
  }

  return {
    config,
    get now() {
      return now;
    },
    set now(at) {
      now = at;
    },
    seen() {
      for (const one of running.values()) {
        if (one.endAt > now || one.claim.result) continue;
        const result = { code: 0, why: 'exit', startedAt: now, endedAt: now, tee: 0, left: 0 } as const;
        one.claim = { ...one.claim, result, isGuardianAlive: false };
      }
      return {
        ...{ ...base, now, arrivals: [], vanished: [], messages: [], machine: calmMachine },
        claims: [...running.values()].map((one) => one.claim),
        flows: flows.seen(isRunning),
        ...expiredNow(picture, now),
        ...startsSeen(context),
        schedules: schedulesSeen(picture),
        jobTypes: picture.jobTypes,
      };
    },
    carryOut(actions) {
      const played = actions.map(play);
      return { events: played.flatMap((each) => each ?? []), hasChanged: played.some((each) => each !== undefined) };
    },
    nextEndAt: () => Math.min(...[...running.values()].map(({ endAt }) => endAt)),
    running: () =>
      [...running.values()].map(({ claim: { record }, endAt }) => ({
        name: record.name,
        startAt: record.claimedAt,
        endAt,
      })),
  };
}

/** Whoever asks is told yes, and that for ever. */
class Yes extends Map<string, CommandAnswer> {
  override get(): CommandAnswer {
    return { at: Infinity, isOk: true, text: '' };
  }
}

const calmMachine: Seen['machine'] = {
  ...{ load: 0, freeMemoryBytes: Infinity, freeDiskBytes: Infinity },
  whenAnswers: new Yes(),
};

/** Takes in what a person dropped and no monitor has stamped, in the order in which it would be. Gives the flows. */
function enlistUnstamped(
  context: Context,
  made: Pick<NewFlow, 'nextStamp' | 'facts'>,
): readonly { readonly name: Bytes; readonly flow: PlayedFlow }[] {
  const { picture, machine, paths } = context;
  return [...picture.arrivals].flatMap(({ queue, name, is, ...facts }) => {
    const path = join(paths.queue[queue], name);
    if (is.kind === 'flow' && isWaitingQueue(queue)) {
      const text = machine.files.read(path, 0, headReadBytes) ?? none;
      const flow = enlistFlow(context, { name, text, queue, ...made });
      return flow ? [{ name, flow }] : [];
    }
    if (is.kind !== 'unstamped' || (!isWaitingQueue(queue) && queue !== 'executing')) return [];
    const read = readHead(machine.files, path, facts.sizeBytes);
    if (read?.parsed.kind === 'uow')
      enlist(context, queue, name, facts, { ...read.parsed.head, stamp: made.nextStamp() });
    return [];
  });
}

function claimOf(record: RunRecord): ClaimSeen {
  return {
    ...{ record, started: 'yes', isGuardianAlive: true, isSameBoot: true, isSameMount: true, isTreeGone: false },
    ...{ placed: 'there', isFinished: false, resultFile: 'none', isEndAsked: false, isSuspended: false, isBusy: false },
  };
}

const none = '' as Bytes;

function recordOf(uow: WaitingUow, now: number): RunRecord {
  const { name, queue, stamp, attempts, slots, needs, group, schedule, flow, array, unique } = uow;
  const attempt = attempts + 1;
  return {
    ...{
      id: runIdOf(stamp, attempt, name),
      name,
      queue: queue === 'executing' ? 'wait' : queue,
      stamp,
      attempt,
      slots,
    },
    ...{ token: '', bootId: '', claimedAt: now, head: none, statusOffset: 0, logOffset: 0, eol: '\n', judging: calm },
    launch: {
      ...{ argv: [], environment: [], secrets: [], directory: none, input: none, cgroup: none },
      ...{ output: 'tee', leftovers: 'kill', graceMs: 0 },
    },
    ...(needs && { needs }),
    ...(group !== undefined && { group }),
    ...(schedule !== undefined && { schedule }),
    ...(flow !== undefined && { flow }),
    ...(array && { array: array.of }),
    ...(unique !== undefined && { unique }),
  };
}
