// The posted status as it is now, from the picture: for the files in status/ and for `sjq status`. Looks at the front of what
// waits and never at all of it, unless it is asked to.
import { parseUow } from '../../format/uow-parse.ts';
import { shownShort, utf8FromBytes } from '../../model/bytes.ts';
import { estimateOf } from '../../model/estimate.ts';
import { Header } from '../../model/header.ts';
import type { Holder, Posted, PostedFlow, PostedRunning, PostedWaiting, QueueState } from '../../model/posted.ts';
import { type Queue, queueKinds } from '../../model/queue.ts';
import { instantOfStamp } from '../../model/stamp.ts';
import type { RunRecord } from '../../model/run.ts';
import type { ClaimSeen, Seen } from '../../model/seen.ts';
import { slotsTaken } from '../../plan/rules/promote.ts';
import { waitingWithWhy } from '../../plan/why.ts';
import type { Context } from '../context.ts';
import { endedNow } from './ended.ts';
import { postedMachine } from './machine.ts';
import { earlierRunsMs } from './usual.ts';

const commandLimit = 200;
const listedFlows = 50;

/** Gives the posted status. `monitor` is who holds the root, if anybody does; `waitingLimit` how many of what waits are listed. */
export function postedNow(
  context: Context,
  seen: Seen,
  {
    monitor,
    isAlive,
    waitingLimit,
  }: { readonly monitor?: Holder; readonly isAlive: boolean; readonly waitingLimit: number },
): Posted {
  const { config, paths } = context;
  const { paused, suspended, finishing } = seen.control;
  const slots = seen.control.slots ?? config.slots;
  const queues = queueKinds.map((queue) => [queue, { dir: config.queues[queue], count: seen.counts[queue] }]);
  const { wait, priority, executing } = seen.counts;
  return {
    at: seen.now,
    state: stateOf(seen, isAlive),
    ...(isAlive && monitor && { monitor }),
    root: paths.root,
    ...(suspended !== undefined && { suspended }),
    ...{ isPaused: paused, isFinishing: finishing, slots, slotsTaken: slotsTaken(seen.claims, slots) },
    machine: postedMachine(context, seen),
    queues: Object.fromEntries(queues) as Record<Queue, Posted['queues'][Queue]>,
    running: seen.claims.map((claim) => runningOf(context, claim)),
    waitingTotal: wait + priority + executing - seen.claims.length,
    waiting: waitingOf(context, seen, waitingLimit),
    ...flowsOf(context),
    ended: endedNow(context),
  };
}

/** Those that need a person first, then by name. */
function flowsOf({ picture }: Context): Pick<Posted, 'flows' | 'flowsTotal'> {
  const flows = [...picture.flows.values()].flatMap(({ name, status }): readonly PostedFlow[] => {
    const { word: state, done, of, at: since } = status;
    return state === 'done' ? [] : [{ name, state, done, of, since }];
  });
  const rank = ({ state }: PostedFlow): number => ['blocked', 'paused', 'running', 'taking-in'].indexOf(state);
  const inOrder = flows.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  return { flowsTotal: flows.length, flows: inOrder.slice(0, listedFlows) };
}

function stateOf({ control }: Seen, isAlive: boolean): QueueState {
  if (!isAlive) return 'not-running';
  return control.finishing ? 'finishing' : control.paused ? 'paused' : 'serving';
}

/** Gives what is told of a claimed attempt. */
export function runningOf(
  { picture }: Pick<Context, 'picture'>,
  { record, started, result, isSuspended }: ClaimSeen,
): PostedRunning {
  const { said: progress, toldAt } = picture.runs.get(record.id)?.progress ?? {};
  const since = record.claimedAt;
  const percent = progress?.percent;
  const estimate = estimateOf({
    ...{ since, earlierMs: earlierRunsMs(picture, record) },
    ...(percent !== undefined && toldAt !== undefined && { percent, toldAt }),
  });
  return {
    ...{ name: record.name, attempt: record.attempt, since },
    state: result ? 'ending' : started !== 'yes' ? 'starting' : isSuspended ? 'suspended' : 'running',
    command: commandOf(record),
    directory: record.launch.directory,
    ...(record.jobType !== undefined && { jobType: record.jobType }),
    ...(progress && { progress }),
    // Nobody knows when what is suspended goes on.
    ...(estimate && !result && !isSuspended && { estimate }),
  };
}

/** The lines as a person wrote them; of a job type what it made of the header. */
function commandOf({ head, launch }: RunRecord): string {
  const parsed = parseUow(head);
  const lines = parsed.kind === 'uow' ? new Header(parsed.head.header).all('command') : [];
  return shownShort(lines.length > 0 ? lines.join('; ') : launch.argv.map(utf8FromBytes).join(' '), commandLimit);
}

function waitingOf(context: Context, seen: Seen, limit: number): readonly PostedWaiting[] {
  const waiting: PostedWaiting[] = [];
  if (limit <= 0) return waiting;
  for (const { uow, why } of waitingWithWhy(seen, context.config)) {
    const { name, queue, priority, attempts, held: isHeld, jobType } = uow;
    const enqueuedAt = instantOfStamp(uow.stamp);
    waiting.push({
      ...{ name, queue, priority, attempts, isHeld, enqueuedAt, why },
      ...(jobType !== undefined && { jobType }),
    });
    if (waiting.length >= limit) break;
  }
  return waiting;
}
