// One event as monitor_says tells it. Text form: format/notice-line.ts.

/** The closed list of words that stand second on a line of monitor_says. */
export type NoticeEvent =
  | 'monitor-started'
  | 'monitor-stopped'
  | 'taken-in'
  | 'started'
  | 'ended'
  | 'moved'
  | 'returned'
  | 'retried'
  | 'rerun'
  | 'cancelled'
  | 'skipped'
  | 'fired'
  | 'missed'
  | 'flow'
  | 'restored'
  | 'trashed'
  | 'refused'
  | 'answer'
  | 'report'
  | 'config'
  | 'alarm'
  | 'attention'
  | 'fault';

/** One event: what happened to whom, with what figures, and a text for people. */
export interface Notice {
  readonly event: NoticeEvent;
  /** The name of the UOW it is about, as bytes. */
  readonly name?: string;
  readonly fields?: Readonly<Record<string, string | number | undefined>>;
  readonly text?: string;
}
