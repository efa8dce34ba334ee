// What waited before a start: nearly all of it is as an earlier life of the monitor left it, and there may be 100,000. So the plan's own
// rule is asked about each as its head is read, and what it would accept as it stands waits at once; the long way of newcomers, as
// arrivals that a wake judges, takes three times as long and as much memory. Whatever is not alone goes the long way.
import { isWaitingQueue, type Queue } from '../../model/queue.ts';
import type { Arrival, WaitingUow } from '../../model/seen.ts';
import { compareStamps } from '../../model/stamp.ts';
import { isAcceptedAsItStands } from '../../plan/rules/intake.ts';
import { isNameTaken } from '../apply/names.ts';
import type { Context } from '../context.ts';
import { enlist } from './enlist.ts';
import { keyOfStamp, mayStandIn, type Picture, runOfInode, runOfName } from './picture.ts';

/**
 * True if the file needs no judgement, and then it waits. Only for the first look, and to be asked about all that is found then: it
 * notes the stamps of the others, so that no twin of theirs is taken for the only one.
 */
export function isKnownOfOld(context: Context, arrival: Arrival, now: number): boolean {
  const { picture, config } = context;
  const { is, queue, name, ino } = arrival;
  if (is.kind !== 'uow' || !is.head.stamp || (!isWaitingQueue(queue) && queue !== 'executing')) return false;
  const key = keyOfStamp(is.head.stamp);
  const isAlone = !picture.stampsAtStart.has(key);
  picture.stampsAtStart.set(key, 'judged');
  if (!isAlone || !isWaitingQueue(queue) || !isAcceptedAsItStands(arrival, now, config)) return false;
  // A name that a person took from a running UOW is given back to it before anybody is taken in.
  if (runOfInode(picture, ino) || runOfName(picture, name)) return false;
  const mayStand = (place: Queue | 'flows'): boolean => place !== queue && mayStandIn(picture, place, name);
  // An observer takes nobody's name for taken: it changes none.
  if (!picture.isObserver && isNameTaken(context, name, ino, mayStand)) return false;
  enlist(context, queue, name, arrival, is.head);
  const uow = picture.waiting[queue].get(name);
  if (uow) picture.stampsAtStart.set(key, uow);
  picture.isNews = true;
  return true;
}

/** Gives the one that waits without having been judged, is another file than this arrival, and has its stamp. It waits no longer: it is to be looked at anew. */
export function twinAtStart(picture: Picture, { is, queue, name }: Arrival): WaitingUow | undefined {
  const stamp = is.kind === 'uow' && (isWaitingQueue(queue) || queue === 'executing') ? is.head.stamp : undefined;
  const known = stamp && picture.stampsAtStart.get(keyOfStamp(stamp));
  if (!known || known === 'judged') return undefined;
  picture.stampsAtStart.set(keyOfStamp(stamp), 'judged');
  if (known.queue === queue && known.name === name) return undefined;
  const twin = picture.waiting[known.queue].get(known.name);
  return twin && compareStamps(twin.stamp, known.stamp) === 0 ? twin : undefined;
}
