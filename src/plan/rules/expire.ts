// ttl: what has waited too long for its first start does not start any more. It ends as an attempt that never began, by the same steps
// as any other, so that a crash in their midst leaves nothing that could be taken for a rerun.
import type { Action } from '../../model/action.ts';
import type { Seen } from '../../model/seen.ts';

/** Gives the ends of what has expired, and when to look again. What a person holds waits for that person. */
export function expire(seen: Seen): readonly Action[] {
  const { trouble } = seen.machine;
  if (seen.isPartial || seen.control.finishing || (trouble && seen.now < trouble.until)) return [];
  const actions: Action[] = [];
  for (const uow of seen.expired) {
    if (uow.held || !uow.expires) continue;
    if (uow.refused && seen.now < uow.refused.until) actions.push({ kind: 'look-again', at: uow.refused.until });
    else actions.push({ kind: 'claim', uow, isExpired: true });
  }
  if (seen.nextExpiryAt !== undefined) actions.push({ kind: 'look-again', at: seen.nextExpiryAt });
  return actions;
}
