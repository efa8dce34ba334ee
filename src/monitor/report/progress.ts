// What running jobs say of their progress. A file of the job's user: looked at with one stat a running job, read when it changed.
import { progressFromText } from '../../format/progress-text.ts';
import type { Progress } from '../../model/posted.ts';
import { runPaths } from '../../model/paths.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Context } from '../context.ts';
import type { RunState } from '../survey/run-state.ts';

/** A job may append to it: only the end is read. */
const tailBytes = 4096;
/** The posted status is not rewritten more often either. */
const everyMs = 1000;

/** Brings the progress of all running jobs up to date. True if any changed. */
export function lookAtProgress(context: Context): boolean {
  let hasChanged = false;
  const now = context.machine.clock.now();
  for (const run of context.picture.runs.values()) {
    if (run.started !== 'yes' || run.result || Math.abs(now - (run.progressAt ?? -Infinity)) < everyMs) continue;
    run.progressAt = now;
    const before = run.progress;
    look(context, run);
    const after = run.progress;
    hasChanged ||= before?.said?.percent !== after?.said?.percent || before?.said?.note !== after?.said?.note;
  }
  return hasChanged;
}

function look({ machine, paths }: Context, run: RunState): void {
  const { files } = machine;
  const { progress: path } = runPaths(paths, run.record.id);
  try {
    const stat = files.stat(path);
    const key = stat ? [stat.ino, stat.sizeBytes, stat.mtimeMs].join(' ') : '';
    if (run.progress?.key === key) return;
    const from = Math.max(0, (stat?.sizeBytes ?? 0) - tailBytes);
    const said: Progress | undefined = stat && progressFromText(files.read(path, from, tailBytes) ?? '');
    run.progress = { key, ...(stat && said && { said, toldAt: stat.mtimeMs }) };
  } catch (error) {
    // A job may make it unreadable: then it says nothing.
    if (errnoOf(error) === undefined) throw error;
    run.progress = { key: '' };
  }
}
