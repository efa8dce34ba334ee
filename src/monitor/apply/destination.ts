// Moving a claimed UOW out of currently-executing, to where its attempt's end takes it. Each step may be repeated after a crash:
// the destination stands in the record before the link is made, and the old name goes last.
import { destinationOffset, textFromEnding } from '../../format/run-record.ts';
import type { Bytes } from '../../model/bytes.ts';
import { join, runPaths } from '../../model/paths.ts';
import type { Queue } from '../../model/queue.ts';
import type { Status } from '../../model/status.ts';
import type { Batch } from './batch.ts';
import type { Context } from '../context.ts';
import { suffixed } from './names.ts';
import { otherNames } from './other-names.ts';
import { noteOwnMove } from '../survey/picture.ts';
import type { RunState } from '../survey/run-state.ts';
import { writeStatus } from './write-status.ts';

/**
 * Writes the STATUS, links the UOW into its queue, and has the batch take its name in currently-executing away. Gives its name
 * there. If a person has moved it on since it got there (a crash came between, and it is to run again, say), it is left alone.
 */
export function moveOut(context: Context, run: RunState, to: Queue, status: Status, batch: Batch): Bytes {
  const { machine, paths } = context;
  const { record, uowFile } = run;
  if (run.destination && isMovedOn(context, run)) return suffixed(record.name, run.destination.suffix);
  const place = { path: runPaths(paths, record.id).uow, offset: record.statusOffset, eol: record.eol };
  const isWaiting = status.word === 'waiting';
  // What waits again may be claimed anew, so it must be true on disk; the end of an attempt is also told by its record.
  writeStatus(machine.files, place, status, batch.sync && isWaiting);
  const name = linkInto(context, run, to, batch.sync);
  batch.made(paths.queue[to]);
  batch.remove(
    () => {
      const path = join(paths.queue.executing, record.name);
      if (machine.files.stat(path)?.ino === uowFile.ino && machine.files.unlink(path) === 'ok') {
        noteOwnMove(context.picture, 'executing', record.name);
      }
      // A crash came between, and a person moved that name meanwhile.
      if (!run.isRecovered) return;
      const own = join(paths.queue[to], name);
      for (const other of otherNames(context, run)) if (other !== own) machine.files.unlink(other);
    },
    isWaiting ? paths.queue.executing : undefined,
  );
  // The next sync would say that its name there is durable, and lie (facts.md): the next try makes it anew.
  batch.unlessSynced(() => {
    const isStillThere = machine.files.stat(join(paths.queue.executing, record.name))?.ino === uowFile.ino;
    if (isStillThere) machine.files.unlink(join(paths.queue[to], name));
  });
  return name;
}

/**
 * Its name is its own; only a person's file may stand there, and then it becomes `~2`. One sync of the record makes the
 * destination and the guardian's result durable.
 */
function linkInto(context: Context, run: RunState, to: Queue, sync: boolean): Bytes {
  const { machine, paths } = context;
  const own = runPaths(paths, run.record.id);
  for (let suffix = run.destination?.queue === to ? run.destination.suffix : 1; ;) {
    run.destination = { queue: to, suffix };
    machine.files.overwrite(own.record, destinationOffset, textFromEnding(run), { sync });
    const name = suffixed(run.record.name, suffix);
    noteOwnMove(context.picture, 'runs', `${run.record.id}.run`);
    const path = join(paths.queue[to], name);
    const linked = machine.files.link(own.uow, path);
    const stat = linked === 'ok' ? undefined : machine.files.stat(path);
    if (linked === 'ok' || stat?.ino === run.uowFile.ino) return name;
    if (linked === 'gone') makeQueue(context, to);
    // What stood there may be gone in this instant: then once more.
    else if (stat) suffix += 1;
  }
}

function isMovedOn({ machine, paths }: Context, { record, destination, uowFile }: RunState): boolean {
  if (!destination) return false;
  const isAt = (queue: Queue, name: Bytes): boolean =>
    machine.files.stat(join(paths.queue[queue], name))?.ino === uowFile.ino;
  if (isAt('executing', record.name) || isAt(destination.queue, suffixed(record.name, destination.suffix)))
    return false;
  return (machine.files.stat(runPaths(paths, record.id).uow)?.links ?? 0) > 1;
}

/** Makes a queue's directory again that somebody removed under the monitor. @throws Error if it is there: then the UOW is gone */
export function makeQueue(context: Context, queue: Queue): void {
  const dir = context.paths.queue[queue];
  if (context.machine.files.makeDirectory(dir, 0o755) === 'exists') {
    throw new Error(`${dir} is there, but the UOW cannot be linked into it`);
  }
  const text = 'the directory was gone: made again';
  context.say({ event: 'attention', fields: { queue: context.config.queues[queue] }, text });
}
