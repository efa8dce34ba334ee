// A schedule with `overlap :: queue`: one UOW of it runs at a time, or one iteration of its flow.
import { nameFromShown, shownFromName } from '../../model/bytes.ts';
import { isGoingOn } from '../../model/flow.ts';
import { isOccurrenceOf } from '../../model/schedule.ts';
import type { Seen } from '../../model/seen.ts';
import type { Gate } from '../gate.ts';

/** Shut while another UOW of the same schedule runs, or is about to. UOWs of one iteration do not keep each other. */
export const overlap: Gate = (uow, { seen, starting }) => {
  const { schedule, flow } = uow;
  if (schedule === undefined) return undefined;
  const one = seen.schedules.find(({ name }) => shownFromName(name) === schedule);
  if (one?.schedule?.overlap !== 'queue') return undefined;
  const before = flow === undefined ? undefined : iterationBefore(flow, schedule, seen);
  if (before !== undefined) return { gate: 'overlap', reason: `behind the flow ${before}`, holdsOthers: false };
  const isOther = (of: string | undefined): boolean => flow === undefined || of !== flow;
  const runs = seen.claims.some(
    ({ record, isFinished }) => record.schedule === schedule && !isFinished && isOther(record.flow),
  );
  if (!runs && (flow !== undefined || !starting.has(schedule))) return undefined;
  return { gate: 'overlap', reason: `behind another of the schedule ${schedule}`, holdsOthers: false };
};

/** Gives an earlier iteration that goes on; its name sorts as its time does. */
function iterationBefore(flow: string, schedule: string, { flows }: Seen): string | undefined {
  const [own, by] = [nameFromShown(flow), nameFromShown(schedule)];
  return flows.find(({ name, word }) => {
    const other = nameFromShown(name);
    return isGoingOn(word) && other < own && isOccurrenceOf(other, by);
  })?.name;
}
