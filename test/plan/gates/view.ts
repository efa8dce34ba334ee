// What the gates of a UOW look at, for the tests of this folder.
import type { Config } from '../../../src/model/config.ts';
import type { GateView } from '../../../src/plan/gate.ts';
import { aConfig, aSeen } from '../../support/builders.ts';

/** Gives the view of an idle machine with one free slot of one. */
export function aView(
  changed: {
    readonly seen?: Parameters<typeof aSeen>[0];
    readonly config?: Partial<Config>;
    readonly slots?: number;
    readonly freeSlots?: number;
  } = {},
): GateView {
  const { slots = 1, freeSlots = slots } = changed;
  return { seen: aSeen(changed.seen), config: aConfig(changed.config), slots, freeSlots, starting: new Set() };
}
