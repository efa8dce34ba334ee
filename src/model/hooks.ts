// Hooks: commands that run when an attempt has ended, in its slot and into its log, and change nothing about how it ended. What an
// attempt carries of them, and which of them an end calls for. How they run is apply/hooks, and docs/decisions/0046 why so.
import type { Bytes } from './bytes.ts';
import type { Outcome } from './outcome.ts';

/** The header fields of hooks, in the order in which they run. */
export const hookFields = ['on-done', 'on-error', 'on-fail', 'finally'] as const;
export type HookField = (typeof hookFields)[number];

/** The hooks of an attempt, in its run record; a record without any has none of this. */
export interface Hooks {
  /** What runs them, as the job's user: the outcome and the commands are put behind it. */
  readonly argv: readonly Bytes[];
  readonly commands: readonly HookCommand[];
}

export interface HookCommand {
  readonly field: HookField;
  readonly command: string;
}

/** In the record of a run of hooks: how their attempt ended, decided before they began, and which go it is. */
export interface Hooking {
  readonly outcome: Outcome;
  readonly go: number;
}

/** A run of hooks whose guardian was killed is begun anew once: a hook that reboots the host must not do so for ever. */
export const goesAtMost = 2;

/** One hook is ended after so long. */
export const hookLimitSeconds = 30;

/** Gives the hooks that an end calls for. One that is tried again is not the end of its UOW: only `finally` runs then. */
export function hooksFor(
  { commands }: Hooks,
  { word }: Outcome,
  { isLast }: { readonly isLast: boolean },
): readonly HookCommand[] {
  return commands.filter(({ field }) => field === 'finally' || (isLast && field === `on-${word}`));
}
