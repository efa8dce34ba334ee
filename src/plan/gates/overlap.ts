// A schedule with `overlap :: queue`: one UOW of it runs at a time.
import { shownFromName } from '../../model/bytes.ts';
import type { Gate } from '../gate.ts';

/** Shut while another UOW of the same schedule runs, or is about to. */
export const overlap: Gate = (uow, { seen, starting }) => {
  const { schedule } = uow;
  if (schedule === undefined) return undefined;
  const one = seen.schedules.find(({ name }) => shownFromName(name) === schedule);
  if (one?.schedule?.overlap !== 'queue') return undefined;
  const runs = seen.claims.some(({ record, isFinished }) => record.schedule === schedule && !isFinished);
  if (!runs && !starting.has(schedule)) return undefined;
  return { gate: 'overlap', reason: `behind another of the schedule ${schedule}`, holdsOthers: false };
};
