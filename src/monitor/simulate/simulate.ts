// Playing a root ahead: the real plan, wake after wake, over a clock that jumps from event to event, and jobs that take as long as their like
// did before. Reads the root once and changes nothing in it; what the plan's actions do to the played world is world.ts.
import { nextLookOf } from '../../format/action-text.ts';
import type { Config } from '../../model/config.ts';
import { instantOfStamp } from '../../model/stamp.ts';
import type { UowName } from '../../model/uow.ts';
import { plan } from '../../plan/plan.ts';
import { waitingWithWhy } from '../../plan/why.ts';
import type { Duration } from './durations.ts';
import { openWorld, type Parts, type World } from './world.ts';

/** What was played, in the order of time. Instants in epoch milliseconds. */
export type Played =
  | {
      readonly kind: 'run';
      readonly name: UowName;
      readonly startAt: number;
      readonly endAt: number;
      /** Since it came to wait, and the last reason that kept it; none if it started at once. */
      readonly waitedMs: number;
      readonly why?: string;
      readonly from: Duration['from'] | 'running';
    }
  /** It ended without having begun. */
  | { readonly kind: 'ended'; readonly name: UowName; readonly at: number; readonly why: string }
  /** Times of a schedule that no UOW was made for. */
  | {
      readonly kind: 'unfired';
      readonly name: string;
      readonly at: number;
      readonly count: number;
      readonly why: string;
    }
  /** It waits when all is over. */
  | { readonly kind: 'waits'; readonly name: UowName; readonly at: number; readonly why: string };

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly defaultDurationMs: number;
}

/** Of so many that wait, those that stand in front, the reason is kept. */
const reasonsKept = 50;
/** So many wakes within one instant mean that the plan asks for something that the world does not play. */
const wakesAtOnce = 10_000;

/** Plays from `from`, or from now if that is earlier, up to `to`; gives what happens from `from` on. */
export function* simulate(parts: Parts, { from, to, defaultDurationMs }: Span): Generator<Played> {
  const world = openWorld(parts, { startAt: Math.min(from, parts.machine.clock.now()), defaultDurationMs });
  const { config } = world;
  const reasons = new Map<UowName, string>();
  for (const running of world.running()) yield { ...running, kind: 'run', waitedMs: 0, from: 'running' };
  let wakes = 0;
  while (world.now <= to) {
    const actions = plan(world.seen(), config);
    const { events, hasChanged } = world.carryOut(actions);
    for (const event of events) {
      if (event.kind !== 'run') {
        if (event.at >= from) yield event;
        continue;
      }
      const why = reasons.get(event.name);
      reasons.delete(event.name);
      if (event.startAt >= from) yield { ...event, ...(why !== undefined && { why }) };
    }
    wakes += 1;
    if (hasChanged && wakes < wakesAtOnce) continue;
    noteReasons(world, config, reasons);
    const next = Math.min(world.nextEndAt(), nextLookOf(actions) ?? Infinity);
    if (!Number.isFinite(next) || next > to) break;
    world.now = Math.max(next, world.now + 1);
    wakes = 0;
  }
  world.now = to;
  for (const { uow, why } of waitingWithWhy(world.seen(), config))
    yield { kind: 'waits', name: uow.name, at: instantOfStamp(uow.stamp), why };
}

function noteReasons(world: World, config: Config, reasons: Map<UowName, string>): void {
  let left = reasonsKept;
  for (const { uow, why } of waitingWithWhy(world.seen(), config)) {
    reasons.set(uow.name, why);
    if (--left <= 0) return;
  }
}
