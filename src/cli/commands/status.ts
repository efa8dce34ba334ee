// sjq status: what stands where, what runs, what waits and why. Reads the directories, so that it works without a monitor.
import type { Bytes } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import { rootPaths } from '../../model/paths.ts';
import { queueKinds } from '../../model/queue.ts';
import type { Seen } from '../../model/seen.ts';
import { textFromInstant } from '../../model/time.ts';
import type { Context } from '../../monitor/context.ts';
import { readControl } from '../../monitor/control.ts';
import { observe } from '../../monitor/observe.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { statusText } from '../../monitor/status.ts';
import { whyWaiting } from '../../plan/rules/promote.ts';
import { realFiles } from '../../system/files.ts';
import { isRootLocked } from '../../system/lock.ts';

/** The picture of a root as a command sees it. */
export interface Observed {
  readonly seen: Seen;
  readonly config: Config;
  readonly isAlive: boolean;
}

/** Looks at a root without changing a thing. */
export async function observed(root: Bytes): Promise<Observed> {
  const machine = realMachine();
  const config = readConfig(realFiles, root);
  const paths = rootPaths(root, config);
  const context: Pick<Context, 'machine' | 'paths' | 'config'> = { machine, paths, config };
  return { seen: observe(context, readControl(context)), config, isAlive: await isRootLocked(root) };
}

/** Gives the table for people. */
export function textFromObserved({ seen, config, isAlive }: Observed): string {
  return statusText(seen, config, isAlive);
}

/** Gives the same as JSON. */
export function jsonFromObserved({ seen, config, isAlive }: Observed): string {
  const waiting = (['executing', 'priority', 'wait'] as const).flatMap((queue) =>
    [...seen.waiting[queue]].map((uow) => ({
      name: uow.name,
      queue: config.queues[uow.queue],
      priority: uow.priority,
      enqueued_at: textFromInstant(uow.stamp.seconds * 1000),
      attempts: uow.attempts,
      why: whyWaiting(uow, seen, config),
    })),
  );
  const running = seen.claims.map(({ record, started, result }) => ({
    name: record.name,
    attempt: record.attempt,
    state: result ? 'ending' : started === 'yes' ? 'running' : 'starting',
    since: textFromInstant(record.claimedAt),
  }));
  const counts = Object.fromEntries(queueKinds.map((queue) => [config.queues[queue], seen.counts[queue]]));
  const { paused, finishing } = seen.control;
  const slots = seen.control.slots ?? config.slots;
  const at = textFromInstant(seen.now);
  return (
    JSON.stringify(
      { schema: 'sjq.status/1', at, alive: isAlive, paused, finishing, slots, counts, running, waiting },
      null,
      2,
    ) + '\n'
  );
}
