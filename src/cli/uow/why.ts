// Why a UOW waits, asked of the monitor's own rules. In a file of its own because it loads half of the monitor.
import type { Bytes } from '../../model/bytes.ts';
import { readControl } from '../../monitor/apply/control.ts';
import { observe } from '../../monitor/observe.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { whyWaiting } from '../../plan/rules/promote.ts';
import { errnoOf } from '../../model/errno.ts';
import type { OpenedRoot } from '../opened-root.ts';

/** Gives the reason; undefined where it does not wait, or this user may not read what decides it. */
export function whyNotStarted({ config, paths }: OpenedRoot, name: Bytes): string | undefined {
  const context = { machine: realMachine(), paths, config };
  try {
    const seen = observe(context, readControl(context));
    for (const queue of ['executing', 'priority', 'wait'] as const) {
      for (const uow of seen.waiting[queue]) if (uow.name === name) return whyWaiting(uow, seen, config);
    }
    return seen.arrivals.some((arrival) => arrival.name === name) ? 'it is not taken in yet' : undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
