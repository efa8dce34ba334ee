// `report: 'HH:MM'`: once a day the counts of each queue are put into monitor_says.
import { instantFromText } from '../../format/instant.ts';
import { queueKinds } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import { countsOf } from '../survey/survey.ts';

export interface DailyReport {
  /** Says the counts if they are due. Gives when they are due next; Infinity if the report is off. */
  sayIfDue(): number;
}

/** No local day is longer, also not one on which the clocks change. */
const longestDayMs = 25 * 3_600_000;

/** Gives the report of a root. One that fell due while no monitor ran is not made up for: the counts would be today's. */
export function createDailyReport(context: Context): DailyReport {
  const { clock } = context.machine;
  let time: string | undefined;
  let dueAt = Infinity;
  return {
    sayIfDue() {
      const now = clock.now();
      const { report, queues } = context.config;
      // Or the clock was set back by more than the report's day: it must not be waited for until that has come again.
      if (report !== time || (dueAt - now > longestDayMs && dueAt < Infinity)) {
        time = report;
        dueAt = nextAfter(report, now);
      }
      if (now >= dueAt) {
        const counts = countsOf(context);
        const fields = Object.fromEntries(queueKinds.map((queue) => [queues[queue], counts[queue]]));
        context.say({ event: 'report', fields });
        dueAt = nextAfter(report, now);
      }
      return dueAt;
    },
  };
}

function nextAfter(time: string | undefined, now: number): number {
  return time === undefined ? Infinity : (instantFromText(time, now) ?? Infinity);
}
