// Taking a flow in. The flow file itself is the note of it: once it stands in flows/ as `taking-in`, durably, its UOWs are made of
// it, each in .sjq/flowing first and then by a second name in its queue; when all have that, durably, the flow says `running`, and
// their first names go. A file with two names is neither taken in nor started, so nothing of a flow runs before all of it is there.
// A crash before the flow file stands puts the drop back; one behind that is ended by recoverFlows.
import { memberText } from '../../format/flow-members.ts';
import { flowStatusLine, stampedFlow } from '../../format/flow-parse.ts';
import { wholeFlow } from '../../format/flow-use.ts';
import { stampedUow } from '../../format/uow-edit.ts';
import { headReadBytes, parseUow } from '../../format/uow-parse.ts';
import type { Receipt } from '../../model/action.ts';
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { type FlowUow, memberName } from '../../model/flow.ts';
import { join } from '../../model/paths.ts';
import { isWaitingQueue, queueKinds, type WaitingQueue } from '../../model/queue.ts';
import type { Arrival } from '../../model/seen.ts';
import { partStamp, textFromStamp } from '../../model/stamp.ts';
import type { FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';
import { knowFlow, readFlow } from '../survey/flows.ts';
import { hint, noteOwnMove } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';
import { templateTexts } from '../survey/templates.ts';
import type { Batch } from './batch.ts';
import { freeFlowName, freeName } from './names.ts';
import { enqueuedEvent } from './submitter.ts';
import { asidePath, copyPath, giveToOwner, type Known, newStamp, recoverAside, relist } from './take-in.ts';
import { untilDone } from './until-done.ts';

/** Takes a dropped flow in: renames it aside, and links a stamped copy of it into flows/. What is made of it comes when that is durable. */
export function takeInFlow(context: Context, arrival: Arrival, batch: Batch): Receipt {
  const { machine, paths, picture } = context;
  const { files } = machine;
  const { queue, name, ino } = arrival;
  const aside = asidePath(context, queue, name);
  if (files.stat(aside)) recoverAside(context, queue, name);
  const isAside = files.rename(join(paths.queue[queue], name), aside) === 'ok';
  picture.arrivals.delete(`${queue}/${name}`);
  if (!isAside) return 'gone';
  noteOwnMove(picture, queue, name);
  let flow: Bytes | undefined;
  try {
    flow = linkFlow(context, arrival, aside, batch.sync);
  } finally {
    if (flow === undefined) untilDone(context, () => recoverAside(context, queue, name));
  }
  if (flow === undefined) return 'gone';
  const taken = flow;
  batch.made(paths.flows);
  batch.remove(() => files.unlink(aside), join(paths.intake, queue));
  const end = (): void => {
    untilDone(context, () => recoverAside(context, queue, name, ino));
    untilDone(context, () => deliverFlow(context, taken));
  };
  batch.after(end);
  batch.unlessSynced(() =>
    untilDone(context, () => {
      if (files.stat(aside)?.ino !== ino) {
        end();
        return;
      }
      // As if it had never been taken in.
      picture.promised.delete(taken);
      if (files.stat(join(paths.flows, taken))?.ino === files.stat(copyPath(context, queue, ino))?.ino)
        files.unlink(join(paths.flows, taken));
      recoverAside(context, queue, name, ino);
    }),
  );
  return 'done';
}

/** Writes the stamped copy and links it into flows/ under a name that is free for it and for its UOWs; undefined if the drop is not what it was. */
function linkFlow(context: Context, arrival: Arrival, aside: Bytes, sync: boolean): Bytes | undefined {
  const { files, host, clock } = context.machine;
  const { picture } = context;
  const { queue, name, ino } = arrival;
  const stat = files.stat(aside);
  const bytes = stat?.kind === 'file' ? files.read(aside, 0, headReadBytes) : undefined;
  const parsed = bytes === undefined ? undefined : wholeFlow(bytes, templateTexts(files, context.paths));
  if (!stat || bytes === undefined || parsed?.kind !== 'flow') return undefined;
  if (stat.ino !== ino || stat.sizeBytes !== arrival.sizeBytes) return undefined;
  const { uows, parts } = parsed.flow;
  const status = {
    ...({ word: 'taking-in', done: 0, of: uows.length, at: clock.now() } as const),
    queue: isWaitingQueue(queue) ? queue : ('wait' as const),
  };
  const event = enqueuedEvent(host, stat.uid, '');
  const copy = copyPath(context, queue, ino);
  files.unlink(copy);
  const stamp = newStamp(context);
  // Those of the flows in it follow it.
  picture.lastStamp = partStamp(stamp, parts.length);
  // With all that it uses: what becomes of that from here on changes nothing.
  const text = stampedFlow(parsed.text, { stamp, event, status });
  files.create(copy, text, { mode: (stat.mode & 0o777) | 0o600, sync });
  giveToOwner(context, copy, stat);
  const names = [...parts, ...uows].map((each) => each.name);
  for (;;) {
    const base = freeFlowName(context, name, names, ino);
    const members = names.map((member) => memberName(base, member));
    const linked = files.link(copy, join(context.paths.flows, base));
    if (linked === 'gone') return undefined;
    if (linked !== 'ok') continue;
    picture.promised.set(base, members);
    picture.namesAtStart.get('flows')?.add(base);
    return base;
  }
}

/** Ends what a crash interrupted, at the start: flows that are being taken in, and first names of UOWs whose flow is. */
export function recoverFlows(context: Context): void {
  untilDone(context, () => {
    const { machine, paths } = context;
    const { files } = machine;
    for (const name of files.list(paths.flows) ?? []) {
      deliverFlow(context, name);
    }
    for (const name of files.list(paths.flowing) ?? []) files.unlink(join(paths.flowing, name));
  });
}

interface Delivery {
  readonly name: Bytes;
  readonly copy: Bytes;
  readonly known: Known;
}

/** Makes the UOWs of a flow and puts them into their queue. May be repeated until it is done. */
function deliverFlow(context: Context, name: Bytes): void {
  const { machine, paths, config, picture } = context;
  const { files, clock } = machine;
  const path = join(paths.flows, name);
  // Twice: what stands in flows/ and is not found is looked at once more, for nobody does it later.
  const found = readFlow(context, name) ?? readFlow(context, name);
  const stat = files.stat(path) ?? files.stat(path);
  if (found?.flow.status?.word !== 'taking-in' || !stat) {
    picture.promised.delete(name);
    return;
  }
  const { uows, parts, status, statusOffset = 0 } = found.flow;
  picture.promised.set(
    name,
    [...parts, ...uows].map((each) => memberName(name, each.name)),
  );
  const queue = status.queue ?? 'wait';
  const sync = config.durability === 'power';
  const deliveries = uows.flatMap((uow) => linked(context, { flow: name, uow, queue, like: stat }));
  try {
    if (sync) files.syncDirectory(paths.queue[queue]);
  } catch (error) {
    // A second sync would lie: they are linked anew by the next try.
    for (const each of deliveries) takeBack(context, queue, each);
    throw error;
  }
  const running = { word: 'running', done: 0, of: uows.length, at: clock.now() } as const;
  files.overwrite(path, statusOffset, flowStatusLine(running), { sync });
  // From here on it is done, and no step waits for another.
  picture.promised.delete(name);
  for (const each of deliveries) untilDone(context, () => settle(context, queue, each));
  untilDone(context, () => knowFlow(context, name, { ...found, flow: { ...found.flow, status: running } }));
  const fields = {
    queue: config.queues[queue],
    stamp: found.flow.stamp && textFromStamp(found.flow.stamp),
    uows: uows.length,
  };
  context.say({ event: 'taken-in', name, fields, text: 'a flow' });
}

/** Makes one UOW and gives it its name in its queue, unless it has that: from before a crash. */
function linked(
  context: Context,
  of: { readonly flow: Bytes; readonly uow: FlowUow; readonly queue: WaitingQueue; readonly like: FileStat },
): readonly Delivery[] {
  const { machine, paths, picture } = context;
  const { files } = machine;
  const name = memberName(of.flow, of.uow.name);
  const copy = join(paths.flowing, name);
  const before = files.stat(copy);
  if ((before?.links ?? 0) < 2) {
    // Its own, whose first name a power cut took; a piece of one that a crash left is written anew.
    files.unlink(copy);
    if (!isFreeFor(context, of.flow, name) || !make(context, copy, of)) return [];
  }
  const stat = files.stat(copy);
  const read = stat && readHead(files, copy, stat.sizeBytes);
  if (!stat || read?.parsed.kind !== 'uow') return [];
  picture.dropping.add(stat.ino);
  if (stat.links < 2 && files.link(copy, join(paths.queue[of.queue], name)) === 'ok')
    noteOwnMove(picture, of.queue, name);
  return [{ name, copy, known: { facts: stat, head: read.parsed.head, isExact: true } }];
}

/**
 * True if a flow's UOW is still to be made. What people put under its name while no monitor looked gets another one, where the
 * monitor gives names; from where it has ended it is not moved.
 */
function isFreeFor(context: Context, flow: Bytes, name: Bytes): boolean {
  const { machine, paths, picture } = context;
  const { files } = machine;
  for (const queue of queueKinds) {
    const path = join(paths.queue[queue], name);
    const stat = queue === 'trash' ? undefined : files.stat(path);
    if (!stat) continue;
    const parsed = stat.kind === 'file' ? readHead(files, path, stat.sizeBytes)?.parsed : undefined;
    const own = parsed?.kind === 'uow' ? parsed.head.header.findLast((line) => line.name === 'flow') : undefined;
    // Its own, whose first name a power cut took, or that a person has edited since.
    if (own?.content === shownFromName(flow)) return false;
    if (!isWaitingQueue(queue)) {
      const text = `is not made: another UOW of that name stands in ${context.config.queues[queue]}`;
      context.say({ event: 'attention', name, fields: { flow: shownFromName(flow) }, text });
      return false;
    }
    // rename and not link: whoever still writes to it goes on. Nobody else makes names here with a `~`.
    const as = freeName(context, name);
    if (files.rename(path, join(paths.queue[queue], as)) === 'ok') hint(picture, queue, as);
  }
  return true;
}

function make(
  context: Context,
  copy: Bytes,
  { flow, uow, like }: { readonly flow: Bytes; readonly uow: FlowUow; readonly like: FileStat },
): boolean {
  const { files, clock } = context.machine;
  const text = memberText(uow, flow);
  const parsed = text === undefined ? undefined : parseUow(text);
  if (text === undefined || parsed?.kind !== 'uow') return false;
  const status = { word: 'waiting', flags: [], attempt: 0, at: clock.now() } as const;
  const event = enqueuedEvent(context.machine.host, like.uid, '');
  const whole = stampedUow(text, parsed.head, { stamp: newStamp(context), event, status });
  files.create(copy, whole, { mode: (like.mode & 0o777) | 0o600, sync: context.config.durability === 'power' });
  giveToOwner(context, copy, like);
  return true;
}

/** Takes its first name away, and has it wait. */
function settle(context: Context, queue: WaitingQueue, { name, copy, known }: Delivery): void {
  const { machine, paths, picture } = context;
  machine.files.unlink(copy);
  picture.dropping.delete(known.facts.ino);
  if (machine.files.stat(join(paths.queue[queue], name))?.ino === known.facts.ino) relist(context, queue, name, known);
}

function takeBack({ machine: { files }, paths }: Context, queue: WaitingQueue, { name, known }: Delivery): void {
  const place = join(paths.queue[queue], name);
  try {
    if (files.stat(place)?.ino === known.facts.ino) files.unlink(place);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}
