// The files that appeared and are not taken in yet, so kept that a wake is handed those of which something may be concluded now, in
// the documented order, and not all of them: there may be 100,000 that settle, or wait for their turn.
import type { Arrival } from '../../model/seen.ts';
import { OrderedIndex } from './ordered-index.ts';

/** Gives the documented order of unstamped files found in one wake: ctime, mtime, name. */
export function byArrival(a: Arrival, b: Arrival): number {
  return (
    a.ctimeMs - b.ctimeMs || a.mtimeMs - b.mtimeMs || compareTexts(a.name, b.name) || compareTexts(a.queue, b.queue)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One of which nothing can be concluded before then. */
interface Left {
  readonly key: string;
  readonly at: number;
  readonly arrival: Arrival;
}

/** Gives what an arrival is known by. */
export function keyOfArrival({ queue, name }: Pick<Arrival, 'queue' | 'name'>): string {
  return `${queue}/${name}`;
}

/** The arrivals of a root, by {@link keyOfArrival}. Each is in one of the three indexes. */
export class Arrivals {
  /** To be judged now: those that may be taken in as they stand, and those that a copy is to be made of. */
  readonly #stamped = new OrderedIndex(keyOfArrival, byArrival);
  readonly #unstamped = new OrderedIndex(keyOfArrival, byArrival);
  readonly #left = new OrderedIndex<Left>(
    ({ key }) => key,
    (a, b) => a.at - b.at || compareTexts(a.key, b.key),
  );
  readonly #written = new Set<string>();
  readonly #beingLinked = new Set<string>();
  readonly #byInode = new Map<number, readonly Arrival[]>();

  get size(): number {
    return this.#stamped.size + this.#unstamped.size + this.#left.size;
  }

  get(key: string): Arrival | undefined {
    return this.#stamped.get(key) ?? this.#unstamped.get(key) ?? this.#left.get(key)?.arrival;
  }

  /** Puts it in the place of what was known under its name; it is to be judged now. */
  set(arrival: Arrival): void {
    const key = keyOfArrival(arrival);
    this.delete(key);
    (arrival.is.kind === 'unstamped' ? this.#unstamped : this.#stamped).add(arrival);
    this.#byInode.set(arrival.ino, [...this.ofInode(arrival.ino), arrival]);
    if (arrival.isBeingWritten === true) this.#written.add(key);
    if (arrival.isBeingLinked) this.#beingLinked.add(key);
  }

  delete(key: string): void {
    const gone = this.#stamped.remove(key) ?? this.#unstamped.remove(key) ?? this.#left.remove(key)?.arrival;
    if (!gone) return;
    this.#written.delete(key);
    this.#beingLinked.delete(key);
    const others = this.ofInode(gone.ino).filter((each) => each !== gone);
    if (others.length > 0) this.#byInode.set(gone.ino, others);
    else this.#byInode.delete(gone.ino);
  }

  /** Does not give it out again before `at`, unless it is another one by then. */
  leave(arrival: Arrival, at: number): void {
    const key = keyOfArrival(arrival);
    if (this.get(key) !== arrival) return;
    this.#stamped.remove(key);
    this.#unstamped.remove(key);
    this.#left.remove(key);
    this.#left.add({ key, at, arrival });
  }

  /** When the next one is to be judged that was left; Infinity if none was. */
  get nextAt(): number {
    for (const { at } of this.#left) return at;
    return Infinity;
  }

  /**
   * Gives those to be judged at `now`, in their order, at most `atMost` of those that only need to be looked at and as many of those
   * that a copy is made of (none of these with `isPartial`: an earlier one may not be known yet). Those of which something is concluded are to
   * be deleted, set anew or left, or they are given again. All names of one file come along with each other. If any is to be asked about
   * who writes it, all that are being written come along, because one look at everybody's open files serves all.
   */
  due(
    now: number,
    { atMost, isPartial }: { readonly atMost: number; readonly isPartial: boolean },
  ): readonly Arrival[] {
    const ready: Left[] = [];
    for (const each of this.#left) {
      if (each.at > now) break;
      ready.push(each);
    }
    for (const { arrival } of ready) this.set(arrival);
    const due = new Set([...first(this.#stamped, atMost), ...first(this.#unstamped, isPartial ? 0 : atMost)]);
    for (const { ino } of [...due]) for (const name of this.ofInode(ino)) due.add(name);
    if ([...due].some(({ isBeingWritten }) => isBeingWritten === undefined)) {
      for (const key of this.#written) {
        const arrival = this.get(key);
        if (arrival) due.add(arrival);
      }
    }
    return [...due];
  }

  /** Gives those that still have their submitter's name too. */
  beingLinked(): readonly Arrival[] {
    return [...this.#beingLinked].flatMap((key) => this.get(key) ?? []);
  }

  /** Gives all names of one file. */
  ofInode(ino: number): readonly Arrival[] {
    return this.#byInode.get(ino) ?? [];
  }

  *[Symbol.iterator](): Iterator<Arrival> {
    yield* this.#stamped;
    yield* this.#unstamped;
    for (const { arrival } of this.#left) yield arrival;
  }
}

function first<T>(of: Iterable<T>, atMost: number): readonly T[] {
  const some: T[] = [];
  if (atMost <= 0) return some;
  for (const each of of) {
    some.push(each);
    if (some.length >= atMost) break;
  }
  return some;
}
