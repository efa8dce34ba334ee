// A machine that is broken fails one job after the other: the monitor pauses by itself before all of the queue is in fail-q.
import type { Action } from '../../model/action.ts';
import { shownFromName } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import type { Control, CouldNotStart } from '../../model/seen.ts';

/** Gives what suspends the monitor, and the switches after it; nothing where there is no reason, and none while it is paused. */
export function suspend(
  { control, couldNotStart }: { readonly control: Control; readonly couldNotStart: CouldNotStart },
  { suspendAfter }: Pick<Config, 'suspendAfter'>,
): { readonly actions: readonly Action[]; readonly control: Control } {
  const why = control.paused || suspendAfter === 0 ? undefined : reason(couldNotStart, suspendAfter);
  if (why === undefined) return { actions: [], control };
  const suspended: Control = { ...control, paused: true, suspended: why };
  const text = `${why}: nothing more is started until RESUME`;
  return {
    control: suspended,
    actions: [
      { kind: 'control', control: suspended },
      { kind: 'alarm', alarm: { kind: 'monitor-suspended', text } },
    ],
  };
}

function reason({ jobs, launchers }: CouldNotStart, atLeast: number): string | undefined {
  if (launchers >= atLeast) return `the launcher ended at once ${launchers} times in a row`;
  if (jobs.length < atLeast) return undefined;
  const named = jobs.slice(0, 5).map(shownFromName).join(', ');
  const more = jobs.length > 5 ? ` and ${jobs.length - 5} more` : '';
  return `${jobs.length} different jobs in a row could not start (${named}${more})`;
}
