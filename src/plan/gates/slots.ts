// Slots: how much may run at once.
import type { Gate } from '../gate.ts';

/** Shut while fewer slots are free than the UOW takes. One that takes more than there are runs alone. */
export const slots: Gate = (uow, view) => {
  const takes = Math.min(uow.slots, view.slots);
  if (takes <= view.freeSlots) return undefined;
  const taken = view.slots - view.freeSlots;
  const reason =
    takes === 1
      ? `all ${view.slots} slot${view.slots === 1 ? ' is' : 's are'} taken`
      : `takes ${takes} slots, ${taken} of ${view.slots} are taken`;
  return { gate: 'slots', reason, holdsOthers: true };
};
