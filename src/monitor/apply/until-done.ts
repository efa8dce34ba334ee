// Clean-up that must come to its end though the disk refuses it now: it is tried again at each poll. What a crash interrupts of
// it the next start finds and ends.
import type { Bytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { Queue } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import type { Batch } from './batch.ts';
import { touchParent } from '../survey/parents.ts';
import { hint } from '../survey/picture.ts';
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

/**
 * Has the batch remove the old name of a UOW that has another one by now, and does `then`. Never the last one: while the disk
 * refused, the other may have been taken for the one too many. If the other could not be made durable it is looked at anew. With `isHeld`
 * the other is not touched before: by a copy it would get another inode, and the old name would be a UOW of its own.
 */
export function dropOldName(
  context: Context,
  { queue, name, ino }: { readonly queue: Queue; readonly name: Bytes; readonly ino: number },
  batch: Batch,
  {
    isSynced = false,
    isHeld = false,
    then,
  }: { readonly isSynced?: boolean; readonly isHeld?: boolean; readonly then?: () => void } = {},
): void {
  const { files } = context.machine;
  const { dropping } = context.picture;
  const dir = context.paths.queue[queue];
  const path = join(dir, name);
  if (isHeld) dropping.add(ino);
  const settle = (): void => {
    if (isHeld) dropping.delete(ino);
  };
  const lookAnew = (): void => {
    settle();
    hint(context.picture, queue, name);
  };
  const drop = (): void => {
    const stat = files.stat(path);
    if (stat?.ino !== ino || stat.links < 2) {
      lookAnew();
      return;
    }
    files.unlink(path);
    settle();
    // Who waits for it may have seen it under that name.
    touchParent(context.picture.parents, name);
    then?.();
  };
  batch.remove(() => untilDone(context, drop), isSynced ? dir : undefined);
  batch.unlessSynced(lookAnew);
}

/** Tries again what could not be done. */
export function retryUnfinished(context: Context): void {
  for (const act of [...context.picture.unfinished]) untilDone(context, act);
}
