// A disk that is full, read-only or failing: nothing new is begun until it was given time to recover.
import type { Gate } from '../gate.ts';

/** Shut for a while after the disk refused to take something. */
export const trouble: Gate = (_uow, { seen }) => {
  const refused = seen.machine.trouble;
  if (!refused || seen.now >= refused.until) return undefined;
  return { gate: 'trouble', reason: refused.text, holdsOthers: true, until: refused.until };
};
