// The gates in the order in which they are asked: what a person did first, then what the UOW asks for, then the machine, which
// costs a look.
import type { Blocked, Gate, GateView } from '../gate.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { array } from './array.ts';
import { expired } from './expired.ts';
import { flow } from './flow.ts';
import { groups } from './groups.ts';
import { held } from './held.ts';
import { needs } from './needs.ts';
import { overlap } from './overlap.ts';
import { parents } from './parents.ts';
import { paused } from './paused.ts';
import { procnames } from './procnames.ts';
import { rate } from './rate.ts';
import { ready } from './ready.ts';
import { refused } from './refused.ts';
import { retry } from './retry.ts';
import { slots } from './slots.ts';
import { startTimes } from './start-times.ts';
import { trouble } from './trouble.ts';
import { when } from './when.ts';

const gates: readonly (readonly [name: string, gate: Gate])[] = [
  ['held', held],
  ['paused', paused],
  ['trouble', trouble],
  ['refused', refused],
  ['expired', expired],
  ['flow', flow],
  ['parents', parents],
  ['start-times', startTimes],
  ['retry', retry],
  ['overlap', overlap],
  ['array', array],
  ['groups', groups],
  ['needs', needs],
  ['rate', rate],
  ['slots', slots],
  ['ready', ready],
  ['procnames', procnames],
  ['when', when],
];

/** What a gate said: it is open where it is not blocked. */
export interface Asked {
  readonly gate: string;
  readonly blocked?: Blocked;
}

/** Gives the first reason why the UOW may not start, or undefined if every gate is open. */
export function shutGate(uow: WaitingUow, view: GateView): Blocked | undefined {
  for (const [, gate] of gates) {
    const blocked = gate(uow, view);
    if (blocked) return blocked;
  }
  return undefined;
}

/** Gives what every gate says, in their order. The first that is shut is that of {@link shutGate}. */
export function askedGates(uow: WaitingUow, view: GateView): readonly Asked[] {
  return gates.map(([name, gate]) => {
    const blocked = gate(uow, view);
    return { gate: name, ...(blocked && { blocked }) };
  });
}
