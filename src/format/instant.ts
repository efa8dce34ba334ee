// Instants as people write them. date-fns knows the calendar and the local time zone.
import { addDays, isValid, parse, parseISO } from 'date-fns';
import { durationMsFromText } from '../model/time.ts';

/**
 * Gives the instant of an RFC 3339 text, of a local `2026-11-22 07:00[:30]` or `2026-11-22`, of `07:00` (the next one after
 * `now`), or of `+2h` counted from `now`. Undefined if it is none of these.
 */
export function instantFromText(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('+')) {
    const afterMs = durationMsFromText(trimmed.slice(1));
    return afterMs === undefined ? undefined : now + afterMs;
  }
  if (/^\d{4}-\d{2}-\d{2}/.test(trimmed)) {
    const date = parseISO(trimmed.replace(/^(\d{4}-\d{2}-\d{2}) +/, '$1T'));
    return isValid(date) ? date.getTime() : undefined;
  }
  if (/^\d{1,2}:\d{2}$/.test(trimmed)) {
    const today = parse(trimmed, 'H:mm', new Date(now));
    if (!isValid(today)) return undefined;
    if (today.getTime() > now) return today.getTime();
    // From the text anew: today's may be a time that a change of the clocks has moved.
    return parse(trimmed, 'H:mm', addDays(now, 1)).getTime();
  }
  return undefined;
}
