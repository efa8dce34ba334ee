// Trying again what ended badly: which ends are tried again, how often, and how long after. How the header's words are read, and
// the arithmetic; when an attempt is one to be tried again is plan/retry.
import type { Outcome } from './outcome.ts';
import { spread } from './spread.ts';
import { durationMsFromText } from './time.ts';

/** What a header asks for, as its attempts carry it. */
export interface Retrying {
  /** Which retry this attempt is, 0 for one that a person asked for. */
  readonly made: number;
  readonly atMost: number;
  readonly delayMs: number;
  readonly backoff: Backoff;
  readonly on: readonly string[];
}

/** How the delay grows: each time the same, or doubled each time up to a longest. */
export type Backoff = { readonly kind: 'fixed' } | { readonly kind: 'exponential'; readonly longestMs: number };

/** The longest delay of a backoff that names none. */
const longestMs = 86_400_000;

/** Gives the backoff of `fixed`, `exponential` or `exponential 2h`; undefined for anything else. */
export function backoffFromText(text: string): Backoff | undefined {
  const [kind, longest, ...rest] = text.trim().toLowerCase().split(/\s+/);
  if (rest.length > 0) return undefined;
  if (kind === 'fixed') return longest === undefined ? { kind } : undefined;
  const ms = longest === undefined ? longestMs : durationMsFromText(longest);
  return kind === 'exponential' && ms !== undefined ? { kind, longestMs: ms } : undefined;
}

/** Ends that are tried again only if a header names them, or with all of their queue. */
const reasons: readonly string[] = ['timeout', 'idle', 'signal', 'cannot-start', 'log-lost', 'bad-result', 'pattern'];

/** Gives the ends of `error, timeout, exit=75`; undefined if one of the words is none. */
export function retryOnFromText(text: string): readonly string[] | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const isKnown = (word: string): boolean => {
    const code = /^exit=(\d{1,3})$/.exec(word)?.[1];
    if (code !== undefined) return Number(code) <= 255;
    return word === 'error' || word === 'fail' || reasons.includes(word);
  };
  return words.length > 0 && words.every(isKnown) ? words : undefined;
}

/** What may stand in `retry-on`, for whoever wrote something else. */
export const retryOnRemedy: string = `write error, fail, exit=N or one of ${reasons.join(', ')}; what was killed is never tried again, what was interrupted is with idempotent :: yes`;

/** True if the words of a `retry-on` name that end. What a person ended is named by none; what was interrupted is idempotent's affair. */
export function isRetriedOn(on: readonly string[], { word, reason }: Outcome): boolean {
  if (word === 'done' || reason.kind === 'killed' || reason.kind === 'interrupted' || reason.kind === 'expired')
    return false;
  const said = reason.kind === 'exit' ? `exit=${reason.code}` : reason.kind;
  return on.includes(word) || on.includes(said);
}

/**
 * Gives how long to wait before the retry `number`, the first being 1. What doubles is also spread by up to a quarter, by what
 * `seed` says and the same each time, so that those who failed together do not come back together.
 */
export function retryDelayMs({ delayMs, backoff }: Retrying, number: number, seed: string): number {
  if (backoff.kind === 'fixed') return delayMs;
  const doubled = Math.min(delayMs * 2 ** Math.min(number - 1, 40), Math.max(delayMs, backoff.longestMs));
  return doubled + spread(seed, Math.floor(doubled / 4) + 1);
}
