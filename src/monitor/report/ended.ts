// What ended last, for the posted status: kept in memory, filled from the end of history.jsonl at the start, and looked for in
// the queues when it is shown, because people move what has ended.
import { endedFromHistory, endedFromTail } from '../../format/history-line.ts';
import type { Bytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { PostedEnded } from '../../model/posted.ts';
import { type Queue, queueKinds } from '../../model/queue.ts';
import { textFromStamp } from '../../model/stamp.ts';
import type { StatusFlag } from '../../model/status.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import type { EndedPlace, EndedState, Picture } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';

/** So many are shown. */
const shownEnded = 50;
/** They stand in this much of the end of the history, unless its lines are very long. */
const tailBytes = 256 * 1024;

/** Fills the picture from the history. */
export function loadEnded({ machine, paths, picture }: Pick<Context, 'machine' | 'paths' | 'picture'>): void {
  const { files } = machine;
  const path = files.realPath(paths.history) ?? paths.history;
  const from = Math.max(0, (files.stat(path)?.sizeBytes ?? 0) - tailBytes);
  const entries = endedFromTail(files.read(path, from, tailBytes) ?? ('' as Bytes), shownEnded);
  picture.ended.splice(0, picture.ended.length, ...entries.map((entry) => ({ entry })));
}

/** Notes an entry of the history that was just written, if something ended by it. */
export function noteEnded(picture: Picture, written: Readonly<Record<string, unknown>>): void {
  const entry = endedFromHistory(written);
  if (!entry) return;
  picture.ended.push({ entry });
  if (picture.ended.length > shownEnded) picture.ended.shift();
}

/** Gives what ended last, newest first, with where each UOW stands now. */
export function endedNow(context: Context): readonly PostedEnded[] {
  return context.picture.ended.toReversed().map((state) => {
    const { stamp: _stamp, ...entry } = state.entry;
    const place = placeOf(context, state);
    return { ...entry, ...(place && { queue: place.queue }), flags: place?.flags ?? [] };
  });
}

function placeOf(context: Context, state: EndedState): EndedPlace | undefined {
  const { outcome } = state.entry;
  const first = state.place?.queue ?? (outcome === 'skipped' ? 'done' : outcome === 'cancelled' ? 'archive' : outcome);
  for (const queue of [first, ...queueKinds]) {
    const place = placeIn(context, state, queue);
    if (!place) continue;
    state.place = place;
    if (place.isIt) return place;
  }
  return undefined;
}

function placeIn({ machine, paths }: Context, { entry, place }: EndedState, queue: Queue): EndedPlace | undefined {
  const { files } = machine;
  const path = join(paths.queue[queue], entry.name);
  try {
    const stat = files.stat(path);
    if (stat?.kind !== 'file') return undefined;
    const key = [stat.ino, stat.sizeBytes, stat.mtimeMs].join(' ');
    if (place?.queue === queue && place.key === key) return place;
    const parsed = readHead(files, path, stat.sizeBytes)?.parsed;
    const head = parsed?.kind === 'uow' ? parsed.head : undefined;
    const isIt = entry.stamp === undefined || (head?.stamp && textFromStamp(head.stamp) === entry.stamp) === true;
    const isTold = entry.attempt === undefined || head?.status?.attempt === entry.attempt;
    const flags = (isIt && isTold ? (head?.status?.flags ?? []) : []).filter((flag) => lasting.has(flag));
    return { queue, key, isIt, flags };
  } catch (error) {
    // Another user's file, or a queue that cannot be read: where it stands is all the same.
    if (errnoOf(error) === undefined) throw error;
    return { queue, key: '', isIt: true, flags: [] };
  }
}

/** The flags that tell of an end; the others are about a wait. */
const lasting: ReadonlySet<StatusFlag> = new Set(['ack', 'cont', 'log!']);
