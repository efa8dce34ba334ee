// Names of a claimed UOW where it has no business to be: a person moved its place, and no hint of that may have come. Once its
// attempt is over, such a name would be a UOW in two queues, or a rerun that nobody asked for.
import type { Bytes } from '../../model/bytes.ts';
import { join, runPaths } from '../../model/paths.ts';
import { queueKinds } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import type { RunState } from '../survey/run-state.ts';

/**
 * Gives the paths by which a claimed UOW goes in the queues besides its place in currently-executing: by its own name, or, if its
 * file has more names than these, by whatever name, for which every queue is listed.
 */
export function otherNames({ machine, paths }: Context, { record, uowFile }: RunState): readonly Bytes[] {
  const { files } = machine;
  const isIt = (path: Bytes): boolean => files.stat(path)?.ino === uowFile.ino;
  const place = join(paths.queue.executing, record.name);
  const named = queueKinds.map((queue) => join(paths.queue[queue], record.name)).filter(isIt);
  const links = files.stat(runPaths(paths, record.id).uow)?.links ?? 0;
  const all =
    links <= named.length + 1 ? named : Object.values(paths.queue).flatMap((dir) => namesIn(dir).filter(isIt));
  return all.filter((path) => path !== place);

  function namesIn(dir: Bytes): readonly Bytes[] {
    return (files.list(dir) ?? []).map((name) => join(dir, name));
  }
}
