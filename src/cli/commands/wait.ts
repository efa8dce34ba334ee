// sjq wait [NAME…]: until UOWs have ended, one line for each as it does; without a name until nothing waits or runs.
import { type Bytes, shownFromName, textOfName } from '../../model/bytes.ts';
import { exitCodeOf, SjqError } from '../../model/errors.ts';
import { join } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName, type Queue } from '../../model/queue.ts';
import { durationMsFromText } from '../../model/time.ts';
import { realFiles } from '../../system/files.ts';
import { createChanges } from '../uow/changes.ts';
import { existingUow } from '../uow/find-uow.ts';
import { exitCodeOfJob } from '../uow/job-exit.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { tell, writeOut } from '../out.ts';
import { Pursuit } from '../uow/pursuit.ts';
import type { Ended } from '../uow/uow-state.ts';
import { jsonFromEnded, textFromEnded } from '../uow/words.ts';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly json: boolean;
}

/** Waits, and gives the exit code. @throws SjqError `no-such-uow` before it waits for anything */
export async function wait(root: OpenedRoot, names: readonly Bytes[], options: WaitOptions): Promise<number> {
  for (const name of names) existingUow(root.paths, name);
  const until = performance.now() + (options.timeoutMs ?? Infinity);
  const changes = createChanges(root.paths, names.length > 0 ? new Set(names) : undefined);
  const waited = names.length > 0 ? waitForNamed(root, names) : waitForAll(root);
  const ends: End[] = [];
  try {
    for (;;) {
      for (const end of waited.look()) {
        ends.push(end);
        if (!options.json) await writeOut(`${shownFromName(end.name)} ${textFromEnded(end.ended)}\n`);
      }
      const pending = waited.pending();
      const isTimeOver = pending.length > 0 && performance.now() >= until;
      if (pending.length > 0 && !isTimeOver) {
        await changes.next(until);
        continue;
      }
      if (options.json) await writeOut(jsonFromEnds(ends, pending));
      else if (isTimeOver) tell(`the time is over: ${textFromPending(pending)}`);
      return isTimeOver ? exitCodeOf['timed-out'] : exitCodeFrom(names, ends);
    }
  } finally {
    changes.close();
    waited.close();
  }
}

interface End {
  readonly name: Bytes;
  readonly ended: Ended;
}

/** What is waited for. */
interface Waited {
  /** Looks, and gives what has ended since the last time. */
  look(): readonly End[];
  pending(): readonly Bytes[];
  close(): void;
}

function waitForNamed(root: OpenedRoot, names: readonly Bytes[]): Waited {
  const pursued = new Map(names.map((name) => [name, new Pursuit(root, name)]));
  return {
    look() {
      const ends: End[] = [];
      for (const [name, pursuit] of pursued) {
        const { state } = pursuit.look();
        if (state.kind !== 'ended') continue;
        ends.push({ name, ended: state });
        pursuit.close();
        pursued.delete(name);
      }
      return ends;
    },
    pending: () => [...pursued.keys()],
    close() {
      for (const pursuit of pursued.values()) pursuit.close();
    },
  };
}

/** Names only are looked at while they wait or run, because there may be a hundred thousand; each where it went when it has gone. */
function waitForAll(root: OpenedRoot): Waited {
  const listed = new Map<Queue, { readonly mtimeMs: number; readonly names: readonly Bytes[] }>();
  let live: ReadonlySet<Bytes> = new Set();
  const gone = new Map<Bytes, Pursuit>();

  /** A queue that did not change is not listed again. */
  function namesIn(queue: Queue): readonly Bytes[] {
    const dir = root.paths.queue[queue];
    const mtimeMs = realFiles.stat(dir)?.mtimeMs ?? 0;
    const before = listed.get(queue);
    if (before?.mtimeMs === mtimeMs) return before.names;
    const names = (realFiles.list(dir) ?? []).filter((name) => isUow(join(dir, name), name));
    // A change within the same tick of the clock would not be seen. @see facts.md
    if (Date.now() - mtimeMs > mtimeTickMs) listed.set(queue, { mtimeMs, names });
    return names;
  }

  return {
    look() {
      // Listed in the order of a UOW's life, so that one on its way is not missed; told in the order in which they may have ended.
      const [wait = [], priority = [], executing = []] = (['wait', 'priority', 'executing'] as const).map(namesIn);
      const now = new Set([...executing, ...priority, ...wait]);
      for (const name of live) if (!now.has(name)) gone.set(name, new Pursuit(root, name));
      live = now;
      const ends: End[] = [];
      for (const [name, pursuit] of gone) {
        const { state, queue } = pursuit.look();
        // Between two places, or back in a queue that is listed.
        if (state.kind === 'running' || (state.kind === 'waiting' && queue === undefined)) continue;
        if (state.kind === 'ended') ends.push({ name, ended: state });
        pursuit.close();
        gone.delete(name);
      }
      return ends;
    },
    pending: () => [...new Set([...live, ...gone.keys()])],
    close() {
      for (const pursuit of gone.values()) pursuit.close();
    },
  };
}

const mtimeTickMs = 100;

function isUow(path: Bytes, name: Bytes): boolean {
  return !isIgnoredName(name) && !isReadmeName(name) && realFiles.stat(path)?.kind === 'file';
}

/** Without names, what ended is no verdict: more may have ended between two looks. */
function exitCodeFrom(names: readonly Bytes[], ends: readonly End[]): number {
  if (names.length === 0) return 0;
  const [first, ...others] = ends;
  if (first && others.length === 0) return exitCodeOfJob(first.ended);
  return ends.every(({ ended }) => ended.word === 'done' || ended.word === 'skipped') ? 0 : exitCodeOf.no;
}

/** Gives the milliseconds of `--timeout`. @throws SjqError `usage` */
export function timeoutFromOption(text: string): number {
  const timeoutMs = durationMsFromText(text);
  if (timeoutMs === undefined)
    throw new SjqError('usage', `--timeout ${text}: write a duration such as 90, 90s, 15m, 2h or 1h30m`);
  return timeoutMs;
}

function textFromPending(names: readonly Bytes[]): string {
  const shown = names.slice(0, 5).map(shownFromName).join(', ');
  if (names.length === 1) return `${shown} has not ended`;
  return `${shown}${names.length > 5 ? ` and ${names.length - 5} more` : ''} have not ended`;
}

function jsonFromEnds(ends: readonly End[], pending: readonly Bytes[]): string {
  const document = {
    schema: 'sjq.wait/1',
    timed_out: pending.length > 0,
    ended: ends.map(({ name, ended }) => ({ name: textOfName(name), ...jsonFromEnded(ended) })),
    pending: pending.map(textOfName),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
