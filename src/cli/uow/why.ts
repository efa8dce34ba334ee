// Why a UOW waits, asked of the monitor's own rules. In a file of its own because it loads half of the monitor.
import type { Bytes } from '../../model/bytes.ts';
import { waitingQueues } from '../../model/queue.ts';
import type { Seen, WaitingUow } from '../../model/seen.ts';
import { readControl } from '../../monitor/apply/control.ts';
import type { Context } from '../../monitor/context.ts';
import { observeWith } from '../../monitor/observe.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { runningOf } from '../../monitor/report/posted.ts';
import { lookAtProgress } from '../../monitor/report/progress.ts';
import { loadUsual } from '../../monitor/report/usual.ts';
import { explained, waitingWithWhy, type Why, whyArriving, whyWaiting } from '../../plan/why.ts';
import { largeBytes } from '../../monitor/survey/count.ts';
import { errnoOf } from '../../model/errno.ts';
import { realFiles } from '../../system/files.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { postedNowIn } from '../posted-now.ts';

/** What keeps a UOW, and, for one that is taken in, what every gate says. */
export interface WhyNow {
  readonly reason: string;
  readonly why?: Why;
  readonly uow?: WaitingUow;
  /** Of one that is not taken in: when it may be. */
  readonly until?: number;
  readonly seen: Seen;
  /** Without what the monitor alone knows: none runs, or it posts that nowhere where this user can read it. */
  readonly isFromFiles: boolean;
}

/** Whether a monitor holds the root: only then what it posted is true. */
export interface Served {
  readonly isServed: boolean;
}

/** Gives the reason; undefined where it does not wait, or this user may not read what decides it. */
export function whyNotStarted(root: OpenedRoot, name: Bytes, served: Served): string | undefined {
  return lookedAt(root, served, (look) => {
    const uow = waitingIn(look.seen, name);
    return uow ? whyWaiting(uow, look.seen, root.config) : arriving(root, look, name)?.reason;
  });
}

/**
 * Gives a function that gives the reason of each of these, for one look. Where very many wait, only these are read: who stands before them
 * is not known then, and one that all gates would let pass waits for its turn.
 */
export function whysNotStarted(
  root: OpenedRoot,
  names: readonly Bytes[],
  served: Served,
): (name: Bytes) => string | undefined {
  let known: { readonly look: Look; readonly whys: ReadonlyMap<Bytes, string> } | undefined;
  const areMany = waitingQueues.some((each) => (realFiles.stat(root.paths.queue[each])?.sizeBytes ?? 0) > largeBytes);
  const look = (seen: Look): NonNullable<typeof known> => {
    const waiting = [...waitingWithWhy(seen.seen, root.config)];
    const whyOf = (why: string, isPlace: boolean): string => (areMany && isPlace ? 'for its turn' : why);
    return { look: seen, whys: new Map(waiting.map(({ uow, why, isPlace }) => [uow.name, whyOf(why, isPlace)])) };
  };
  return (name) => {
    known ??= lookedAt(root, served, look, areMany ? names : undefined);
    return known?.whys.get(name) ?? (known && arriving(root, known.look, name)?.reason);
  };
}

/** Gives the same reason and all that is known besides, with when it may start. */
export function whyNow(root: OpenedRoot, name: Bytes, served: Served): WhyNow | undefined {
  return lookedAt(root, served, (look) => {
    const { context, seen, isFromFiles } = look;
    const uow = waitingIn(seen, name);
    if (!uow) return arriving(root, look, name);
    loadUsual(context);
    lookAtProgress(context);
    const why = explained(uow, seen, root.config, (claim) => runningOf(context, claim).estimate?.endAt);
    return { reason: why.reason, why, uow, seen, isFromFiles };
  });
}

interface Look {
  readonly context: Context;
  readonly seen: Seen;
  readonly isFromFiles: boolean;
}

function lookedAt<T>(
  { config, paths }: OpenedRoot,
  { isServed }: Served,
  look: (look: Look) => T,
  only?: readonly Bytes[],
): T | undefined {
  const parts = { machine: realMachine(), paths, config };
  try {
    const told = isServed ? postedNowIn(paths)?.machine : undefined;
    return look({
      ...observeWith(parts, readControl(parts), { machine: told, only }),
      isFromFiles: told === undefined,
    });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function waitingIn({ waiting }: Seen, name: Bytes): WaitingUow | undefined {
  for (const queue of ['executing', 'priority', 'wait'] as const) {
    for (const uow of waiting[queue]) if (uow.name === name) return uow;
  }
  return undefined;
}

function arriving({ config }: OpenedRoot, { seen, isFromFiles }: Look, name: Bytes): WhyNow | undefined {
  const arrival = seen.arrivals.find((each) => each.name === name);
  if (!arrival) return undefined;
  const { text, until } = whyArriving(arrival, seen, config) ?? {};
  const reason = `it is not taken in yet${text === undefined ? '' : `: ${text}`}`;
  return { reason, ...(until !== undefined && { until }), seen, isFromFiles };
}
