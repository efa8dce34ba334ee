// Which waiting UOWs are claimed now. By hand into currently-executing first, then priority-q, then wait-q; within a queue by
// priority, then stamp. Looks at the front only: it stops at the first that holds others back.
import type { Action } from '../../model/action.ts';
import type { Config } from '../../model/config.ts';
import { startKeysOf } from '../../model/rate.ts';
import { failsByParent } from '../../model/parents.ts';
import type { ClaimSeen, Seen, WaitingUow } from '../../model/seen.ts';
import { type Blocked, type GateView } from '../gate.ts';
import { shutGate } from '../gates/index.ts';
import { groupsBehind, groupsOf } from '../groups.ts';
import { afterKeeping, afterTaking, resourcesOf } from '../resources.ts';

/** The queues in which a UOW can wait, in the order in which they are served. */
export const served = ['executing', 'priority', 'wait'] as const;

/** Gives the claims of this wake, and what must be found out or waited for before more can be made. */
export function promote(seen: Seen, config: Config, soFar: readonly Action[]): readonly Action[] {
  const actions: Action[] = [];
  if (seen.isPartial) return actions;
  let view = gateView(seen, config, soFar);
  for (const queue of served) {
    let isEmpty = true;
    let holdsQueuesBehind = false;
    for (const uow of seen.waiting[queue]) {
      isEmpty = false;
      // All behind it are parked too.
      if (uow.isParked) break;
      if (isBehindItsLike(uow, view)) {
        if (view.freeSlots <= 0) return actions;
        continue;
      }
      const fault = failsByParent(uow);
      const blocked = shutGate(uow, view);
      if (!blocked && fault !== undefined) {
        actions.push({ kind: 'claim', uow, fault });
        continue;
      }
      if (!blocked) {
        actions.push({ kind: 'claim', uow });
        view = afterClaim(view, uow);
        continue;
      }
      actions.push(...consequences(uow, blocked));
      if (blocked.holdsOthers) return actions;
      holdsQueuesBehind ||= blocked.keepsNeeds === true;
      // Nobody behind it can start either, and a slot that is given back wakes.
      if (view.freeSlots <= 0) return actions;
      view = afterBlocked(view, uow, blocked);
    }
    if (holdsQueuesBehind) return actions;
    if (queue === 'priority' && !isEmpty && config.priority === 'strict') return actions;
  }
  return actions;
}

/** Gives the view that gates judge by: what runs takes slots, less what this plan ends. */
export function gateView(seen: Seen, config: Config, soFar: readonly Action[]): GateView {
  const slots = seen.control.slots ?? config.slots;
  const leaving = new Set<string>();
  for (const action of soFar) {
    if (action.kind === 'finish' || action.kind === 'return') leaving.add(action.record.id);
  }
  const running = seen.claims.filter(({ record, isFinished }) => !isFinished && !leaving.has(record.id));
  return {
    ...{ seen, config, slots, freeSlots: Math.max(0, slots - slotsTaken(running, slots)), starting: new Set() },
    resources: resourcesOf(seen.control, config, running),
    groups: groupsOf(config, running),
    ...{ startedNow: new Map(), ratesKept: new Set() },
    arrays: running.reduce((counts, { record }) => oneMore(counts, record.array), new Map<string, number>()),
  };
}

/**
 * True for one behind others that wait for all that it needs, or slots of the same group: no gate could let it start before something of
 * that is given back, which wakes. Thousands may stand there, and to ask all gates of each takes longer than all else of a wake.
 */
function isBehindItsLike({ needs = [], group }: WaitingUow, { resources, groups }: GateView): boolean {
  const own = group === undefined ? undefined : groups.get(group);
  // One that has to be asked for its group, or for more than what is kept, keeps that from those behind it.
  return own ? own.isKept : needs.length > 0 && needs.every(({ name }) => resources.get(name)?.keptFor !== undefined);
}

/** Gives the view of those behind a UOW that is claimed. */
function afterClaim(view: GateView, uow: WaitingUow): GateView {
  const { slots, needs, schedule } = uow;
  return {
    ...view,
    freeSlots: view.freeSlots - Math.min(slots, view.slots),
    resources: afterTaking(view.resources, needs),
    groups: groupsBehind(view.groups, uow, { isKept: false }),
    startedNow: startedWith(view, uow),
    arrays: uow.array ? oneMore(new Map(view.arrays), uow.array.of) : view.arrays,
    starting: schedule === undefined ? view.starting : new Set([...view.starting, schedule]),
  };
}

function oneMore(counts: Map<string, number>, array: string | undefined): Map<string, number> {
  return array === undefined ? counts : counts.set(array, (counts.get(array) ?? 0) + 1);
}

/** Gives the view of those behind a UOW that waits. */
export function afterBlocked(view: GateView, uow: WaitingUow, blocked: Blocked | undefined): GateView {
  if (blocked?.keepsRates) return { ...view, ratesKept: new Set([...view.ratesKept, ...blocked.keepsRates]) };
  if (blocked?.keepsGroup) return { ...view, groups: groupsBehind(view.groups, uow, { isKept: true }) };
  return blocked?.keepsNeeds ? { ...view, resources: afterKeeping(view.resources, uow) } : view;
}

/** Counts one more start for all that it counts for; where nobody has a rate, nothing. */
function startedWith({ startedNow, seen }: GateView, uow: WaitingUow): GateView['startedNow'] {
  if (!seen.starts) return startedNow;
  return new Map([...startedNow, ...startKeysOf(uow).map((key) => [key, (startedNow.get(key) ?? 0) + 1] as const)]);
}

/** Gives how many of the slots claims take. One that takes more than there are runs alone. */
export function slotsTaken(claims: readonly ClaimSeen[], slots: number): number {
  const running = claims.filter(({ isFinished }) => !isFinished);
  return running.reduce((sum, { record }) => sum + Math.min(record.slots, slots), 0);
}

function consequences(uow: WaitingUow, blocked: Blocked): readonly Action[] {
  const actions: Action[] = [];
  if (blocked.ask === 'when') actions.push({ kind: 'ask-when', uow });
  else if (blocked.ask) actions.push({ kind: 'ask', what: blocked.ask });
  if (blocked.until !== undefined) actions.push({ kind: 'look-again', at: blocked.until });
  return actions;
}
