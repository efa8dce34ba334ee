// One wake's disk work, in the order that survives a power cut: everything new is made and synced before anything old is
// removed, and one sync of a directory serves all that the wake did in it.
import type { Bytes } from '../../model/bytes.ts';
import type { Files } from '../../system/files.ts';

/** Does a step; false if it met a fault of the machine, which it has reported. */
export type Guard = (step: () => void) => boolean;

export class Batch {
  readonly #files: Files;
  readonly #isDurable: boolean;
  readonly #found = new Set<Bytes>();
  readonly #made = new Set<Bytes>();
  readonly #removals: (() => void)[] = [];
  readonly #removed = new Set<Bytes>();
  readonly #after: (() => void)[] = [];
  readonly #unsynced: (() => void)[] = [];

  constructor(files: Files, durability: 'power' | 'process') {
    this.#files = files;
    this.#isDurable = durability === 'power';
  }

  /** True if the content of files must be synced too. */
  get sync(): boolean {
    return this.#isDurable;
  }

  /** Makes the names durable that people made in a directory, now: before something is written that is only true by them. */
  found(dir: Bytes): void {
    if (!this.#isDurable || this.#found.has(dir)) return;
    this.#files.syncDirectory(dir);
    this.#found.add(dir);
  }

  /** Notes that names were made in a directory. */
  made(...dirs: readonly Bytes[]): void {
    for (const dir of dirs) this.#made.add(dir);
  }

  /** Does `remove` after everything made is durable. `dir` is synced before anything that must come after it. */
  remove(remove: () => void, dir?: Bytes): void {
    this.#removals.push(remove);
    if (dir !== undefined) this.#removed.add(dir);
  }

  /** Does `act` when all of this is durable. */
  after(act: () => void): void {
    this.#after.push(act);
  }

  /** Does `act` instead if a sync failed: what was made may be gone after a power cut, and a second sync would lie (facts.md). */
  unlessSynced(act: () => void): void {
    this.#unsynced.push(act);
  }

  /** Carries out what was collected. True if all went well. */
  commit(guard: Guard): boolean {
    if (!guard(() => this.#sync(this.#made))) return this.#giveUp(guard);
    const isRemoved = this.#removals.map(guard).every(Boolean);
    if (!guard(() => this.#sync(this.#removed))) return this.#giveUp(guard);
    return this.#after.map(guard).every(Boolean) && isRemoved;
  }

  #giveUp(guard: Guard): boolean {
    for (const act of this.#unsynced) guard(act);
    return false;
  }

  #sync(dirs: ReadonlySet<Bytes>): void {
    if (this.#isDurable) for (const dir of dirs) this.#files.syncDirectory(dir);
  }
}
