// PAUSE and FINISH: nothing more is started.
import type { Gate } from '../gate.ts';

/** Shut while the monitor is paused or about to end. */
export const paused: Gate = (_uow, { seen }) => {
  if (seen.control.finishing)
    return { gate: 'paused', reason: 'the monitor ends after the running jobs', holdsOthers: true };
  if (seen.control.suspended !== undefined) {
    const reason = `the monitor suspended itself: ${seen.control.suspended} (RESUME starts it again)`;
    return { gate: 'paused', reason, holdsOthers: true };
  }
  if (seen.control.paused)
    return { gate: 'paused', reason: 'the queue is paused (RESUME starts it again)', holdsOthers: true };
  return undefined;
};
