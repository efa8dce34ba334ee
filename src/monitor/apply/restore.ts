// A running UOW that a person or an editor moved, removed or replaced gets its name back; its job goes on.
import { join, runPaths } from '../../model/paths.ts';
import { queueKinds } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import { makeQueue } from './destination.ts';
import { otherNames } from './other-names.ts';
import type { RunState } from '../survey/run-state.ts';
import { moveToTrash } from './trash.ts';

/** Puts the name of a claimed UOW back into currently-executing. What stands there instead goes to trash. */
export function restore(context: Context, run: RunState): void {
  const { machine, paths, config } = context;
  const { files } = machine;
  const { record, uowFile } = run;
  const path = join(paths.queue.executing, record.name);
  const stat = files.stat(path);
  const { uow } = runPaths(paths, record.id);
  if (files.stat(uow)?.ino !== uowFile.ino) restoreLink(context, run);
  if (stat?.ino === run.uowFile.ino) return;
  const others = otherNames(context, run);
  for (const other of others) files.unlink(other);
  const as = stat && moveToTrash(context, path, record.name, stat.ino);
  if (files.link(uow, path) === 'gone') {
    makeQueue(context, 'executing');
    files.link(uow, path);
  }
  const own = join(paths.queue[record.queue], record.name);
  // At the start this only completes a claim that a crash interrupted.
  if (context.picture.wakes === 0 && !as && others.every((other) => other === own)) return;
  const text = as
    ? 'a running UOW was replaced (an editor’s save?): the edited copy is in trash, the UOW itself is back in its place'
    : 'a running UOW was moved or removed: it is back in its place, its job goes on';
  context.say({ event: 'restored', name: record.name, fields: { to: config.queues.executing, trash: as }, text });
}

/**
 * Makes the second link of a claimed UOW anew, which its job removed: from any name that the UOW still has. If it has none, from
 * the head that it was claimed with; what it printed is gone then.
 */
function restoreLink(context: Context, run: RunState): void {
  const { machine, paths } = context;
  const { files } = machine;
  const { record, uowFile } = run;
  const { uow } = runPaths(paths, record.id);
  files.unlink(uow);
  const names = queueKinds.map((queue) => join(paths.queue[queue], record.name));
  const name = names.find((each) => files.stat(each)?.ino === uowFile.ino);
  if (name !== undefined && files.link(name, uow) === 'ok') return;
  files.create(uow, record.head, { mode: 0o600, sync: context.config.durability === 'power' });
  const { ino = 0, dev = 0 } = files.stat(uow) ?? {};
  run.uowFile = { ino, dev };
  const text =
    'every name of a running UOW was removed: made anew from the head it was started with; its output is lost';
  context.say({ event: 'restored', name: record.name, text });
}
