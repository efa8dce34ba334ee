// sjq status: what stands where, what runs, what waits and why, what ended last. Reads the directories, so that it works without
// a monitor; shows what a monitor posts in status/.
import { jsonFromPosted } from '../../format/status-json.ts';
import { textFromPosted } from '../../format/status-text.ts';
import type { Bytes } from '../../model/bytes.ts';
import { rootPaths } from '../../model/paths.ts';
import type { Posted } from '../../model/posted.ts';
import { readControl } from '../../monitor/apply/control.ts';
import { loadEnded } from '../../monitor/report/ended.ts';
import { observeWith } from '../../monitor/observe.ts';
import { postedNow } from '../../monitor/report/posted.ts';
import { lookAtProgress } from '../../monitor/report/progress.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { readHolder } from '../../monitor/root.ts';
import { listedWaiting } from '../../monitor/report/status.ts';
import { realFiles } from '../../system/files.ts';
import { isRootLocked } from '../../system/lock.ts';

/** Gives the table for people. */
export async function statusText(root: Bytes): Promise<string> {
  return textFromPosted(await observed(root, listedWaiting));
}

/** Gives the same as JSON, with all that waits. */
export async function statusJson(root: Bytes): Promise<string> {
  return jsonFromPosted(await observed(root, Infinity));
}

/** Looks at a root without changing a thing. */
async function observed(root: Bytes, waitingLimit: number): Promise<Posted> {
  const machine = realMachine();
  const config = readConfig(realFiles, root);
  const parts = { machine, paths: rootPaths(root, config), config };
  const { context, seen } = observeWith(parts, readControl(parts));
  loadEnded(context);
  lookAtProgress(context);
  const monitor = readHolder(realFiles, root);
  return postedNow(context, seen, { isAlive: await isRootLocked(root), waitingLimit, ...(monitor && { monitor }) });
}
