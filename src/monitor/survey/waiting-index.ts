// The waiting UOWs of one queue in the order in which they are served, front first. Kept sorted so that the plan looks at the
// front and not at everybody.
import { compareStamps, type Stamp } from '../../model/stamp.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { OrderedIndex } from './ordered-index.ts';

/** Gives the order of service: higher priority, earlier stamp, name. */
export function byService(a: WaitingUow, b: WaitingUow): number {
  return b.priority - a.priority || compareStamps(a.stamp, b.stamp) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** The waiting UOWs of one queue by name. */
export type WaitingIndex = OrderedIndex<WaitingUow>;

/** Gives an empty one. */
export function waitingIndex(): WaitingIndex {
  return new OrderedIndex(({ name }) => name, byService);
}

/** Gives the one of that stamp, or the first of several, among those of the priority. */
export function stampedIn(index: WaitingIndex, stamp: Stamp, priority: number): WaitingUow | undefined {
  const found = index.first(
    (uow) => uow.priority < priority || (uow.priority === priority && compareStamps(uow.stamp, stamp) >= 0),
  );
  return found?.priority === priority && compareStamps(found.stamp, stamp) === 0 ? found : undefined;
}
