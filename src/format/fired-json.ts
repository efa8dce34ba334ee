// `.sjq/fired/NAME`: what is kept of a schedule, as JSON.
import { type Bytes, bytesFromUtf8, utf8FromBytes } from '../model/bytes.ts';
import type { Fired } from '../model/schedule.ts';

/** Gives the text that {@link firedFromText} reads. */
export function textFromFired(fired: Fired): Bytes {
  return bytesFromUtf8(JSON.stringify(fired) + '\n');
}

/** Gives what is kept; undefined for what this program never wrote. */
export function firedFromText(text: Bytes): Fired | undefined {
  let said: Readonly<Record<keyof Fired, unknown>> | null;
  try {
    said = JSON.parse(utf8FromBytes(text)) as typeof said;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { rule, after, last, count, isDisabled, firing } = said ?? ({} as Readonly<Record<keyof Fired, unknown>>);
  if (typeof rule !== 'string' || typeof after !== 'number' || typeof count !== 'number') return undefined;
  const names: readonly unknown[] = Array.isArray(firing) ? firing : [];
  return {
    ...{ rule, after, count, isDisabled: isDisabled === true },
    ...(typeof last === 'number' && { last }),
    firing: names.filter((name) => typeof name === 'string'),
  };
}
