// Counting a queue of what has ended: at once where it holds few; outside of the wake where it may hold a million, and seldom
// enough to take a hundredth of the time.
import type { Bytes } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { join } from '../../model/paths.ts';
import { isEndedQueue, isIgnoredName, isReadmeName, type Queue } from '../../model/queue.ts';
import type { FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';
import { inBackground } from '../apply/ask.ts';
import { hint } from './picture.ts';

/** A directory that takes more room than this holds some thousands of names: with the file systems that tell it, 3,000 to 10,000. */
export const largeBytes: number = 256 * 1024;
/** Listing a directory takes a hundredth of the time at most. */
const restTimes = 100;

/** Gives the names that count as UOWs. */
export function isCounted(name: Bytes): boolean {
  return !isIgnoredName(name) && !isReadmeName(name);
}

/** Notes that a queue was listed, which began at that time: for a hundred times as long the poll does not list it again. */
export function noteListed({ picture, machine }: Context, queue: Queue, startedAt: number): void {
  const now = machine.clock.now();
  picture.listableAt.set(queue, now + restTimes * Math.max(0, now - startedAt));
}

/** True unless the queue was listed so lately, and took so long, that it is not yet its turn again. */
export function mayList({ picture, machine }: Context, queue: Queue): boolean {
  return machine.clock.now() >= (picture.listableAt.get(queue) ?? -Infinity);
}

/** True if the queue is to be counted outside of the wake. One who looks from outside waits for it. */
export function isLarge({ picture }: Context, stat: FileStat | undefined): boolean {
  return !picture.isObserver && (stat?.sizeBytes ?? 0) > largeBytes;
}

/** Counts a queue again whose count is in doubt; one that cannot be read keeps its count until it can, which is said by the look at it. */
export function countAnew(context: Context, queue: Queue): void {
  const { picture, machine, paths } = context;
  const dir = paths.queue[queue];
  try {
    const stat = machine.files.stat(dir);
    if (isLarge(context, stat)) {
      // What waits comes first: a count takes the processor for some seconds.
      if (stat && !picture.isFirstLook && mayList(context, queue)) countLater(context, queue, stat);
      return;
    }
    const count = (machine.files.list(dir) ?? []).filter(isCounted).length;
    picture.isNews ||= count !== picture.counts[queue];
    picture.counts[queue] = count;
    picture.staleCounts.delete(queue);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/**
 * Counts a queue in the background. `stat` is that of its directory before. Where there are more than the monitor's own moves made,
 * or at the start when the directory changed after the history did, those that are as young as the last count, or the last line of
 * history, are looked at: a person may have put them there.
 */
function countLater(context: Context, queue: Queue, stat: FileStat): void {
  const { picture, machine, paths } = context;
  const isFirst = !picture.endedListedAt.has(queue);
  const historyMs = machine.files.stat(paths.history)?.mtimeMs ?? 0;
  const sinceMs = picture.endedListedAt.get(queue) ?? historyMs;
  inBackground(context, `the number of files in ${context.config.queues[queue]}`, async () => {
    const startedAt = machine.clock.now();
    const before = picture.counts[queue];
    let count = 0;
    const isThere = await machine.eachName(paths.queue[queue], (name) => {
      if (isCounted(name)) count += 1;
      else if (isReadmeName(name) && queue !== 'trash') hint(picture, queue, name);
    });
    if (!isThere) return;
    // Of what was moved there meanwhile nobody knows whether it was told: that count is made again when its turn comes.
    const after = picture.counts[queue];
    const isForeign = isFirst ? stat.mtimeMs > historyMs : count > after;
    if (isFirst || count < before || count > after) {
      picture.counts[queue] = count;
      picture.isNews = true;
    }
    picture.endedListedAt.set(queue, startedAt);
    if (after === before) picture.staleCounts.delete(queue);
    else picture.listedMtimeMs.delete(queue);
    if (isForeign && isEndedQueue(queue)) {
      await machine.eachName(paths.queue[queue], (name) => {
        if (isCounted(name) && isYoung(context, queue, name, sinceMs)) hint(picture, queue, name);
      });
    }
    noteListed(context, queue, startedAt);
  });
}

function isYoung({ machine, paths }: Context, queue: Queue, name: Bytes, sinceMs: number): boolean {
  const stat = machine.files.stat(join(paths.queue[queue], name));
  return stat !== undefined && stat.ctimeMs >= sinceMs;
}
