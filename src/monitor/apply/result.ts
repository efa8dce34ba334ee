// What a job left in SJQ_RESULT: a line behind its output, and in the history where it is short. What is no JSON is kept as it was.
import { badResultLine, resultLine } from '../../format/separators.ts';
import { type Bytes, utf8FromBytes } from '../../model/bytes.ts';
import { errnoOf } from '../../model/errno.ts';
import { runPaths } from '../../model/paths.ts';
import type { Context } from '../context.ts';
import type { RunState } from '../survey/run-state.ts';

const limitBytes = 64 * 1024;
/** A longer one makes the lines of the history so long that its end holds too few of them. */
const historyLimitBytes = 4096;

/** Gives what of it stands behind the output; nothing if it left none, or nothing that can be read. */
export function leftResult(context: Context, run: RunState): Bytes {
  const text = textOf(context, run);
  if (text === undefined) return '' as Bytes;
  return run.resultFile === 'json' ? resultLine(utf8FromBytes(text)) : ((badResultLine(text.length) + text) as Bytes);
}

/** Gives the value for the line of history; undefined if there is none, or it is too long for that. */
export function resultForHistory(context: Context, run: RunState): unknown {
  const text = run.resultFile === 'json' ? textOf(context, run) : undefined;
  if (text === undefined || text.length > historyLimitBytes) return undefined;
  try {
    return JSON.parse(utf8FromBytes(text)) as unknown;
  } catch (error) {
    // Something that outlived the job wrote it anew.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function textOf({ machine, paths }: Context, { record, resultFile }: RunState): Bytes | undefined {
  if (resultFile !== 'json' && resultFile !== 'not-json') return undefined;
  try {
    return machine.files.read(runPaths(paths, record.id).result, 0, limitBytes);
  } catch (error) {
    // One that its job made unreadable.
    if (resultFile === 'json' || errnoOf(error) !== 'EACCES') throw error;
    return undefined;
  }
}
