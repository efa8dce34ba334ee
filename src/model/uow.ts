// A unit of work as read from its head: the stamp, the header fields as written, the status, and where each lies in the file.
import type { Bytes } from './bytes.ts';
import type { Problem } from './errors.ts';
import type { Stamp } from './stamp.ts';
import type { Status } from './status.ts';

/** The head, which is everything before the log, is at most this long. @see design.md section 2 */
export const headLimitBytes: number = 64 * 1024;
/** A STATUS line takes exactly this many bytes with its newline, and never crosses a boundary of {@link statusBlockBytes}. */
export const statusLineBytes = 64;
export const statusBlockBytes = 512;

/** One header line `NAME :: CONTENT`. `name` is lower-cased except behind `env.` and `secret.`, `content` is trimmed text. */
export interface HeaderLine {
  readonly name: string;
  readonly content: string;
  readonly line: number;
}

/** Where the parts of a head lie, in bytes from the start of the file. */
export interface UowLayout {
  readonly eol: '\n' | '\r\n';
  readonly hasBom: boolean;
  /**
   * The STATUS content line; undefined if there is no STATUS section or it is empty. `length` leaves out an `eol`, whatever the
   * line itself ends with: `offset + length + eol.length` is where the next line begins, so what fits there may be overwritten.
   */
  readonly status?: { readonly offset: number; readonly length: number };
  /** The first byte after the `==== JOB LOG` line; undefined if the file has none, or one that lacks its newline. */
  readonly logOffset?: number;
}

/** A head that is a valid UOW. */
export interface UowHead {
  readonly stamp?: Stamp;
  /** What stands behind the stamp on line 1: `enqueued`, `submitted size=412`, or nothing. */
  readonly event: string;
  readonly header: readonly HeaderLine[];
  readonly status?: Status;
  readonly layout: UowLayout;
}

/** Gives the key of `unique`, which no other may have while this one waits or runs. */
export function uniqueKeyIn({ header }: Pick<UowHead, 'header'>): string | undefined {
  return header.findLast(({ name }) => name === 'unique')?.content;
}

/** What parsing a head gives: a UOW, or every reason why it is none. */
export type ParsedUow =
  | { readonly kind: 'uow'; readonly head: UowHead; readonly warnings: readonly Problem[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** The name of a UOW's file as bytes; unique in its root from intake on. */
export type UowName = Bytes;
