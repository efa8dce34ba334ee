// What history.jsonl tells, read once from its start to its end in pieces: the attempts of the UOWs that are there, run ids that
// stand twice, and pieces of lines.
import { entryFromLine } from '../../format/history-line.ts';
import type { Bytes } from '../../model/bytes.ts';
import type { RootPaths } from '../../model/paths.ts';
import type { Machine } from '../machine.ts';

export interface FoundHistory {
  /** By stamp: the attempts that have a line. */
  readonly attempts: ReadonlyMap<string, readonly number[]>;
  /**
   * From when on every attempt that ended has its line here, epoch milliseconds; Infinity if nobody can say. The file may have been renamed or
   * cut at any time, and an attempt's line may tell of an end long before it: only the line of a monitor's start says when it was written.
   */
  readonly wholeSince: number;
  readonly linesCount: number;
  /** Ids of attempts with more than one line. */
  readonly doubled: readonly string[];
  /** How many lines are no entry: pieces that a kill in the midst of a write leaves. */
  readonly tornCount: number;
  /** The last line has no newline. */
  readonly isCut: boolean;
}

const pieceBytes = 1024 * 1024;

/** Reads all of it; of the attempts it keeps those with one of the stamps. */
export function readHistory(
  { machine, paths }: { readonly machine: Pick<Machine, 'files'>; readonly paths: RootPaths },
  stamps: ReadonlySet<string>,
): FoundHistory {
  const attempts = new Map<string, number[]>();
  const ids = new Set<string>();
  const doubled = new Set<string>();
  let wholeSince = Infinity;
  let linesCount = 0;
  let tornCount = 0;
  const take = (line: string): void => {
    if (line === '') return;
    linesCount += 1;
    const entry = entryFromLine(line);
    if (!entry) tornCount += 1;
    if (entry?.['kind'] === 'monitor-started' && wholeSince === Infinity) {
      const at = Date.parse(String(entry['at']));
      if (Number.isFinite(at)) wholeSince = at;
    }
    if (entry?.['kind'] !== 'attempt') return;
    const { id, stamp, attempt } = entry;
    if (typeof id === 'string' && ids.size === ids.add(id).size) doubled.add(id);
    if (typeof stamp !== 'string' || typeof attempt !== 'number' || !stamps.has(stamp)) return;
    const known = attempts.get(stamp);
    if (known) known.push(attempt);
    else attempts.set(stamp, [attempt]);
  };
  let rest = '';
  for (let offset = 0; ; offset += pieceBytes) {
    const piece = machine.files.read(paths.history, offset, pieceBytes) ?? ('' as Bytes);
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
    if (piece.length < pieceBytes) break;
  }
  if (rest !== '') tornCount += 1;
  return { attempts, wholeSince, linesCount, doubled: [...doubled], tornCount, isCut: rest !== '' };
}
