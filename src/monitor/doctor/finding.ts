// What the doctor can find: one disagreement between two things on disk, in the kernel or in both, and how it is mended. A
// finding is a value; what carries a mend out is mend.ts.
import type { HistoryEntry } from '../../format/history-line.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import type { Queue } from '../../model/queue.ts';
import type { Status } from '../../model/status.ts';

/** The closed list of kinds, for programs. docs/schemas/doctor.schema.json says what each means. */
export const findingKinds = [
  'two-names',
  'two-files',
  'name-twice',
  'status-word',
  'status-line',
  'attempt-number',
  'not-taken-in',
  'unreadable',
  'left-behind',
  'orphan',
  'claimed',
  'history-missing',
  'history-twice',
  'history-torn',
  'stray-process',
  'control-group',
  'mode',
  'owner',
  'file-system',
  'directory',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** One disagreement. */
export interface Finding {
  readonly kind: FindingKind;
  /** `note`: nothing is wrong, but somebody should know; the monitor sees to it by itself, or it is meant so. */
  readonly severity: 'fault' | 'note';
  /** Where, as people see it, from the root on: `error-q/nightly`. */
  readonly place: string;
  /** What disagrees, in words. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Absent where only a person can tell what is right. */
  readonly mend?: Mend;
}

/** What mends a finding. A file is named with its inode, so that another one that came under its name is left alone. */
export type Mend =
  | { readonly kind: 'write-status'; readonly path: Bytes; readonly ino: number; readonly status: Status }
  /** One name of a file goes, while it has the other. */
  | { readonly kind: 'drop-name'; readonly path: Bytes; readonly ino: number; readonly kept: Bytes }
  | { readonly kind: 'rename'; readonly queue: Queue; readonly name: Bytes; readonly ino: number }
  /** What a monitor does at its start about what a crash left in `.sjq`. */
  | { readonly kind: 'recover' }
  | { readonly kind: 'append-history'; readonly entry: HistoryEntry }
  | { readonly kind: 'end-history' }
  | { readonly kind: 'end-tree'; readonly token: string }
  | { readonly kind: 'remove-group'; readonly dir: Bytes }
  | { readonly kind: 'set-mode'; readonly path: Bytes; readonly mode: number }
  | { readonly kind: 'make-directory'; readonly path: Bytes; readonly mode: number };

/** Gives how people see the place of a file in a queue. */
export function placeOf(config: Config, queue: Queue | 'flows', name: Bytes): string {
  return `${queue === 'flows' ? queue : config.queues[queue]}/${shownFromName(name)}`;
}

/** Gives what tells one finding from another, in looks at different times. */
export function keyOfFinding({ kind, place, text }: Finding): string {
  return `${kind} ${place} ${text}`;
}
