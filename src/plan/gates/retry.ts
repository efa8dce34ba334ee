// retries: the time between an attempt and the next.
import { shownTime } from '../../model/zone.ts';
import type { Gate } from '../gate.ts';

/** Shut until the next attempt is due. */
export const retry: Gate = ({ retry: due, attempts }, { seen }) => {
  if (!due || seen.now >= due.at) return undefined;
  const last = attempts + 1 - due.number + due.of;
  const reason = `next try at ${shownTime(seen.zone, due.at, seen.now)} (attempt ${attempts + 1} of ${Math.max(last, attempts + 1)})`;
  return { gate: 'retry', reason, holdsOthers: false, until: due.at };
};
