// A fault of the machine (a full disk, a missing right) met while something was carried out: told to people with what to do
// about it, and remembered for a while, so that nothing new is begun meanwhile.
import type { Action } from '../../model/action.ts';
import type { Arrival } from '../../model/seen.ts';
import { shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import { sayOnce } from '../report/say-once.ts';

/** After a fault nothing new is begun for this long. */
const pauseMs = 5000;

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room; it is tried again by itself',
  EDQUOT: 'the disk quota is used up: make room; it is tried again by itself',
  EROFS: 'the file system is read-only: remount it; it is tried again by itself',
  EACCES: 'give the monitor’s user the right to read and write the root',
  EPERM: 'give the monitor’s user the right to read and write the root',
  EIO: 'the disk fails: look at the kernel log (dmesg)',
  EMFILE: 'too many open files: raise the limit (ulimit -n, LimitNOFILE)',
  ENFILE: 'too many open files on this machine: raise fs.file-max',
  EXDEV: 'the root must lie on one file system',
};
/** Faults that every UOW would meet, not only the one at hand. */
const concernsAll: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);
/** libuv knows no name for EDQUOT: its code is the number. */
const quotaErrno = -122;

/** Reports a fault of an action, or of the syncing behind all of them. What is no fault of the machine is reported as a bug. */
export function reportFault(context: Context, action: Action | undefined, error: unknown): void {
  const { clock } = context.machine;
  const code = codeOf(error);
  const name = nameOf(action);
  const what = `${action?.kind ?? 'sync'}${name === undefined ? '' : ` ${shownFromName(name)}`}`;
  if (action && 'arrival' in action) refuse(context, action.arrival, clock.now() + pauseMs);
  if (code !== undefined && (!action || !('arrival' in action) || concernsAll.has(code))) {
    const text = `the disk refused (${code}): ${remedies[code] ?? 'look at monitor_says'}`;
    context.picture.trouble = { until: clock.now() + pauseMs, text };
  }
  const message = error instanceof Error ? error.message : String(error);
  const detail = code === undefined && error instanceof Error ? (error.stack ?? message) : message;
  const remedy =
    code === undefined ? 'this is a bug of sjq, please report it' : (remedies[code] ?? 'mend what the message names');
  sayOnce(context, `fault ${action?.kind ?? 'sync'} ${code ?? message}`, {
    event: 'fault',
    ...(name !== undefined && { name }),
    text: `cannot ${what}: ${detail}: ${remedy}`,
  });
}

/** One file that may not be touched must not hold up the others: only it waits. */
function refuse({ picture }: Context, arrival: Arrival, until: number): void {
  const key = `${arrival.queue}/${arrival.name}`;
  const known = picture.arrivals.get(key);
  if (known) picture.arrivals.set(key, { ...known, refusedUntil: until });
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof Error && 'errno' in error && error.errno === quotaErrno) return 'EDQUOT';
  return errnoOf(error);
}

function nameOf(action: Action | undefined): string | undefined {
  if (!action) return undefined;
  if ('record' in action) return action.record.name;
  if ('arrival' in action) return action.arrival.name;
  return 'uow' in action ? action.uow.name : undefined;
}
