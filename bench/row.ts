// The words of the bench: a row of the table, what it is given, and the lines it comes to. Nothing is measured here.
import type { Place } from './place.ts';

/** What a row is given to work with. */
export interface Bench {
  readonly place: Place;
  /** How often everyone has a turn. */
  readonly rounds: number;
  /** 1 is the count that the row is about; 10 lets those that take minutes run too. */
  readonly scale: number;
  /** True if figures are to be kept in docs/. */
  readonly isWriting: boolean;
  /** Tells how far it is. */
  readonly say: (text: string) => void;
}

/** One thing that was measured. */
export interface Line {
  readonly what: string;
  readonly figures: string;
  /** What must be reached, in words; empty if nothing must. */
  readonly bound: string;
  readonly isReached?: boolean;
}

/** A bench of its own, with a name to call it by. */
export interface Row {
  readonly name: string;
  /** A sentence for `--help`. */
  readonly about: string;
  /**
   * Measures; what it gives was checked.
   * @throws Error if a check failed: then there is no figure.
   */
  readonly run: (bench: Bench) => Promise<readonly Line[]>;
}
