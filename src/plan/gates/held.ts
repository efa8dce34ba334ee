// HOLD: this one UOW waits until somebody releases it.
import type { Gate } from '../gate.ts';

/** Shut while the UOW's STATUS says held. */
export const held: Gate = (uow) =>
  uow.held ? { gate: 'held', reason: `held (RELEASE lets it go)`, holdsOthers: false } : undefined;
