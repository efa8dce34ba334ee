// Running the hooks of an attempt that ended, by a launch of its own. Its record holds the outcome and is durable before the launcher
// hears of it; until its result is in, the attempt keeps its slot. Every step may be repeated: a crash only means that this is done
// again. Why so: docs/decisions/0046.
import { destinationOffset, textFromEnding, textFromRunRecord } from '../../format/run-record.ts';
import { hooksLine } from '../../format/separators.ts';
import { textFromReason } from '../../format/status-line.ts';
import { type Bytes, bytesFromUtf8 } from '../../model/bytes.ts';
import type { Action } from '../../model/action.ts';
import { hooksPaths, hooksRequest, runPaths } from '../../model/paths.ts';
import type { Launch, RunId, RunRecord } from '../../model/run.ts';
import { hooksArguments } from '../../plan/hooks.ts';
import type { Batch } from './batch.ts';
import type { Context } from '../context.ts';
import { mendHead } from './mend.ts';
import { findHooks } from '../survey/hooks.ts';
import { noteOwnMove } from '../survey/picture.ts';
import type { RunState } from '../survey/run-state.ts';

/** Runs the hooks that an end calls for. */
export function runHooks(
  context: Context,
  run: RunState,
  { outcome, commands }: Extract<Action, { kind: 'run-hooks' }>,
  batch: Batch,
): void {
  const { machine, paths, picture } = context;
  const { hooks, ...record } = run.record;
  if (!hooks) return;
  mendHead(context, run, batch.sync);
  const own = runPaths(paths, record.id);
  if (run.outputEndsAt === undefined) {
    const outputEndsAt = machine.files.stat(own.uow)?.sizeBytes ?? record.logOffset;
    const ending = textFromEnding({ ...run, outputEndsAt });
    machine.files.overwrite(own.record, destinationOffset, ending, { sync: batch.sync });
    noteOwnMove(picture, 'runs', `${record.id}.run`);
    run.outputEndsAt = outputEndsAt;
  }
  const words = hooksArguments(outcome, textFromReason(outcome.reason), commands);
  const { timeoutMs: _timeout, idleMs: _idle, keep: _keep, ...launch } = record.launch;
  // What kept a job from starting may be one of its secrets: a hook that must tell of it does without.
  const secrets = outcome.reason.kind === 'cannot-start' ? [] : launch.secrets;
  const hooked: Launch = {
    ...{ ...launch, secrets, directory: '/' as Bytes, input: '' as Bytes },
    argv: [...hooks.argv, ...words.map(bytesFromUtf8)],
  };
  writeRecord(
    context,
    run,
    { ...record, launch: hooked, claimedAt: machine.clock.now(), hooking: { outcome, go: 1 } },
    batch,
  );
  ask(context, run, batch);
}

/** Goes on with a run of hooks that a crash cut short before it began; or begins it anew, whose guardian was killed. */
export function runHooksAgain(context: Context, run: RunState, isNew: boolean, batch: Batch): void {
  const { record } = run.hooking ?? {};
  if (!record?.hooking) return;
  const { go } = record.hooking;
  if (isNew) writeRecord(context, run, { ...record, hooking: { ...record.hooking, go: go + 1 } }, batch);
  ask(context, run, batch);
}

/** Makes the record, and what a guardian that died left goes: a crash between leaves a run that has not begun. */
function writeRecord(context: Context, run: RunState, record: RunRecord, batch: Batch): void {
  const { files } = context.machine;
  const { record: path, started } = hooksPaths(context.paths, record.id);
  files.unlink(path);
  files.unlink(started);
  files.create(path, textFromRunRecord(record), { mode: 0o600, sync: batch.sync });
  const state = findHooks(context, record.id);
  if (state) run.hooking = state;
}

/** Has the launcher begin it when all of it is durable. */
function ask(context: Context, run: RunState, batch: Batch): void {
  const { machine, paths, picture } = context;
  const { files } = machine;
  const { id, logOffset } = run.record;
  const own = runPaths(paths, id);
  const { uow, dir } = hooksPaths(paths, id);
  files.makeDirectory(dir, 0o700);
  // Of a head that was mended in between there is another file by now.
  if (files.link(own.uow, uow) === 'exists' && files.stat(uow)?.ino !== run.uowFile.ino) {
    files.unlink(uow);
    files.link(own.uow, uow);
  }
  const line = hooksLine(run.hooking?.record.claimedAt ?? 0);
  const there = files.read(own.uow, run.outputEndsAt ?? logOffset, line.length) ?? '';
  const missing = line.startsWith(there) ? line.slice(there.length) : '';
  if (missing !== '') files.append(own.uow, missing as Bytes, { sync: false });
  picture.isNews = true;
  batch.made(paths.hooks);
  batch.after(() => {
    context.launcher().launch(hooksRequest(id));
    if (run.hooking) run.hooking.askedAt = machine.clock.now();
  });
}

/** Takes the UOW's third name away when the hooks are over, before it moves on, and notes where their output ends. */
export function endHooks({ machine, paths }: Context, run: RunState): void {
  if (!run.hooking) return;
  const { id } = run.record;
  machine.files.unlink(hooksPaths(paths, id).uow);
  run.hooksEndAt ??= machine.files.stat(runPaths(paths, id).uow)?.sizeBytes ?? 0;
}

/** Removes what a run of hooks had for itself. Only when the attempt's own record is gone: with it they would run again. */
export function dropHooks({ machine, paths }: Context, id: RunId): void {
  const { files } = machine;
  const own = hooksPaths(paths, id);
  for (const path of [own.uow, own.record, own.started]) files.unlink(path);
  if (files.removeDirectory(own.dir) === 'not-empty') files.removeTree(own.dir);
}
