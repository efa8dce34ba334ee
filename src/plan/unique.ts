// unique: of those that ask for the same key one waits or runs at a time. Who comes while it does is not taken in.
import { shownFromName } from '../model/bytes.ts';
import { type Arrival, type Seen, uniqueKeyOf } from '../model/seen.ts';
import type { UowName } from '../model/uow.ts';

/** Tells why a newcomer is one too many; undefined if it is not, and then it has its key from now on. */
export type Doorkeeper = (arrival: Arrival) => string | undefined;

/** Gives who tells of the newcomers of one wake, to be asked in the order in which they are taken in. */
export function doorkeeper({ uniques }: Pick<Seen, 'uniques'>): Doorkeeper {
  const admitted = new Map<string, UowName>();
  return (arrival) => {
    const key = uniqueKeyOf(arrival);
    if (key === undefined) return undefined;
    const holder = uniques.get(key)?.find(({ ino }) => ino !== arrival.ino)?.name ?? admitted.get(key);
    if (holder === undefined) {
      admitted.set(key, arrival.name);
      return undefined;
    }
    return `duplicate of ${shownFromName(holder)}: one that is unique as ${key} waits or runs already`;
  };
}
