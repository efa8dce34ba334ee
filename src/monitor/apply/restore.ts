// A running UOW that a person or an editor moved, removed or replaced gets its name back; its job goes on.
import { join, runPaths } from '../../model/paths.ts';
import { queueKinds } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import { makeQueue } from './destination.ts';
import type { RunState } from '../survey/picture.ts';
import { moveToTrash } from './trash.ts';

/** Puts the name of a claimed UOW back into currently-executing. What stands there instead goes to trash. */
export function restore(context: Context, run: RunState): void {
  const { machine, paths, config } = context;
  const { files } = machine;
  const { record, uowFile } = run;
  const path = join(paths.queue.executing, record.name);
  const stat = files.stat(path);
  if (stat?.ino === uowFile.ino) return;
  for (const queue of queueKinds) {
    const other = join(paths.queue[queue], record.name);
    if (queue !== 'executing' && files.stat(other)?.ino === uowFile.ino) files.unlink(other);
  }
  const as = stat && moveToTrash(context, path, record.name, stat.ino);
  const { uow } = runPaths(paths, record.id);
  if (files.link(uow, path) === 'gone') {
    makeQueue(context, 'executing');
    files.link(uow, path);
  }
  // At the start this only completes a claim that a crash interrupted.
  if (context.picture.wakes === 0 && !as) return;
  const text = as
    ? 'a running UOW was replaced (an editor’s save?): the edited copy is in trash, the UOW itself is back in its place'
    : 'a running UOW was moved or removed: it is back in its place, its job goes on';
  context.say({ event: 'restored', name: record.name, fields: { to: config.queues.executing, trash: as }, text });
}
