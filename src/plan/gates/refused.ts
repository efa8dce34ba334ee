// The machine would not let this one UOW be claimed: made immutable, say, or given to another user. It waits; the others do not.
import type { Gate } from '../gate.ts';

/** Shut for a while after a claim of the UOW was refused. */
export const refused: Gate = ({ refused: last }, { seen }) =>
  last && seen.now < last.until
    ? { gate: 'refused', reason: last.text, holdsOthers: false, until: last.until }
    : undefined;
