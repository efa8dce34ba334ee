// Putting UOWs that were made of a schedule into wait-q. Each is written into .sjq/firing before its time is noted as fired, and
// keeps that second name until its name in wait-q is durable: nothing that has two names is started.
import { isNewArray } from '../../model/array.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { join } from '../../model/paths.ts';
import { firedFromText } from '../../format/fired-json.ts';
import { flowFromText } from '../../format/flow-parse.ts';
import type { Context } from '../context.ts';
import { hint, noteOwnMove } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';
import { isNameTaken } from './names.ts';
import { type Known, relist } from './take-in.ts';
import { untilDone } from './until-done.ts';

const firedLimitBytes = 256 * 1024;

/** Puts what stands in .sjq/firing under these names into wait-q, now or at a later poll. What stands there already stays. */
export function deliver(context: Context, names: readonly Bytes[]): void {
  untilDone(context, () => deliverNow(context, names));
}

/**
 * Ends what a crash interrupted in a firing. What its schedule's record names was fired: it is put into wait-q, unless it stands in
 * some queue already, under its two names or under one. Anything else was not, and is made anew when the plan says so.
 */
export function recoverFiring(context: Context): void {
  untilDone(context, () => {
    const { machine, paths } = context;
    const { files } = machine;
    const made = files.list(paths.firing) ?? [];
    if (made.length === 0) return;
    // A record that was written and not yet put in its place has fired nothing: its name begins with a dot.
    const kept = (files.list(paths.fired) ?? []).filter((name) => !name.startsWith('.'));
    const records = kept.map((name) => files.read(join(paths.fired, name), 0, firedLimitBytes));
    const spoken = new Set(records.flatMap((text) => (text === undefined ? [] : (firedFromText(text)?.firing ?? []))));
    deliverNow(
      context,
      made.filter((name) => spoken.has(shownFromName(name))),
    );
    for (const name of made) if (!spoken.has(shownFromName(name))) files.unlink(join(paths.firing, name));
  });
}

interface Delivery {
  readonly name: Bytes;
  readonly copy: Bytes;
  readonly ino: number;
  /** Undefined for a flow, which is not known to wait, but taken in as if it had been dropped. */
  readonly known?: Known;
  /** For when it was made. */
  readonly madeFor: string | undefined;
}

function deliverNow(context: Context, names: readonly Bytes[]): void {
  const { machine, paths, config, picture } = context;
  const { files } = machine;
  const deliveries = names.flatMap((name) => linked(context, name));
  try {
    if (config.durability === 'power' && deliveries.length > 0) files.syncDirectory(paths.queue.wait);
  } catch (error) {
    // A second sync would lie: they are linked anew by the next try.
    for (const delivery of deliveries) takeBack(context, delivery);
    throw error;
  }
  for (const { name, copy, ino, known, madeFor } of deliveries) {
    files.unlink(copy);
    picture.dropping.delete(ino);
    if (files.stat(join(paths.queue.wait, name))?.ino !== ino) {
      const text = 'a UOW of that name is there already: it counts as the one of this time';
      context.say({ event: 'attention', name, fields: { for: madeFor }, text });
      continue;
    }
    if (known) relist(context, 'wait', name, known);
    else hint(picture, 'wait', name);
    context.say({ event: 'fired', name, fields: { queue: config.queues.wait, for: madeFor } });
  }
}

function linked(context: Context, name: Bytes): readonly Delivery[] {
  const { machine, paths, picture } = context;
  const { files } = machine;
  const copy = join(paths.firing, name);
  const stat = files.stat(copy);
  const read = stat && readHead(files, copy, stat.sizeBytes);
  if (!stat || !read) return [];
  const { bytes, parsed } = read;
  const uow = parsed.kind === 'uow' && !isNewArray(parsed.head) ? parsed.head : undefined;
  const flow = uow ? undefined : flowFromText(bytes);
  if (flow && flow.kind !== 'flow') return [];
  const header = (uow ?? flow?.flow.sections[0])?.header ?? [];
  const madeFor = header.find((line) => line.name === 'scheduled-at')?.content;
  // Not to be taken in under its two names.
  picture.dropping.add(stat.ino);
  // Somebody's file of that name, or its own under one name: it was put there, and a person has since edited or renamed it.
  const isHere = stat.links >= 2 || isNameTaken(context, name);
  if (!isHere && files.link(copy, join(paths.queue.wait, name)) === 'ok') noteOwnMove(picture, 'wait', name);
  const known = uow && { known: { facts: stat, head: uow, isExact: true } };
  return [{ name, copy, ino: stat.ino, madeFor, ...known }];
}

function takeBack({ machine: { files }, paths }: Context, { name, ino }: Delivery): void {
  const place = join(paths.queue.wait, name);
  try {
    if (files.stat(place)?.ino === ino) files.unlink(place);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}
