// Many things by key and in an order, kept sorted over the wakes, so that a look at the front costs nothing and one that comes or
// goes next to nothing, however many there are.

/** A chunk that grows longer is cut in two. */
const chunkLimit = 1024;

/** An ordered set by key. No two things in it are equal in its order unless they have the same key. */
export class OrderedIndex<T extends object> implements Iterable<T> {
  readonly #keyOf: (each: T) => string;
  readonly #compare: (a: T, b: T) => number;
  readonly #byKey = new Map<string, T>();
  /** In order, none of them empty: one array of 100,000 would be moved in memory for each that is put in. */
  #chunks: T[][] = [];

  constructor(keyOf: (each: T) => string, compare: (a: T, b: T) => number) {
    this.#keyOf = keyOf;
    this.#compare = compare;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  /** Puts it in its place; another one of its key goes. */
  add(each: T): void {
    const key = this.#keyOf(each);
    this.remove(key);
    this.#byKey.set(key, each);
    const at = Math.min(this.#chunkOf(each), this.#chunks.length - 1);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([each]);
      return;
    }
    chunk.splice(this.#placeIn(chunk, each), 0, each);
    if (chunk.length <= chunkLimit) return;
    // What comes in order fills the chunks: only one that is cut in its midst is cut into halves.
    const isLast = at === this.#chunks.length - 1 && chunk.at(-1) === each;
    this.#chunks.splice(at + 1, 0, chunk.splice(isLast ? chunkLimit : chunkLimit / 2));
  }

  remove(key: string): T | undefined {
    const each = this.#byKey.get(key);
    if (!each) return undefined;
    this.#byKey.delete(key);
    const at = this.#chunkOf(each);
    const chunk = this.#chunks[at];
    chunk?.splice(this.#placeIn(chunk, each), 1);
    if (chunk?.length === 0) this.#chunks.splice(at, 1);
    return each;
  }

  /** Gives the first for which it is true, as it must be for all behind it. */
  first(isTrue: (each: T) => boolean): T | undefined {
    // None of them is empty.
    const chunk = this.#chunks[firstOf(this.#chunks, (one) => isTrue(one[one.length - 1] as T))];
    return chunk?.[firstOf(chunk, isTrue)];
  }

  /** Gives them in order. Not to be changed meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** Gives the first chunk that does not end before `each`; their number if all do. */
  #chunkOf(each: T): number {
    return firstOf(this.#chunks, (chunk) => !isBefore(chunk.at(-1), each, this.#compare));
  }

  #placeIn(chunk: readonly T[], each: T): number {
    return firstOf(chunk, (other) => !isBefore(other, each, this.#compare));
  }
}

function isBefore<T>(a: T | undefined, b: T, compare: (a: T, b: T) => number): boolean {
  return a !== undefined && compare(a, b) < 0;
}

/** Gives where the first is for which it is true, as it is for all behind it; the length if it is for none. */
function firstOf<T>(list: readonly T[], isTrue: (each: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
