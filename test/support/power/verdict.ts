// What must hold when a monitor has come to rest on what a power cut left, and what was promised before the cut.
import { join } from 'node:path';
import { brokenInvariants } from '../invariants.ts';
import { type FoundUow, foundIn } from './found.ts';
import type { IndexedStart, Recording } from './recording.ts';
import type { PowerUow } from './session.ts';

/** Gives every broken promise, in words. `root` is the root at rest, `later` the starts behind the cut, which came at `at`. */
export function brokenPromises(
  { uows, there, pledges, starts }: Recording,
  at: number,
  { root, later }: { readonly root: string; readonly later: readonly IndexedStart[] },
): readonly string[] {
  const found = foundIn(root);
  const all = [...starts.filter(({ index }) => index <= at), ...later];
  const isThere = ({ id }: PowerUow): boolean => (there.get(id) ?? Infinity) <= at;
  const expected = uows.filter(isThere).map((uow) => ({ id: uow.id, queues: queuesOf(uow) }));
  const others = uows.filter((uow) => !isThere(uow));
  const torn = found.filter(({ id }) => id === undefined);
  // Of one that its dropper did not sync the name may be there without the content: that is no UOW, and goes to trash.
  const isExcused = ({ queue, name, text }: FoundUow): boolean =>
    queue === 'trash' && /^\0*$/.test(text) && others.some(({ id }) => id.toLowerCase() === name);
  const mayHave = [...others.map(({ id }) => id), ...(torn.length > 0 && torn.every(isExcused) ? [''] : [])];
  return [
    ...brokenInvariants(root, expected, all, mayHave),
    ...uows.flatMap((uow) => ofUow(uow, found, all)),
    ...pledges
      .filter(({ from, until }) => from <= at && at <= until)
      .flatMap(({ id, what, isKept }) =>
        found.filter((one) => one.id === id && !isKept(one)).map((one) => `${id} was ${what}, but ${shown(one)}`),
      ),
  ];
}

function queuesOf({ ends, isIdempotent = false, also = {} }: PowerUow): readonly FoundUow['queue'][] {
  return [ends, ...(Object.keys(also) as FoundUow['queue'][]), ...(isIdempotent ? [] : (['fail-q'] as const))];
}

function shown({ queue, name, status }: FoundUow): string {
  return `${queue}/${name} says "${status.trim()}"`;
}

function ofUow(uow: PowerUow, all: readonly FoundUow[], starts: readonly IndexedStart[]): readonly string[] {
  const { id, ends, also = {}, isIdempotent = false, attempts = 1 } = uow;
  const found = all.filter((one) => one.id === id);
  const broken: string[] = [];
  if (found.length > 1) broken.push(`${id} stands ${found.length} times: ${found.map(shown).join(', ')}`);
  const started = starts.filter(({ name }) => name === id.toLowerCase()).map(({ attempt }) => attempt);
  if (!isIdempotent && Math.max(0, ...started) > attempts)
    broken.push(`${id} was started for attempt ${String(started)}`);
  for (const one of found) {
    if (!queuesOf(uow).includes(one.queue)) broken.push(`${id}: ${shown(one)}`);
    const isRight = one.queue === ends || (one.queue === 'fail-q' && /^fail interrupted /.test(one.status));
    if (!isRight && !also[one.queue]?.test(one.status)) broken.push(`${id} cannot be so: ${shown(one)}`);
    const attempt = Number(/#(\d+)/.exec(one.status)?.[1] ?? 0);
    if (Math.max(0, ...started) > attempt)
      broken.push(`${id} was started for attempt ${String(started)}: ${shown(one)}`);
    broken.push(...ofLog(uow, one));
  }
  return broken;
}

/** Of each attempt the beginning of what its job printed; what was not synced may be missing, or stand there as NULs. */
function ofLog({ id, does = 'echo more' }: PowerUow, { log }: FoundUow): readonly string[] {
  const printed = [...does.matchAll(/echo (\w+)/g)].map(([, word = '']) => `${word}\n`).join('');
  const parts = log.split(/\n?==== (?:ATTEMPT|NOTE) [^\n]*\n/);
  return parts.flatMap((part) => {
    const text = part.replaceAll('\0', '').trimStart();
    const attempt = /^out (\d+)/.exec(text)?.[1] ?? '1';
    const isBeginning = `out ${attempt}\n${printed}`.startsWith(text) || printed.startsWith(text);
    return isBeginning ? [] : [`${id} has the log ${JSON.stringify(log)}`];
  });
}

/** What a second start must not change: which file has which name and STATUS. */
export function restOf(root: string): string {
  return foundIn(root)
    .map((one) => `${one.ino} ${shown(one)} ${one.text.length} bytes`)
    .join('\n');
}

/** Gives the root of a recording's file system. */
export function rootOn(fs: string): string {
  return join(fs, 'root');
}
