// The waiting UOWs of one queue in the order in which they are served, front first. Kept sorted so that the plan looks at the
// front and not at everybody.
import { compareStamps, type Stamp } from '../../model/stamp.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { OrderedIndex } from './ordered-index.ts';

/** Gives the order of service: what its parents keep behind all else, so that nobody walks over it; higher priority, earlier stamp, name. */
export function byService(a: WaitingUow, b: WaitingUow): number {
  return (
    Number(a.isParked === true) - Number(b.isParked === true) ||
    b.priority - a.priority ||
    compareStamps(a.stamp, b.stamp) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}

/** The waiting UOWs of one queue by name. */
export type WaitingIndex = OrderedIndex<WaitingUow>;

/** Gives an empty one. */
export function waitingIndex(): WaitingIndex {
  return new OrderedIndex(({ name }) => name, byService);
}

/** Gives the one of that stamp, or the first of several, among those of the priority; of those that are parked only if no other has it. */
export function stampedIn(index: WaitingIndex, stamp: Stamp, priority: number): WaitingUow | undefined {
  const among = (isParked: boolean): WaitingUow | undefined => {
    const found = index.first((uow) => {
      if ((uow.isParked === true) !== isParked) return !isParked;
      return uow.priority < priority || (uow.priority === priority && compareStamps(uow.stamp, stamp) >= 0);
    });
    const isIt = found?.priority === priority && compareStamps(found.stamp, stamp) === 0;
    return isIt ? found : undefined;
  };
  return among(false) ?? among(true);
}
