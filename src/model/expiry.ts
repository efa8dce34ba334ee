// ttl and on-expire: how long a UOW may wait for its first start before it is no longer worth running.
import type { Header } from './header.ts';
import type { Status } from './status.ts';

/** What becomes of what has waited too long: fail-q, done-q as skipped, or trash. */
export type OnExpire = 'fail' | 'skip' | 'trash';

/** When it is not worth running any more, and what becomes of it then. */
export interface Expiry {
  readonly at: number;
  readonly how: OnExpire;
}

/** What is known of a UOW besides its header. */
export interface Waited {
  /** The time that a schedule made it for, else that of its stamp. */
  readonly from: number;
  readonly attempts: number;
  readonly status?: Status | undefined;
}

/**
 * Gives when it expires; undefined if it never does. A rerun waits anew, from the time at which it was put back. One that waits for
 * a retry has had its start.
 */
export function expiryOf(header: Header, { from, attempts, status }: Waited): Expiry | undefined {
  const ttlMs = header.durationMs('ttl');
  if (ttlMs === undefined || status?.flags.includes('retry') === true) return undefined;
  const since = attempts > 0 && status ? status.at : from;
  return { at: since + ttlMs, how: onExpireOf(header) };
}

/** Gives what a header says of what has waited too long. */
export function onExpireOf(header: Header): OnExpire {
  const how = header.text('on-expire')?.toLowerCase();
  return how === 'skip' || how === 'trash' ? how : 'fail';
}
