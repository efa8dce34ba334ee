// What was started lately, for `rate`: kept in memory from the first rate on that anybody asks for, filled from the end of the history and
// the run records then, and noted at each claim. Without a rate nothing is read and nothing is kept.
import { type StartedAttempt, startsFromTail } from '../../format/history-starts.ts';
import { longestRateMs, type Rate, type StartKey, type Starts, startKeysOf, type StartOf } from '../../model/rate.ts';
import type { Bytes } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import { sayOnce } from '../report/say-once.ts';
import type { Picture } from './picture.ts';

/** So much of the history is read for it at most, in pieces of this size: some 40,000 attempts. */
const atMostBytes = 16 * 1024 * 1024;
const pieceBytes = 1024 * 1024;
/** How far back is looked, so that each new rate does not have the history read again: the next of these. */
const reachesMs = [60_000, 3_600_000, 86_400_000, longestRateMs];
/** With more keys than this those of which nothing was started lately are forgotten. */
const keysAtMost = 1000;

/** What is kept of starts: of those that are no longer ago than `reachMs`, 0 for none. */
export interface StartsKept {
  /** How far back the rates that are known ask. */
  askedMs: number;
  reachMs: number;
  readonly at: Map<StartKey, readonly number[]>;
  /** So many keys there may be before the next look for those that can be forgotten. */
  keysAtMost: number;
}

/** Gives nothing kept. */
export function noStarts(): StartsKept {
  return { askedMs: 0, reachMs: 0, at: new Map(), keysAtMost };
}

/** Notes the rate of a UOW that has come to wait. */
export function noteRate({ starts }: Picture, rate: Pick<Rate, 'perMs'> | undefined): void {
  if (rate && rate.perMs > starts.askedMs) starts.askedMs = rate.perMs;
}

/** Notes a start. */
export function noteStart({ starts }: Picture, start: StartOf, at: number): void {
  if (starts.reachMs > 0) for (const key of startKeysOf(start)) add(starts, key, at);
  if (starts.at.size <= starts.keysAtMost) return;
  for (const [key, all] of starts.at) if ((all.at(-1) ?? 0) <= at - starts.reachMs) starts.at.delete(key);
  starts.keysAtMost = Math.max(keysAtMost, 2 * starts.at.size);
}

function add({ at: kept, reachMs }: StartsKept, key: StartKey, at: number): void {
  const before = kept.get(key) ?? [];
  const from = before.findIndex((each) => each > at - reachMs);
  kept.set(key, [...(from < 0 ? [] : before.slice(from)), at]);
}

/** Gives the starts that rates ask for; of a rate that nobody had asked for yet the history tells. */
export function startsSeen(context: Context): { readonly starts?: Starts } {
  const { starts } = context.picture;
  noteRates(context);
  if (starts.askedMs === 0) return {};
  const reach = reachesMs.find((each) => each >= starts.askedMs);
  if (reach !== undefined && starts.reachMs < reach) load(context, reach);
  return { starts: starts.at };
}

function noteRates({ picture, config: { groups } }: Context): void {
  for (const { rate } of Object.values(groups)) noteRate(picture, rate);
}

function load(context: Context, reachMs: number): void {
  const { machine, picture } = context;
  const { starts } = picture;
  const now = machine.clock.now();
  starts.reachMs = reachMs;
  starts.at.clear();
  const found = new Map<string, StartedAttempt>();
  try {
    for (const each of historyStarts(context, now - reachMs)) found.set(each.id, each);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const text = `the history cannot be read (${String(error)}): rates count from now on, and what runs`;
    sayOnce(context, 'starts', { event: 'fault', text });
  }
  for (const { record, result } of picture.runs.values()) {
    if (result?.why === 'cannot-start' || result?.why === 'expired') continue;
    found.set(record.id, { ...record, at: record.claimedAt });
  }
  const inOrder = [...found.values()].filter(({ at }) => at > now - reachMs).sort((one, other) => one.at - other.at);
  // One that lies ahead is of before the clock was set back.
  for (const { at, ...start } of inOrder) noteStart(picture, start, Math.min(at, now));
}

/** Reads backward, up to where all that ended did so before. */
function historyStarts({ machine: { files }, paths }: Context, since: number): readonly StartedAttempt[] {
  const path = files.realPath(paths.history) ?? paths.history;
  const sizeBytes = files.stat(path)?.sizeBytes ?? 0;
  const found: StartedAttempt[] = [];
  let rest = '';
  for (let to = sizeBytes; to > Math.max(0, sizeBytes - atMostBytes);) {
    const from = Math.max(0, to - pieceBytes);
    const piece = (files.read(path, from, to - from) ?? '') + rest;
    const { starts, head, hasOlder } = startsFromTail(piece as Bytes, since, from === 0);
    found.push(...starts);
    if (hasOlder) break;
    rest = head;
    to = from;
  }
  return found;
}

/** The clock was set back: what lies ahead now would hold things up for as long. */
export function forgetStartsAhead({ starts }: Picture, now: number): void {
  for (const [key, all] of starts.at)
    starts.at.set(
      key,
      all.map((at) => Math.min(at, now)),
    );
}
