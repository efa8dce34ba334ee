// Groups: how many slots the UOWs of each take, of those that config.yaml limits. Counted anew in each plan from what runs.
import type { Config } from '../model/config.ts';
import type { ClaimSeen, WaitingUow } from '../model/seen.ts';

/** A limited group as a plan sees it. */
export interface GroupView {
  readonly slots: number;
  readonly taken: number;
  /** One that stands in front waits for slots of it: nobody behind gets any. */
  readonly isKept: boolean;
}

/** Those that have a limit, by name. */
export type Groups = ReadonlyMap<string, GroupView>;

/** Gives them with what these claims take. */
export function groupsOf({ groups }: Pick<Config, 'groups'>, claims: readonly ClaimSeen[]): Groups {
  const limited = new Map<string, GroupView>();
  for (const [name, { slots }] of Object.entries(groups)) {
    if (slots === undefined) continue;
    const own = claims.filter(({ record, isFinished }) => record.group === name && !isFinished);
    const taken = own.reduce((sum, { record }) => sum + Math.min(record.slots, slots), 0);
    limited.set(name, { slots, taken, isKept: false });
  }
  return limited;
}

/** Gives them when the UOW has started, or, with `isKept`, while it waits in front for slots of its group. */
export function groupsBehind(groups: Groups, uow: WaitingUow, { isKept }: { readonly isKept: boolean }): Groups {
  const one = uow.group === undefined ? undefined : groups.get(uow.group);
  if (uow.group === undefined || !one) return groups;
  const taken = isKept ? one.taken : one.taken + Math.min(uow.slots, one.slots);
  return new Map([...groups, [uow.group, { ...one, taken, isKept: one.isKept || isKept }]]);
}
