// Which waiting UOWs have a ttl, in the order in which it ends. One that has left its queue stays in here until its time has come, or
// until there are many of them: nobody has to be told that it left.
import type { WaitingUow } from '../../model/seen.ts';
import { OrderedIndex } from './ordered-index.ts';
import type { Picture } from './picture.ts';

/** So many are told of at most in one wake. */
const toldAtMost = 256;
/** There may be so many more of them than wait before those that are gone are looked for. */
const goneAtMost = 1000;

/** Those that will expire, by queue and name. */
export type Expiring = OrderedIndex<WaitingUow>;

/** Gives an empty one. */
export function expiringIndex(): Expiring {
  return new OrderedIndex(keyOf, byEnd);
}

/** Notes a UOW that has come to wait, or waits with another head. */
export function noteExpiry({ expiring, waiting }: Picture, uow: WaitingUow): void {
  if (!uow.expires) {
    if (expiring.size > 0) expiring.remove(keyOf(uow));
    return;
  }
  expiring.add(uow);
  const all = Object.values(waiting).reduce((sum, { size }) => sum + size, 0);
  if (expiring.size <= 2 * all + goneAtMost) return;
  for (const each of [...expiring]) if (!waits(waiting, each)) expiring.remove(keyOf(each));
}

/** Gives those whose time has come, as they wait now, and when the next one's comes. */
export function expiredNow(
  { expiring, waiting }: Picture,
  now: number,
): { readonly expired: readonly WaitingUow[]; readonly nextExpiryAt?: number } {
  const expired: WaitingUow[] = [];
  const gone: WaitingUow[] = [];
  let next: number | undefined;
  for (const each of expiring) {
    const at = each.expires?.at ?? 0;
    if (at > now || expired.length >= toldAtMost) {
      next = Math.max(at, now);
      break;
    }
    const known = waits(waiting, each);
    if (known) expired.push(known);
    else gone.push(each);
  }
  for (const each of gone) expiring.remove(keyOf(each));
  return { expired, ...(next !== undefined && { nextExpiryAt: next }) };
}

function waits(waiting: Picture['waiting'], { queue, name, ino }: WaitingUow): WaitingUow | undefined {
  const known = waiting[queue].get(name);
  return known?.ino === ino ? known : undefined;
}

function keyOf({ queue, name }: WaitingUow): string {
  return `${queue}/${name}`;
}

function byEnd(a: WaitingUow, b: WaitingUow): number {
  return (a.expires?.at ?? 0) - (b.expires?.at ?? 0) || (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0);
}
