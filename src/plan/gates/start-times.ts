// not-before and window: what waits for a time of the clock.
import { windowOpensAt } from '../../model/start-times.ts';
import { shownTime } from '../../model/zone.ts';
import type { Gate } from '../gate.ts';

/** Shut before the time of `not-before`, and while the window is closed. */
export const startTimes: Gate = ({ times }, { seen: { now, zone } }) => {
  const { notBefore, window } = times ?? {};
  if (notBefore !== undefined && now < notBefore) {
    const reason = `not before ${shownTime(zone, notBefore, now)}`;
    return { gate: 'start-times', reason, holdsOthers: false, until: notBefore };
  }
  const opensAt = window ? windowOpensAt(window, zone, now) : now;
  if (opensAt <= now) return undefined;
  return {
    ...{ gate: 'start-times', holdsOthers: false, until: opensAt },
    reason: `its window opens at ${shownTime(zone, opensAt, now)}`,
  };
};
