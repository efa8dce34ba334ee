// A fault of the machine (a full disk, a missing right) met while something was carried out: told to people with what to do
// about it, and remembered for a while, so that nothing new is begun meanwhile.
import type { Action } from '../../model/action.ts';
import type { Refused } from '../../model/seen.ts';
import { shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import { diskRemedies, noteDisk, pauseMs } from './disk.ts';
import { sayOnce } from '../report/say-once.ts';
import { keyOfArrival } from '../survey/arrivals.ts';
import { hint } from '../survey/picture.ts';

const remedies: Readonly<Record<string, string>> = {
  ...diskRemedies,
  EACCES: 'give the monitor’s user the right to read and write the root',
  EPERM: 'give the monitor’s user the right to read and write the root',
  EMFILE: 'too many open files: raise the limit (ulimit -n, LimitNOFILE)',
  ENFILE: 'too many open files on this machine: raise fs.file-max',
  EXDEV: 'the root must lie on one file system',
};
/** Faults that every UOW would meet, not only the one at hand. */
const concernsAll: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** What a fault was met in: an action, the syncing behind all of them, or the removal of what is over. */
export type FaultyStep = Action | 'sync' | 'clean-up';

/** Reports a fault of the machine. What is none is reported as a bug. */
export function reportFault(context: Context, step: FaultyStep, error: unknown): void {
  const { clock } = context.machine;
  const code = errnoOf(error);
  const action = typeof step === 'string' ? undefined : step;
  const kind = action?.kind ?? (step === 'sync' ? 'sync' : 'clean up');
  const name = nameOf(action);
  const what = `${kind}${name === undefined ? '' : ` ${shownFromName(name)}`}`;
  if (code !== undefined) {
    const text = `the disk refused (${code}): ${remedies[code] ?? 'look at monitor_says'}`;
    const refused = { until: clock.now() + pauseMs, text };
    if (action) refuse(context, action, refused);
    if (noteDisk(context, error, what)) return;
    if (!isOfOne(step) || concernsAll.has(code)) context.picture.trouble = refused;
  }
  const message = error instanceof Error ? error.message : String(error);
  const detail = code === undefined && error instanceof Error ? (error.stack ?? message) : message;
  const remedy =
    code === undefined ? 'this is a bug of sjq, please report it' : (remedies[code] ?? 'mend what the message names');
  sayOnce(context, `fault ${kind} ${code ?? message}`, {
    event: 'fault',
    ...(name !== undefined && { name }),
    text: `cannot ${what}: ${detail}: ${remedy}`,
  });
}

/** True if the fault is met by one UOW, or by what one left, and by no other. */
function isOfOne(step: FaultyStep): boolean {
  if (typeof step === 'string') return step === 'clean-up';
  return (
    'arrival' in step || 'schedule' in step || step.kind === 'claim' || ('record' in step && step.kind !== 'launch')
  );
}

/** One file that may not be touched (made immutable, say) must not hold up the others: only it waits. */
function refuse({ picture }: Context, action: Action, refused: Refused): void {
  if ('arrival' in action) {
    const known = picture.arrivals.get(keyOfArrival(action.arrival));
    if (known) picture.arrivals.set({ ...known, refusedUntil: refused.until });
    // Half done: it is looked at anew.
    else hint(picture, action.arrival.queue, action.arrival.name);
  } else if (action.kind === 'claim') {
    const waiting = picture.waiting[action.uow.queue];
    const { name } = action.uow;
    if (!waiting.get(name)) return;
    waiting.add({ ...action.uow, refused });
    picture.isNews ||= picture.refusals.get(name)?.text !== refused.text;
    picture.refusals.set(name, refused);
  } else if ('schedule' in action) {
    const state = picture.schedules.get(action.schedule);
    if (state) state.refusedUntil = refused.until;
  } else if ('record' in action) {
    const run = picture.runs.get(action.record.id);
    if (run) run.refusedUntil = refused.until;
  }
}

function nameOf(action: Action | undefined): string | undefined {
  if (!action) return undefined;
  if ('record' in action) return action.record.name;
  if ('arrival' in action) return action.arrival.name;
  if ('schedule' in action) return action.schedule;
  return 'uow' in action ? action.uow.name : undefined;
}
