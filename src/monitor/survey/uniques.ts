// Who has which unique key: the UOWs that wait or run. One that has left its queue is found out when its key is asked for.
import { isWaitingQueue } from '../../model/queue.ts';
import { type Arrival, type UniqueHolder, uniqueKeyOf, type WaitingUow } from '../../model/seen.ts';
import type { Picture } from './picture.ts';

/** Those that had a key when they came to wait, by key. */
export type Uniques = Map<string, readonly WaitingUow[]>;

/** Notes a UOW that has come to wait. */
export function noteUnique({ uniques, waiting }: Picture, uow: WaitingUow): void {
  const { unique: key } = uow;
  if (key === undefined) return;
  const others = (uniques.get(key) ?? []).filter((each) => each.name !== uow.name && isThere(waiting, each));
  uniques.set(key, [...others, uow]);
}

/** Gives who has the keys that these newcomers ask for. */
export function uniquesFor(
  picture: Picture,
  arrivals: readonly Arrival[],
): ReadonlyMap<string, readonly UniqueHolder[]> {
  const found = new Map<string, readonly UniqueHolder[]>();
  for (const arrival of arrivals) {
    const key = uniqueKeyOf(arrival);
    if (key !== undefined && !found.has(key)) found.set(key, holdersOf(picture, key));
  }
  return found;
}

function holdersOf({ uniques, waiting, runs }: Picture, key: string): readonly UniqueHolder[] {
  const waits = (uniques.get(key) ?? []).filter((each) => isThere(waiting, each));
  if (waits.length > 0) uniques.set(key, waits);
  else uniques.delete(key);
  // What has ended has it no longer, unless it is to be tried again.
  const run = [...runs.values()].filter(
    ({ record, destination }) => record.unique === key && (!destination || isWaitingQueue(destination.queue)),
  );
  return [
    ...waits.map(({ name, ino }) => ({ name, ino })),
    ...run.map(({ record, uowFile }) => ({ name: record.name, ino: uowFile.ino })),
  ];
}

function isThere(waiting: Picture['waiting'], { queue, name, ino }: WaitingUow): boolean {
  return waiting[queue].get(name)?.ino === ino;
}
