// Clean-up that must come to its end though the disk refuses it now: it is tried again at each poll. What a crash interrupts of
// it the next start finds and ends.
import type { Context } from '../context.ts';
import { reportFault } from './fault.ts';

/** Does `act`, now or at a later poll. A fault is reported; `act` may be done in part and must bear being repeated. */
export function untilDone(context: Context, act: () => void): void {
  const { unfinished } = context.picture;
  unfinished.delete(act);
  try {
    act();
  } catch (error) {
    unfinished.add(act);
    reportFault(context, 'clean-up', error);
  }
}

/** Tries again what could not be done. */
export function retryUnfinished(context: Context): void {
  for (const act of [...context.picture.unfinished]) untilDone(context, act);
}
