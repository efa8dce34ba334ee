// How much of each resource there is, what of it is taken, and for whom the rest is kept. Counted anew in each plan from what runs,
// so that nothing can be taken for ever by what a crash has ended.
import { shownFromName } from '../model/bytes.ts';
import type { Config } from '../model/config.ts';
import type { Need } from '../model/needs.ts';
import type { ClaimSeen, Control, WaitingUow } from '../model/seen.ts';
import type { UowName } from '../model/uow.ts';

/** One resource as a plan sees it. */
export interface Resource {
  readonly capacity: number;
  /** More than there is, if the capacity was lowered while they run. */
  readonly taken: number;
  /** Who stands in front and waits for it. */
  readonly keptFor?: UowName;
}

/** Those that config.yaml offers, by name, in its order. */
export type Resources = ReadonlyMap<string, Resource>;

/** Gives the resources less what those of these claims take that still run. */
export function resourcesOf(
  { resources: changed = {} }: Pick<Control, 'resources'>,
  { resources }: Pick<Config, 'resources'>,
  claims: readonly ClaimSeen[],
): Resources {
  const offered: Resources = new Map(
    Object.entries(resources).map(([name, capacity]) => [name, { capacity: changed[name] ?? capacity, taken: 0 }]),
  );
  const running = claims.filter(({ isFinished }) => !isFinished);
  return running.reduce<Resources>((left, { record }) => afterTaking(left, record.needs), offered);
}

/** Gives them less what one more takes. */
export function afterTaking(resources: Resources, needs: readonly Need[] = []): Resources {
  if (needs.length === 0) return resources;
  const left = new Map(resources);
  for (const { name, count } of needs) {
    const one = left.get(name);
    if (one) left.set(name, { ...one, taken: one.taken + count });
  }
  return left;
}

/** Gives them with all that the UOW needs kept for it: whoever stands behind it gets nothing of these. */
export function afterKeeping(resources: Resources, { name: keptFor, needs = [] }: WaitingUow): Resources {
  const fresh = needs.flatMap(({ name }) => {
    const one = resources.get(name);
    return one && one.keptFor === undefined ? [[name, { ...one, keptFor }] as const] : [];
  });
  // Thousands may stand behind the first.
  return fresh.length === 0 ? resources : new Map([...resources, ...fresh]);
}

/** Gives what is taken of each, for people: `database 3 of 4`. */
export function textFromResources(resources: Resources): string {
  return [...resources].map(([name, { taken, capacity }]) => `${name} ${taken} of ${capacity}`).join(', ');
}

/** Why there is not enough: `never` for what will not be enough whoever ends. */
export interface Short {
  readonly never: boolean;
  readonly reason: string;
}

/** Gives why the needs cannot be taken now; undefined if they can. */
export function shortOf(resources: Resources, needs: readonly Need[] = []): Short | undefined {
  for (const { name, count } of needs) {
    const one = resources.get(name);
    if (!one) {
      const offered = [...resources.keys()].join(', ');
      const known = offered === '' ? 'config.yaml has no resources' : `config.yaml has ${offered}`;
      return { never: true, reason: `nobody offers the resource ${name} (${known})` };
    }
    if (count > one.capacity) return { never: true, reason: `needs ${name} ${count}, and there is ${one.capacity}` };
  }
  for (const { name, count } of needs) {
    const one = resources.get(name);
    if (!one) continue;
    const free = Math.max(0, one.capacity - one.taken);
    if (free < count) return { never: false, reason: `needs ${name} ${count}, ${free} of ${one.capacity} is free` };
    if (one.keptFor !== undefined)
      return { never: false, reason: `${name} is kept for ${shownFromName(one.keptFor)}, which is first in line` };
  }
  return undefined;
}
