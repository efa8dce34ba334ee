// The survey: brings the picture up to date with what stands on disk, and gives it to the plan. It reads and never changes a
// thing on disk.
import type { MessageSeen, Seen } from '../../model/seen.ts';
import type { Queue } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import { countAnew } from './count.ts';
import { expiredNow } from './expiring.ts';
import { uniquesFor } from './uniques.ts';
import { flowsSeen, loadFlows, lookAtKin } from './flows.ts';
import { lookAround } from './look.ts';
import type { Picture } from './picture.ts';
import { forgetStartsAhead, startsSeen } from './starts.ts';
import { claimsSeen } from './runs.ts';
import { lookAtSchedules, schedulesSeen } from './schedules.ts';

/** So many arrivals at most are judged in one wake: of more than these nobody can be taken in in it. */
export const judgedAWake = 4096;

/** Gives the picture of the root now. `isPoll` looks at every directory's mtime, not only at what hints named. */
export function survey(context: Context, messages: readonly MessageSeen[], isPoll: boolean): Seen {
  const { picture, machine } = context;
  const now = machine.clock.now();
  if (picture.lookedAt !== undefined && now < picture.lookedAt) forgetTimes(context, now);
  picture.lookedAt = now;
  lookAround(context, isPoll);
  loadFlows(context, isPoll);
  lookAtKin(context);
  lookAtSchedules(context, isPoll);
  return seenNow(context, messages);
}

/** Gives the picture as the last look left it: for who only tells of it. */
export function seenNow(context: Context, messages: readonly MessageSeen[] = []): Seen {
  const { picture, machine, config } = context;
  const now = machine.clock.now();
  const atMost = picture.isObserver ? Infinity : judgedAWake;
  const needsGauges = config.ready.load ?? config.ready.freeDiskBytes ?? config.ready.freeMemoryBytes;
  const { gauges } = machine;
  const arrivals = [
    ...picture.arrivals.due(now, { atMost, isPartial: picture.unlooked.size > 0 }),
    ...picture.readmes.values(),
  ];
  return {
    now,
    zone: picture.zone,
    control: picture.control,
    messages,
    arrivals,
    uniques: uniquesFor(picture, arrivals),
    // The other name of one that a person renamed may be among those that are still to be looked at.
    vanished: picture.isLookOwed ? [] : [...picture.vanished],
    claims: claimsSeen(context),
    waiting: picture.waiting,
    ...expiredNow(picture, now),
    isPartial: picture.isFirstLook && !picture.isObserver,
    hasUnseenNames: hasUnseenNames(picture),
    machine: {
      load: needsGauges === undefined ? 0 : gauges.load(),
      freeMemoryBytes: needsGauges === undefined ? Infinity : gauges.freeMemoryBytes(),
      freeDiskBytes: needsGauges === undefined ? Infinity : gauges.freeDiskBytes(context.paths.root),
      ...(picture.readyCommand && { readyCommand: picture.readyCommand }),
      whenAnswers: picture.whenAnswers,
      ...(picture.foreign && { foreign: picture.foreign }),
      ...(picture.trouble && { trouble: picture.trouble }),
    },
    jobTypes: picture.jobTypes,
    schedules: schedulesSeen(picture),
    flows: flowsSeen(picture),
    couldNotStart: { jobs: [...picture.notStarted.jobs.values()], launchers: picture.notStarted.launchers },
    ...startsSeen(context),
    reportedForeign: picture.reportedForeign,
    counts: countsOf(context),
  };
}

/** True if a look at a queue where a UOW can start is owed, or failed. */
function hasUnseenNames({ hints, unlooked, unread }: Picture): boolean {
  return (['wait', 'priority', 'executing'] as const).some((queue) =>
    [hints, unlooked, unread].some((owed) => owed.has(queue)),
  );
}

/** The wall clock was set back: times of ours that lie ahead now would hold things up for as long. */
function forgetTimes({ picture }: Context, now: number): void {
  delete picture.readyCommand;
  picture.whenAnswers.clear();
  forgetStartsAhead(picture, now);
  delete picture.foreign;
  delete picture.trouble;
  picture.listableAt.clear();
  for (const [queue, at] of picture.endedListedAt) picture.endedListedAt.set(queue, Math.min(at, now));
  for (const state of picture.schedules.values()) {
    delete state.refusedUntil;
    if (state.seen) state.seen = { ...state.seen, at: Math.min(state.seen.at, now) };
    if (state.goneAt !== undefined) state.goneAt = Math.min(state.goneAt, now);
  }
  for (const run of picture.runs.values()) {
    delete run.refusedUntil;
    if (run.askedAt !== undefined) run.askedAt = Math.min(run.askedAt, now);
    if (run.hooking?.askedAt !== undefined) run.hooking.askedAt = Math.min(run.hooking.askedAt, now);
  }
  for (const index of Object.values(picture.waiting)) {
    for (const { refused, ...uow } of [...index]) if (refused) index.add(uow);
  }
  for (const arrival of [...picture.arrivals]) {
    const { refusedUntil: _refused, writersAskedAt: _asked, ...rest } = arrival;
    picture.arrivals.set({ ...rest, unchangedSince: Math.min(arrival.unchangedSince, now) });
  }
}

/** Gives how many UOWs stand in each queue; a count that a person's hand made doubtful is made anew. */
export function countsOf(context: Context): Readonly<Record<Queue, number>> {
  const { picture } = context;
  const { waiting } = picture;
  for (const queue of picture.staleCounts) countAnew(context, queue);
  return {
    ...picture.counts,
    wait: waiting.wait.size,
    priority: waiting.priority.size,
    executing: picture.runs.size + waiting.executing.size,
  };
}
