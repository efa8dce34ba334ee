// Dropping the record of an attempt whose UOW is where it belongs.
import { join, runPaths } from '../../model/paths.ts';
import { isWaitingQueue } from '../../model/queue.ts';
import type { Context } from '../context.ts';
import { dropHooks } from './hooks.ts';
import { suffixed } from './names.ts';
import { syncHistory } from '../history.ts';
import { hint } from '../survey/picture.ts';
import type { RunState } from '../survey/run-state.ts';
import { dropDirectory, dropRecord } from '../survey/runs.ts';
import { untilDone } from './until-done.ts';

/** Drops the record at once. Until it is gone its UOW is not touched: a record left beside it would be acted upon at the next start. */
export function dropNow(context: Context, run: RunState): void {
  const { picture, machine, paths } = context;
  const { record, destination, uowFile } = run;
  picture.runs.delete(record.id);
  picture.dropping.add(uowFile.ino);
  untilDone(context, () => {
    if (record.launch.idleMs !== undefined) machine.files.unlink(runPaths(paths, record.id).idle);
    dropRecord(context, record.id, run.hasNotes);
    if (run.hooking) dropHooks(context, record.id);
    if (record.launch.cgroup !== '') context.cgroups?.remove(record.launch.cgroup);
    picture.dropping.delete(uowFile.ino);
    // Where it waits again it could not be looked at before.
    if (destination && isWaitingQueue(destination.queue)) {
      hint(picture, destination.queue, suffixed(record.name, destination.suffix));
    }
    // Nor could what somebody else put under its name while it ended.
    if (machine.files.stat(join(paths.queue.executing, record.name))) hint(picture, 'executing', record.name);
  });
  // For itself: a job may have made something there that cannot be removed, and its UOW is none the worse for that.
  untilDone(context, () => dropDirectory(context, record.id));
}

/**
 * Drops the record once the log and the line of history are durable, in the background: a 10 GB log holds nobody up. After a power
 * cut the record is all that is left to write them from.
 */
export function dropWhenSynced(context: Context, run: RunState): void {
  const { machine, paths, picture } = context;
  const { id, name } = run.record;
  picture.runs.delete(id);
  picture.dropping.add(run.uowFile.ino);
  Promise.all([machine.files.syncFile(runPaths(paths, id).uow), syncHistory(context)])
    .catch((error: unknown) => {
      const text = `its log or its line of history could not be synced (${String(error)}): check the disk`;
      context.say({ event: 'fault', name, text });
    })
    .then(() => dropNow(context, run))
    .finally(() => context.wake())
    .catch(() => undefined);
}
