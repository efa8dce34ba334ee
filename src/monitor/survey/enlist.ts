// Putting UOWs among those that wait: what the gates need of a head is taken from it, and no more is kept, because there may be 100,000.
import { arrayLimitOf } from '../../model/array.ts';
import { defaultedHeader, servicePriority } from '../../model/defaulted-header.ts';
import type { Bytes } from '../../model/bytes.ts';
import { expiryOf } from '../../model/expiry.ts';
import type { Header } from '../../model/header.ts';
import { needsFromTexts } from '../../model/needs.ts';
import { isWaitingQueue, type WaitingQueue } from '../../model/queue.ts';
import { rateFromText, startKeysOf } from '../../model/rate.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { instantOfStamp } from '../../model/stamp.ts';
import { notBeforeFromText, windowFromText } from '../../model/start-times.ts';
import { retryOf } from '../../model/status.ts';
import type { UowHead } from '../../model/uow.ts';
import type { Zone } from '../../model/zone.ts';
import { instantTextOf } from '../../plan/schedules/times-in-text.ts';
import type { Context } from '../context.ts';
import { noteAwaited } from '../report/alarms.ts';
import { noteExpiry } from './expiring.ts';
import { joinFlow } from './flows.ts';
import { noteName, parentsOf } from './parents.ts';
import { noteStamp, noteStampAtStart } from './picture.ts';
import type { FileFacts } from './relook.ts';
import { noteRate } from './starts.ts';
import { noteUnique } from './uniques.ts';

/** Puts a UOW that is taken in into its place among the waiting. */
export function enlist(
  context: Context,
  queue: WaitingQueue | 'executing',
  name: Bytes,
  facts: FileFacts,
  head: UowHead,
): void {
  const { picture, machine, config } = context;
  if (!head.stamp) return;
  const { header } = defaultedHeader(head.header, config, picture.jobTypes);
  const jobType = header.text('job');
  const schedule = header.text('scheduled-by');
  const group = header.text('group');
  const flow = header.text('flow');
  const array = arrayOf(header);
  const needs = needsFromTexts(header.all('needs'));
  const rate = rateFromText(header.text('rate') ?? '');
  const { status, stamp } = head;
  const retry = retryOf(status);
  const attempts = status ? (status.flags.includes('retry') ? status.attempt - 1 : status.attempt) : 0;
  noteName(picture.parents, name, stamp);
  // A relative time counts from the time that a schedule made the UOW for, else from its stamp.
  const scheduledAt = instantTextOf(header.text('scheduled-at'));
  const from = scheduledAt === undefined ? instantOfStamp(stamp) : Date.parse(scheduledAt);
  const unique = header.text('unique');
  const expires = expiryOf(header, { from, attempts, status });
  picture.arrivals.delete(`${queue}/${name}`);
  const ofJob = {
    ...(jobType !== undefined && { jobType }),
    ...(schedule !== undefined && { schedule }),
    ...(group !== undefined && { group }),
  };
  // Spread last: of an object to which fields are added behind a spread V8 keeps a description of its own, 350 bytes of each.
  const uow: WaitingUow = {
    name,
    queue,
    ino: facts.ino,
    sizeBytes: facts.sizeBytes,
    mtimeMs: facts.mtimeMs,
    ctimeMs: facts.ctimeMs,
    stamp,
    priority: servicePriority(header, config),
    slots: header.whole('slots') ?? 1,
    held: status?.flags.includes('held') ?? false,
    attempts,
    ...ofJob,
    ...(needs.length > 0 && { needs }),
    ...(rate && { rate: { ...rate, of: startKeysOf({ name, ...ofJob })[0] } }),
    ...startTimesOf(header, from, picture.zone),
    ...(header.text('when') !== undefined && { whenEveryMs: header.durationMs('when-every') ?? 60_000 }),
    ...(flow !== undefined && { flow }),
    ...(array && { array }),
    ...parentsOf(
      context,
      { name, stamp, attempts, ...(flow !== undefined && { flow }), ...(array && { array }) },
      header,
    ),
    ...(expires && { expires }),
    ...(unique !== undefined && { unique }),
    ...(retry > 0 && status && { retry: { number: retry, of: header.whole('retries') ?? 0, at: status.at } }),
  };
  picture.waiting[queue].add(uow);
  joinFlow(context, uow);
  noteRate(picture, uow.rate);
  noteAwaited(picture, uow, scheduledAt === undefined ? undefined : from);
  noteExpiry(picture, uow);
  noteUnique(picture, uow);
  noteStamp(picture, stamp, machine.clock.now());
  noteStampAtStart(picture, stamp);
}

/** Gives the array that a UOW is of. */
function arrayOf(header: Header): WaitingUow['array'] {
  const of = header.text('array-of');
  const atMost = arrayLimitOf(header.text('array') ?? '');
  return of === undefined ? undefined : { of, ...(atMost !== undefined && { atMost }) };
}

/** A rerun does not wait anew: what is relative counts from a time that stays. */
function startTimesOf(header: Header, from: number, zone: Zone): Pick<WaitingUow, 'times'> {
  const [notBeforeText, windowText] = [header.text('not-before'), header.text('window')];
  if (notBeforeText === undefined && windowText === undefined) return {};
  const notBefore = notBeforeText === undefined ? undefined : notBeforeFromText(notBeforeText, from, zone);
  const window = windowText === undefined ? undefined : windowFromText(windowText);
  return { times: { ...(notBefore !== undefined && { notBefore }), ...(window && { window }) } };
}

/** Counts every complete, stamped arrival as waiting without touching it: what an observer can know. */
export function enlistStamped(context: Context): void {
  for (const arrival of [...context.picture.arrivals]) {
    const { is, queue, name } = arrival;
    if (is.kind !== 'uow' || arrival.runId !== undefined || (!isWaitingQueue(queue) && queue !== 'executing')) continue;
    enlist(context, queue, name, arrival, is.head);
  }
}
