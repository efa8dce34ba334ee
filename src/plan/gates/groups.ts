// group: UOWs that share a limit of slots and a pause.
import type { Gate } from '../gate.ts';

/** Shut while the UOW's group is paused, or has fewer slots left than it takes. Other groups pass; its own does not. */
export const groups: Gate = (uow, view) => {
  const { group } = uow;
  if (group === undefined) return undefined;
  if (view.seen.control.pausedGroups?.includes(group) === true)
    return {
      gate: 'groups',
      reason: `the group ${group} is paused (RESUME GROUP starts it again)`,
      holdsOthers: false,
    };
  const one = view.groups.get(group);
  if (!one) return undefined;
  const { slots, taken, isKept } = one;
  if (!isKept && taken + Math.min(uow.slots, slots) <= slots) return undefined;
  const reason = isKept
    ? `behind another of the group ${group}`
    : `${taken} of ${slots} slots of the group ${group} are taken`;
  return { gate: 'groups', reason, holdsOthers: false, keepsGroup: true };
};
