// The runs of hooks: found on disk at the start, and what their guardians left. As of attempts (runs.ts), but nobody else may touch
// what they have for themselves, and they are never taken back.
import { resultFromText, resultLineBytes, runRecordFromText } from '../../format/run-record.ts';
import { type Bytes } from '../../model/bytes.ts';
import { hooksPaths } from '../../model/paths.ts';
import type { RunId, RunRecord, RunResult } from '../../model/run.ts';
import type { HookingSeen } from '../../model/seen.ts';
import type { FileId } from '../../system/processes.ts';
import type { Context } from '../context.ts';

/** What is known of the run of an attempt's hooks. */
export interface HooksState {
  readonly record: RunRecord;
  readonly recordFile: FileId;
  isStarted: boolean;
  guardianPid?: number;
  result?: RunResult;
  /** When a launcher that still lives was asked for it. */
  askedAt?: number;
  isTreeGone: boolean;
}

const recordReadBytes = 4 * 1024 * 1024;
/** A guardian that was asked has said that it started after this long, or something is amiss. */
const startMs = 10_000;

/** Gives the run of an attempt's hooks that stands on disk; undefined if there is none, or a torn one, which never began. */
export function findHooks({ machine, paths }: Pick<Context, 'machine' | 'paths'>, id: RunId): HooksState | undefined {
  const { record: path } = hooksPaths(paths, id);
  const read = runRecordFromText(machine.files.read(path, 0, recordReadBytes) ?? ('' as Bytes));
  const stat = machine.files.stat(path);
  if (!read?.record.hooking || !stat) return undefined;
  const { record, result } = read;
  return {
    ...{ record, recordFile: { ino: stat.ino, dev: stat.dev }, isStarted: false, isTreeGone: false },
    ...(result && { result }),
  };
}

/** Gives what is found of a run of hooks now. The result once more behind the guardian, as of attempts. */
export function hookingSeen(context: Context, state: HooksState, isSameBoot: boolean): HookingSeen {
  if (!state.result) look(context, state, isSameBoot);
  const { record, isStarted, result, guardianPid, askedAt, isTreeGone } = state;
  const { outcome, go } = record.hooking ?? {
    outcome: { word: 'fail', reason: { kind: 'interrupted' }, flags: [] },
    go: 1,
  };
  return {
    ...{ outcome, go, isStarted, isOver: result !== undefined, isTreeGone },
    isGuardianAlive: !result && guardianPid !== undefined,
    ...(askedAt !== undefined && { askedAt }),
  };
}

function look(context: Context, state: HooksState, isSameBoot: boolean): void {
  lookForResult(context, state);
  if (state.result) return;
  lookForGuardian(context, state, isSameBoot);
  if (state.guardianPid === undefined) lookForResult(context, state);
}

function lookForResult({ machine, paths }: Context, state: HooksState): void {
  const line = machine.files.read(hooksPaths(paths, state.record.id).record, 0, resultLineBytes);
  const result = line === undefined ? undefined : resultFromText(line);
  if (result) state.result = result;
}

function lookForGuardian({ machine, paths }: Context, state: HooksState, isSameBoot: boolean): void {
  const { files, processes, clock } = machine;
  const { record, recordFile, askedAt } = state;
  const text = files.read(hooksPaths(paths, record.id).started, 0, 64);
  state.isStarted ||= text !== undefined;
  delete state.guardianPid;
  if (!isSameBoot) return;
  const said = Number((text ?? '').split(' ', 1)[0]);
  if (said > 0 && processes.hasOpen(said, recordFile)) {
    state.guardianPid = said;
    return;
  }
  // The disk took its name and was too full for the words, or somebody removed it.
  const isDoubtful = askedAt === undefined || clock.now() - askedAt >= startMs;
  const holder = state.isStarted || isDoubtful ? processes.holdersOf(recordFile)[0] : undefined;
  if (holder === undefined) return;
  state.isStarted = true;
  state.guardianPid = holder;
}
