// A look at a root from outside, with the monitor's own survey: for commands that read. Changes nothing and needs no monitor.
import type { Control, Seen } from '../model/seen.ts';
import type { Context } from './context.ts';
import { emptyPicture } from './survey/picture.ts';
import { findRuns } from './survey/runs.ts';
import { enlistStamped } from './survey/look.ts';
import { lookAtParents } from './survey/parents.ts';
import { seenNow, survey } from './survey/survey.ts';

/** Gives the picture of a root now. UOWs that are complete and stamped count as waiting, others as arriving. */
export function observe(parts: Pick<Context, 'machine' | 'paths' | 'config'>, control: Control): Seen {
  return observeWith(parts, control).seen;
}

/** Gives also the context of the observer, for what else is to be read. */
export function observeWith(
  parts: Pick<Context, 'machine' | 'paths' | 'config'>,
  control: Control,
): { readonly context: Context; readonly seen: Seen } {
  const context = observer(parts, control);
  findRuns(context);
  survey(context, [], false);
  enlistStamped(context);
  lookAtParents(context);
  return { context, seen: seenNow(context) };
}

/** Gives the context of somebody who looks at a root, or mends it while no monitor does, and starts nothing. Nobody hears it. */
export function observer(parts: Pick<Context, 'machine' | 'paths' | 'config'>, control: Control): Context {
  return {
    ...parts,
    picture: emptyPicture(control, { isObserver: true }),
    version: '',
    cgroups: undefined,
    launcher: () => {
      throw new Error('an observer starts nothing');
    },
    say: () => undefined,
    flush: () => true,
    wake: () => undefined,
  };
}
