// The table of a schedule's fields in docs/schedules.md, generated from the table that they are read by.
import { scheduleFields } from '../model/schedule.ts';
import { tableOf } from './uow-docs.ts';

/** Gives the Markdown table. */
export function scheduleFieldTable(): string {
  return tableOf(scheduleFields, 'meaning');
}
