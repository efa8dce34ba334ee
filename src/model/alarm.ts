// What somebody should be told of without having to look: a closed list. Who is told, and how, is the affair of sinks.
import type { Bytes } from './bytes.ts';

/** Every kind, in the order in which docs and settings name them. */
export const alarmKinds = [
  'failed',
  'back-to-normal',
  'longer-than-usual',
  'shorter-than-usual',
  'late',
  'missed',
  'skipped',
  'flow-blocked',
  'monitor-suspended',
] as const;

export type AlarmKind = (typeof alarmKinds)[number];

/** One alarm: raised once for what it is about. */
export interface Alarm {
  readonly kind: AlarmKind;
  /** The UOW, the time of a schedule, or the flow; none for the monitor itself. */
  readonly name?: Bytes;
  /** Of a UOW the attempt that it is about. */
  readonly attempt?: number;
  /** For people, in a sentence. */
  readonly text: string;
}

/** Is told each alarm, when it was written into monitor_says. It decides nothing; one that throws is reported. */
export type Sink = (alarm: Alarm, at: number) => void;
