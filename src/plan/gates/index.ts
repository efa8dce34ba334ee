// The gates in the order in which they are asked: what a person did first, then what the UOW asks for, then the machine, which
// costs a look.
import type { Blocked, Gate, GateView } from '../gate.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { expired } from './expired.ts';
import { flow } from './flow.ts';
import { groups } from './groups.ts';
import { held } from './held.ts';
import { needs } from './needs.ts';
import { overlap } from './overlap.ts';
import { parents } from './parents.ts';
import { paused } from './paused.ts';
import { procnames } from './procnames.ts';
import { ready } from './ready.ts';
import { refused } from './refused.ts';
import { retry } from './retry.ts';
import { slots } from './slots.ts';
import { startTimes } from './start-times.ts';
import { trouble } from './trouble.ts';

const gates: readonly Gate[] = [
  held,
  paused,
  trouble,
  refused,
  expired,
  flow,
  parents,
  startTimes,
  retry,
  overlap,
  groups,
  needs,
  slots,
  ready,
  procnames,
];

/** Gives the first reason why the UOW may not start, or undefined if every gate is open. */
export function shutGate(uow: WaitingUow, view: GateView): Blocked | undefined {
  for (const gate of gates) {
    const blocked = gate(uow, view);
    if (blocked) return blocked;
  }
  return undefined;
}
