// FINISH: the monitor ends when nothing runs any more.
import type { Action } from '../../model/action.ts';
import type { Seen } from '../../model/seen.ts';

/** Gives the stop once a finishing monitor has no claim left. */
export function stop(seen: Seen, soFar: readonly Action[]): readonly Action[] {
  if (!seen.control.finishing || seen.claims.length > 0) return [];
  return soFar.some(({ kind }) => kind === 'claim') ? [] : [{ kind: 'stop', why: 'finished' }];
}
