// rate: so many starts per time of a job type, a group or a job.
import { freeAt, groupKey, type Rated } from '../../model/rate.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { shownTime } from '../../model/zone.ts';
import type { Gate, GateView } from '../gate.ts';

/**
 * Shut while as many were started as its own rate, or that of its group in the settings, allows. What counts for neither passes; of the
 * others nobody who asks for less, so that one with a lower rate is not passed again and again.
 */
export const rate: Gate = (uow, view) => {
  const { seen, startedNow, ratesKept } = view;
  const { now, starts } = seen;
  const shut = ratesOf(uow, view).flatMap((each) => {
    const counted = { starts: starts?.get(each.of) ?? [], startedNow: startedNow.get(each.of) ?? 0, now };
    const until = ratesKept.has(each.of) ? Infinity : freeAt(each, counted);
    return until > now ? [{ ...each, until }] : [];
  });
  // The one that opens last, of two that do at once its own.
  const [last] = shut.sort((one, other) => other.until - one.until);
  if (!last) return undefined;
  const keepsRates = shut.map(({ of }) => of);
  const common = { gate: 'rate', holdsOthers: false, keepsRates };
  if (last.until === Infinity)
    return { ...common, reason: `behind another of the ${last.of}, which waits for its rate` };
  const at = shownTime(seen.zone, last.until, now);
  return { ...common, reason: `the ${last.of} starts ${last.text} at most: the next at ${at}`, until: last.until };
};

function ratesOf({ rate: own, group }: WaitingUow, { config }: GateView): readonly Rated[] {
  const ofGroup = group !== undefined && Object.hasOwn(config.groups, group) ? config.groups[group]?.rate : undefined;
  return [...(own ? [own] : []), ...(ofGroup && group !== undefined ? [{ ...ofGroup, of: groupKey(group) }] : [])];
}
