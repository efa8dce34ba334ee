// The stamp on a UOW's first line: when it was enqueued, and its place among those of the same second.

/** Whole seconds since the epoch, and an ordinal within the second (the microsecond, when the program made the stamp). */
export interface Stamp {
  readonly seconds: number;
  readonly ordinal: number;
}

/** Gives the order of two stamps: negative if `a` came first. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.seconds - b.seconds || a.ordinal - b.ordinal;
}

/** Gives the instant of a stamp, epoch milliseconds: to the millisecond of one that the program made. */
export function instantOfStamp({ seconds, ordinal }: Stamp): number {
  return seconds * 1000 + Math.min(999, Math.floor(ordinal / 1000));
}

/** Gives `1795329066-2`, as it stands on disk and in names of run records. */
export function textFromStamp(stamp: Stamp): string {
  return `${String(stamp.seconds)}-${String(stamp.ordinal)}`;
}

/** Gives the stamp of `1795329066-2` or of a bare `1795329066`; undefined if the text is neither. */
export function stampFromText(text: string): Stamp | undefined {
  const match = /^(\d{1,12})(?:-(\d{1,9}))?$/.exec(text);
  if (!match) return undefined;
  return { seconds: Number(match[1]), ordinal: Number(match[2] ?? 0) };
}

/** Gives the stamp of the flow that is the `at`th (from 1) in another one of that stamp; that itself for 0. */
export function partStamp(flow: Stamp, at: number): Stamp {
  let stamp = flow;
  for (let count = 0; count < at; count++) stamp = nextStamp(0, stamp);
  return stamp;
}

/**
 * Gives the next stamp to hand out at `nowMicros` (microseconds since the epoch), which comes after `last`.
 * Seconds never go back: after a clock step backwards stamps go on from the last one.
 */
export function nextStamp(nowMicros: number, last: Stamp | undefined): Stamp {
  // A clock before 1970 would make stamps that nothing can read.
  const micros = Math.max(0, nowMicros);
  const now = { seconds: Math.floor(micros / 1e6), ordinal: Math.floor(micros % 1e6) };
  if (!last || compareStamps(last, now) < 0) return now;
  return last.ordinal < 999_999
    ? { seconds: last.seconds, ordinal: last.ordinal + 1 }
    : { seconds: last.seconds + 1, ordinal: 0 };
}
