// sjq wait [NAME…]: until UOWs have ended, one line for each as it does; without a name until nothing waits or runs.
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { exitCodeOf, SjqError } from '../../model/errors.ts';
import { join, type RootPaths } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName } from '../../model/queue.ts';
import { durationMsFromText } from '../../model/time.ts';
import { textOfName } from '../../monitor/history.ts';
import { realFiles } from '../../system/files.ts';
import { createChanges } from '../changes.ts';
import { existingUow } from '../find-uow.ts';
import { exitCodeOfJob } from '../job-exit.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { tell, writeOut } from '../out.ts';
import { Pursuit } from '../pursuit.ts';
import type { Ended } from '../uow-state.ts';
import { jsonFromEnded, textFromEnded } from '../words.ts';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly json: boolean;
}

/** Waits, and gives the exit code. @throws SjqError `no-such-uow` before it waits for anything */
export async function wait(root: OpenedRoot, names: readonly Bytes[], options: WaitOptions): Promise<number> {
  for (const name of names) existingUow(root.paths, name);
  const until = performance.now() + (options.timeoutMs ?? Infinity);
  const changes = createChanges(root.paths, names.length > 0 ? new Set(names) : undefined);
  const live = liveNames(root.paths);
  const pursued = new Map<Bytes, Pursuit>();
  const ends = new Map<Bytes, Ended>();
  try {
    for (;;) {
      // Names first: one that goes between the two looks is then known, and found where it ended.
      const present = names.length > 0 ? [] : live.look();
      for (const name of names.length > 0 ? names : present) {
        if (!pursued.has(name) && !ends.has(name)) pursued.set(name, new Pursuit(root, name));
      }
      for (const [name, pursuit] of pursued) {
        const { state } = pursuit.look();
        if (state.kind !== 'ended') continue;
        pursued.delete(name);
        pursuit.close();
        ends.set(name, state);
        if (!options.json) await writeOut(`${shownFromName(name)} ${textFromEnded(state)}\n`);
        // A name that comes again is another UOW, or another attempt.
        if (names.length === 0) ends.delete(name);
        if (names.length === 0 && options.json) live.ended.push([name, state]);
      }
      if (pursued.size === 0) break;
      if (performance.now() >= until) {
        if (options.json) await writeJson(names.length > 0 ? [...ends] : live.ended, [...pursued.keys()]);
        else
          tell(`the time is over: ${theirNames([...pursued.keys()])} ${pursued.size === 1 ? 'has' : 'have'} not ended`);
        return exitCodeOf['timed-out'];
      }
      await changes.next(until);
    }
  } finally {
    changes.close();
    for (const pursuit of pursued.values()) pursuit.close();
  }
  if (options.json) await writeJson(names.length > 0 ? [...ends] : live.ended, []);
  if (names.length === 0) return 0;
  const codes = [...ends.values()].map(exitCodeOfJob);
  if (codes.length === 1) return codes[0] ?? 1;
  return [...ends.values()].every(({ word }) => word === 'done' || word === 'skipped') ? 0 : exitCodeOf.no;
}

/** Gives the milliseconds of `--timeout`. @throws SjqError `usage` */
export function timeoutFromOption(text: string): number {
  const timeoutMs = durationMsFromText(text);
  if (timeoutMs === undefined)
    throw new SjqError('usage', `--timeout ${text}: write a duration such as 90, 90s, 15m, 2h or 1h30m`);
  return timeoutMs;
}

function theirNames(names: readonly Bytes[]): string {
  const shown = names.slice(0, 5).map(shownFromName);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}

function writeJson(ends: readonly (readonly [Bytes, Ended])[], pending: readonly Bytes[]): Promise<void> {
  const document = {
    schema: 'sjq.wait/1',
    timed_out: pending.length > 0,
    ended: ends.map(([name, ended]) => ({ name: textOfName(name), ...jsonFromEnded(ended) })),
    pending: pending.map(textOfName),
  };
  return writeOut(`${JSON.stringify(document, null, 2)}\n`);
}

/** The UOWs that wait or run. A queue that did not change is not listed again. */
function liveNames(paths: RootPaths): { look(): readonly Bytes[]; readonly ended: (readonly [Bytes, Ended])[] } {
  const listed = new Map<string, { readonly mtimeMs: number; readonly names: readonly Bytes[] }>();
  return {
    ended: [],
    look: () =>
      (['wait', 'priority', 'executing'] as const).flatMap((queue) => {
        const dir = paths.queue[queue];
        const mtimeMs = realFiles.stat(dir)?.mtimeMs ?? 0;
        const before = listed.get(queue);
        // Names may still come within the same tick of the clock. @see facts.md
        if (before?.mtimeMs === mtimeMs && Date.now() - mtimeMs > 100) return before.names;
        const names = (realFiles.list(dir) ?? []).filter((name) => isUow(join(dir, name), name));
        listed.set(queue, { mtimeMs: Date.now() - mtimeMs > 100 ? mtimeMs : -1, names });
        return names;
      }),
  };
}

function isUow(path: Bytes, name: Bytes): boolean {
  return !isIgnoredName(name) && !isReadmeName(name) && realFiles.stat(path)?.kind === 'file';
}
