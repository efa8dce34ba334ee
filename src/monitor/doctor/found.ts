// One look at all of a root, from outside: every name in every queue with its head, what stands in `.sjq`, what history tells.
// Reads only, decides nothing; the checks beside this file compare what was found.
import { runRecordFromText, type ReadRecord } from '../../format/run-record.ts';
import type { Bytes } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import { errnoOf } from '../../model/errno.ts';
import { join, type RootPaths, runPaths } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName, isWaitingQueue, type Queue, queueKinds } from '../../model/queue.ts';
import type { RunId } from '../../model/run.ts';
import { textFromStamp } from '../../model/stamp.ts';
import type { UowHead } from '../../model/uow.ts';
import type { FileStat } from '../../system/files.ts';
import type { Machine } from '../machine.ts';
import { readHead } from '../survey/read-uow.ts';
import { type FoundHistory, readHistory } from './read-history.ts';

/**
 * Whose root is looked at. `live`: a monitor holds it, and what its next wake does by itself is no disagreement. `stopped`: none
 * does, and the next one's start mends what a crash left. `quiet`: all has come to rest, nothing may be left to do.
 */
export type RootState = 'live' | 'stopped' | 'quiet';

/** What is examined. */
export interface Patient {
  readonly machine: Machine;
  readonly paths: RootPaths;
  readonly config: Config;
  readonly state: RootState;
}

/** A name in a queue, or of a flow. READMEs and what the monitor never looks at are left out. */
export interface FoundFile {
  readonly queue: Queue | 'flows';
  readonly name: Bytes;
  readonly path: Bytes;
  readonly stat: FileStat;
  /** Of a valid UOW. In trash and flows nothing is read. */
  readonly head?: UowHead;
  readonly stamp?: string;
  /** Why it cannot be read. */
  readonly fault?: string;
}

/** What stands in `.sjq` under the id of one attempt. */
export interface FoundRun {
  readonly id: RunId;
  /** Undefined if there is none, or it is torn. */
  readonly read?: ReadRecord;
  readonly record?: FileStat;
  readonly link?: FileStat;
  readonly hasDirectory: boolean;
  readonly hasNotes: boolean;
  /** What its hooks had for themselves. */
  readonly hasHooks: boolean;
}

/** The whole. */
export interface FoundRoot extends Patient {
  readonly files: readonly FoundFile[];
  readonly runs: readonly FoundRun[];
  /** Inodes of UOWs that have a second link in `.sjq`: their attempts are not over. */
  readonly claimed: ReadonlySet<number>;
  readonly history: FoundHistory;
}

/** A record holds a head of 64 KiB at most, its command once more, and an environment. */
const recordReadBytes = 4 * 1024 * 1024;

/** Looks at everything once. The records first: a UOW that is claimed is known as that wherever its names are met. */
export function lookAtRoot(patient: Patient): FoundRoot {
  const runs = runsOf(patient);
  const files = [...queueKinds, 'flows' as const].flatMap((queue) => filesIn(patient, queue));
  const claimed = new Set(runs.flatMap(({ link }) => (link ? [link.ino] : [])));
  const stamps = new Set(files.flatMap(({ stamp }) => (stamp === undefined ? [] : [stamp])));
  return { ...patient, files, runs, claimed, history: readHistory(patient, stamps) };
}

function filesIn({ machine, paths }: Patient, queue: Queue | 'flows'): readonly FoundFile[] {
  const { files } = machine;
  const dir = queue === 'flows' ? paths.flows : paths.queue[queue];
  return (files.list(dir) ?? []).flatMap((name): readonly FoundFile[] => {
    if (isIgnoredName(name) || isReadmeName(name)) return [];
    const path = join(dir, name);
    const stat = files.stat(path);
    if (!stat) return [];
    const bare = { queue, name, path, stat };
    if (queue === 'trash' || queue === 'flows' || stat.kind !== 'file') return [bare];
    try {
      const parsed = readHead(files, path, stat.sizeBytes)?.parsed;
      if (parsed?.kind !== 'uow') return [bare];
      const { head } = parsed;
      return [{ ...bare, head, ...(head.stamp && { stamp: textFromStamp(head.stamp) }) }];
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return [{ ...bare, fault: String(error) }];
    }
  });
}

function runsOf({ machine, paths }: Patient): readonly FoundRun[] {
  const { files } = machine;
  const ids = new Set<string>();
  for (const name of files.list(paths.runs) ?? []) ids.add(name.replace(/\.run$/, ''));
  for (const name of files.list(paths.claimed) ?? []) ids.add(name.replace(/\.(uow|notes|idle)$/, ''));
  const hooked = new Set((files.list(paths.hooks) ?? []).map((name) => name.replace(/\.(run|uow)$/, '')));
  for (const id of hooked) ids.add(id);
  return [...ids].map((name) => {
    const id = name as RunId;
    const own = runPaths(paths, id);
    const record = files.stat(own.record);
    const read = record && runRecordFromText(files.read(own.record, 0, recordReadBytes) ?? ('' as Bytes));
    const link = files.stat(own.uow);
    return {
      id,
      ...(read && { read }),
      ...(record && { record }),
      ...(link && { link }),
      hasDirectory: files.stat(own.dir) !== undefined,
      hasNotes: files.stat(own.notes) !== undefined,
      hasHooks: hooked.has(name),
    };
  });
}

/** True where the next wake decides what becomes of a file: in the queues that people drop into. */
export function isMonitorsAffair({ state }: FoundRoot, { queue }: Pick<FoundFile, 'queue'>): boolean {
  return state !== 'quiet' && (queue === 'executing' || (queue !== 'flows' && isWaitingQueue(queue)));
}
