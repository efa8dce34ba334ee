// sjq status: what stands where, what runs, what waits and why, what ended last. Reads the directories, so that it works without
// a monitor; shows what a monitor posts in status/.
import { jsonPiecesFromPosted } from '../../format/status-json.ts';
import { textFromPosted } from '../../format/status-text.ts';
import { type Bytes, utf8FromBytes } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { join, type RootPaths, rootPaths } from '../../model/paths.ts';
import type { Posted } from '../../model/posted.ts';
import { waitingQueues } from '../../model/queue.ts';
import { readControl } from '../../monitor/apply/control.ts';
import { loadEnded } from '../../monitor/report/ended.ts';
import { observeWith } from '../../monitor/observe.ts';
import { postedNow } from '../../monitor/report/posted.ts';
import { lookAtProgress } from '../../monitor/report/progress.ts';
import { loadUsual } from '../../monitor/report/usual.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { readHolder } from '../../monitor/root.ts';
import { listedWaiting } from '../../monitor/report/status.ts';
import { largeBytes } from '../../monitor/survey/count.ts';
import { realFiles } from '../../system/files.ts';
import { isRootLocked } from '../../system/lock.ts';
import { writeOut } from '../out.ts';
import { postedLimitBytes, postedNowIn } from '../posted-now.ts';

/** Prints the table for people: where very many wait, the one that the monitor posted a second ago at most. */
export async function printStatus(root: Bytes): Promise<void> {
  const config = readConfig(realFiles, root);
  const posted = await postedText(root, rootPaths(root, config));
  await writeOut((posted && utf8FromBytes(posted)) ?? textFromPosted(await observed(root, listedWaiting)));
}

/** Prints the same as JSON, with all that waits. */
export async function printStatusJson(root: Bytes): Promise<void> {
  for (const piece of jsonPiecesFromPosted(await observed(root, Infinity))) await writeOut(piece);
}

/**
 * Gives what the monitor posted, where it lives and so many wait that it takes seconds to read each of them for the order of a hundred.
 * Undefined also if it has posted nothing yet in this life of it, or nowhere where that can be read.
 */
async function postedText(root: Bytes, paths: RootPaths): Promise<Bytes | undefined> {
  const { queue, status } = paths;
  const isLarge = waitingQueues.some((each) => (realFiles.stat(queue[each])?.sizeBytes ?? 0) > largeBytes);
  if (status === undefined || !isLarge || !(await isRootLocked(root)) || !postedNowIn(paths)) return undefined;
  try {
    const text = realFiles.read(join(status, 'status.txt'), 0, postedLimitBytes);
    return text === undefined || text === '' ? undefined : text;
  } catch (error) {
    // Somebody else's file, or none that he may read.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Looks at a root without changing a thing. */
async function observed(root: Bytes, waitingLimit: number): Promise<Posted> {
  const machine = realMachine();
  const config = readConfig(realFiles, root);
  const parts = { machine, paths: rootPaths(root, config), config };
  const isAlive = await isRootLocked(root);
  const told = isAlive ? postedNowIn(parts.paths)?.machine : undefined;
  const { context, seen } = observeWith(parts, readControl(parts), { machine: told });
  loadEnded(context);
  loadUsual(context);
  lookAtProgress(context);
  const monitor = readHolder(realFiles, root);
  return postedNow(context, seen, { isAlive, waitingLimit, ...(monitor && { monitor }) });
}
