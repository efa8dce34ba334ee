// ttl: what has waited too long for its first start (rules/expire.ts) does not start any more.
import type { Gate } from '../gate.ts';

/** Shut when its ttl is over. */
export const expired: Gate = ({ expires }, { seen: { now } }) =>
  expires && now >= expires.at
    ? { gate: 'expired', reason: 'it has waited longer than its ttl', holdsOthers: false }
    : undefined;
