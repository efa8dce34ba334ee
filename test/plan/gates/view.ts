// What the gates of a UOW look at, for the tests of this folder.
import type { Config } from '../../../src/model/config.ts';
import type { GateView } from '../../../src/plan/gate.ts';
import { groupsOf } from '../../../src/plan/groups.ts';
import type { Resource } from '../../../src/plan/resources.ts';
import { aConfig, aSeen } from '../../support/builders.ts';

/** Gives the view of an idle machine with one free slot of one. */
export function aView(
  changed: {
    readonly seen?: Parameters<typeof aSeen>[0];
    readonly config?: Partial<Config>;
    readonly slots?: number;
    readonly freeSlots?: number;
    readonly resources?: Readonly<Record<string, Resource>>;
    readonly arrays?: Readonly<Record<string, number>>;
  } = {},
): GateView {
  const { slots = 1, freeSlots = slots } = changed;
  const resources = new Map(Object.entries(changed.resources ?? {}));
  const { seen, config } = changed;
  const groups = groupsOf(aConfig(config), seen?.claims ?? []);
  const arrays = new Map(Object.entries(changed.arrays ?? {}));
  return {
    ...{ seen: aSeen(seen), config: aConfig(config), slots, freeSlots, resources, groups, arrays },
    ...{ starting: new Set(), startedNow: new Map(), ratesKept: new Set() },
  };
}
