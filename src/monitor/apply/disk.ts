// A disk that takes nothing: full, read-only or failing. It is one incident however many steps meet it: said once when it begins, and
// once when it is over. While it lasts nothing new is begun, and a file written by way of trial, every few seconds, tells when it ends.
import { join } from '../../model/paths.ts';
import type { Bytes } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';

/** After a fault nothing new is begun for this long; then the disk is tried. */
export const pauseMs = 5000;
/** What is refused within this time after a trial went well belongs to the same incident: a disk that is all but full. */
const wellMs = 10_000;
/** More than a claim writes of nearly every UOW. */
const trialBytes = 256 * 1024;

/** What a disk says that takes nothing, and what to do about it. */
export const diskRemedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room; it is tried again by itself',
  EDQUOT: 'the disk quota is used up: make room; it is tried again by itself',
  EROFS: 'the file system is read-only: remount it; it is tried again by itself',
  EIO: 'the disk fails: look at the kernel log (dmesg)',
};

type Of = Pick<Context, 'machine' | 'paths' | 'picture' | 'config' | 'say'>;

/**
 * Notes a fault that a write met. True if it is the root's whole disk that refuses, which is said by then; false if it was this one
 * write, or a file system elsewhere: then it is the caller's to say. `doing` is what was tried.
 */
export function noteDisk(context: Of, error: unknown, doing: string): boolean {
  const { picture, machine } = context;
  const code = errnoOf(error);
  const remedy = code === undefined ? undefined : diskRemedies[code];
  if (code === undefined || remedy === undefined) return false;
  const known = picture.disk;
  if (known?.code !== code && refusal(context) === undefined) return false;
  const until = machine.clock.now() + pauseMs;
  picture.trouble = { until, text: `the disk refused (${code}): ${remedy}` };
  picture.disk = { code };
  if (known?.code === code) return true;
  const message = error instanceof Error ? error.message : String(error);
  context.say({ event: 'fault', text: `cannot ${doing}: ${message}: ${remedy}. Until then nothing new is begun` });
  return true;
}

/** Tries a disk that refused, when its time has come, and says when it is well. Gives when to look again; Infinity if it is well. */
export function lookAtDisk(context: Of): number {
  const { picture, machine } = context;
  const { disk, trouble } = picture;
  const now = machine.clock.now();
  if (!disk) return Infinity;
  if (disk.wellAt === undefined) {
    if (trouble && now < trouble.until) return trouble.until;
    const refused = refusal(context);
    if (refused !== undefined) {
      noteDisk(context, refused, 'write');
      return now + pauseMs;
    }
    delete picture.trouble;
    picture.disk = { code: disk.code, wellAt: now };
    return now + wellMs;
  }
  const wellAt = Math.min(disk.wellAt, now);
  if (now - wellAt < wellMs) return wellAt + wellMs;
  delete picture.disk;
  context.say({
    event: 'attention',
    text: `the disk takes what is written again (${disk.code} is over): the queue goes on`,
  });
  return Infinity;
}

/** Gives what the root's disk says to a file of some size; undefined if it takes it. */
export function refusal({ machine, paths, config }: Pick<Context, 'machine' | 'paths' | 'config'>): unknown {
  const { files } = machine;
  const trial = join(paths.own, 'trial');
  try {
    files.unlink(trial);
    files.create(trial, ' '.repeat(trialBytes) as Bytes, { mode: 0o600, sync: config.durability === 'power' });
    files.unlink(trial);
    return undefined;
  } catch (error) {
    return error;
  }
}
