// The waiting UOWs of one queue in the order in which they are served, front first. Kept sorted so that the plan looks at the
// front and not at everybody.
import { compareStamps } from '../../model/stamp.ts';
import type { WaitingUow } from '../../model/seen.ts';

/** Gives the order of service: higher priority, earlier stamp, name. */
export function byService(a: WaitingUow, b: WaitingUow): number {
  return b.priority - a.priority || compareStamps(a.stamp, b.stamp) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** More that come out of order between two looks are sorted together: at the start there may be 100,000. */
const insertedAtMost = 64;

/** An ordered set of waiting UOWs by name. Adding in order, taking from the front and putting back one cost next to nothing. */
export class WaitingIndex implements Iterable<WaitingUow> {
  readonly #byName = new Map<string, WaitingUow>();
  #ordered: WaitingUow[] = [];
  /** Where the first one stands: the front is cut off in large steps, not at every claim. */
  #front = 0;
  #isSorted = true;
  /** How many were put between others since the last look. */
  #inserted = 0;

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): WaitingUow | undefined {
    return this.#byName.get(name);
  }

  names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  add(uow: WaitingUow): void {
    this.remove(uow.name);
    this.#byName.set(uow.name, uow);
    const last = this.#ordered.at(-1);
    const isInOrder = !last || this.#front >= this.#ordered.length || byService(last, uow) <= 0;
    if (this.#isSorted && !isInOrder && this.#inserted < insertedAtMost) {
      this.#inserted += 1;
      this.#ordered.splice(this.#find(uow), 0, uow);
      return;
    }
    this.#isSorted &&= isInOrder;
    this.#ordered.push(uow);
  }

  remove(name: string): WaitingUow | undefined {
    const uow = this.#byName.get(name);
    if (!uow) return undefined;
    this.#byName.delete(name);
    this.#sort();
    const at = this.#find(uow);
    if (at === this.#front) this.#front += 1;
    else this.#ordered.splice(at, 1);
    if (this.#front > 1024 && this.#front * 2 > this.#ordered.length) {
      this.#ordered = this.#ordered.slice(this.#front);
      this.#front = 0;
    }
    return uow;
  }

  *[Symbol.iterator](): Iterator<WaitingUow> {
    this.#sort();
    for (let at = this.#front; at < this.#ordered.length; at++) {
      const uow = this.#ordered[at];
      if (uow) yield uow;
    }
  }

  #sort(): void {
    this.#inserted = 0;
    if (this.#isSorted) return;
    if (this.#front > 0) this.#ordered = this.#ordered.slice(this.#front);
    this.#front = 0;
    this.#ordered.sort(byService);
    this.#isSorted = true;
  }

  /** Gives where the first one stands that is not served before `uow`, which is not behind all of them. */
  #find(uow: WaitingUow): number {
    let low = this.#front;
    let high = this.#ordered.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#ordered[middle];
      if (other && byService(other, uow) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
