// How far a running UOW is, from its run record and what its job says. In a file of its own because it loads half of the monitor.
import type { Bytes } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import type { KeptBy } from '../../model/limits.ts';
import type { PostedRunning } from '../../model/posted.ts';
import type { Given } from '../../model/run.ts';
import { readControl } from '../../monitor/apply/control.ts';
import { observer } from '../../monitor/observe.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { runningOf } from '../../monitor/report/posted.ts';
import { lookAtProgress } from '../../monitor/report/progress.ts';
import { loadUsual } from '../../monitor/report/usual.ts';
import { claimsSeen, findRuns } from '../../monitor/survey/runs.ts';
import { searchPathOf } from '../../plan/given.ts';
import type { OpenedRoot } from '../opened-root.ts';

/** What runs, and what it was given besides its header. */
export interface UnderWay extends PostedRunning {
  readonly given: Given;
  readonly limits: KeptBy;
}

/** Gives what is known of its attempt; nothing where it is not claimed, or this user may not read what tells. */
export function underWay({ config, paths }: OpenedRoot, name: Bytes): UnderWay | undefined {
  const parts = { machine: realMachine(), paths, config };
  try {
    const context = observer(parts, readControl(parts));
    findRuns(context);
    const claim = claimsSeen(context).find(({ record }) => record.name === name);
    if (!claim) return undefined;
    lookAtProgress(context);
    loadUsual(context);
    const { given, launch, limits = {} } = claim.record;
    const searchPath = searchPathOf(given, launch.environment);
    return {
      ...runningOf(context, claim),
      limits,
      given: { ...given, ...(searchPath !== undefined && { searchPath }) },
    };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
