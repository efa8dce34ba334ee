// What takes time and is asked outside the wake: the ready command, foreign processes, ending a dead guardian's tree, searching
// an output for patterns. Each leaves its answer in the picture and asks for a wake.
import type { Arrival } from '../../model/seen.ts';
import { runPaths } from '../../model/paths.ts';
import { allProcnames } from '../../plan/procnames-for.ts';
import { keyOfFile } from '../../system/processes.ts';
import type { Context } from '../context.ts';
import { mendHead } from './mend.ts';
import { isAnotherRoots } from '../survey/runs.ts';
import { keyOfArrival } from '../survey/arrivals.ts';
import type { RunState } from '../survey/run-state.ts';

const graceMs = 10_000;

/** Runs `work` unless it is already under way; a bug in it is reported and never stops the monitor. */
export function inBackground(context: Context, what: string, work: () => Promise<void>): void {
  const { picture } = context;
  const key = what;
  if (picture.asking.has(key)) return;
  picture.asking.add(key);
  work()
    .catch((error: unknown) => {
      context.say({ event: 'fault', text: `cannot ask for ${what}: ${String(error)}` });
    })
    .finally(() => {
      picture.asking.delete(key);
      context.wake();
    })
    .catch(() => undefined);
}

/** Finds out what a gate needs. */
export function ask(context: Context, what: 'ready-command' | 'foreign-processes'): void {
  const { machine, picture, config } = context;
  if (what === 'ready-command') {
    inBackground(context, what, async () => {
      const { ok, text } = await machine.askCommand(config.ready.command ?? 'true');
      const before = picture.readyCommand;
      const last = text.trim().split('\n').at(-1) ?? '';
      picture.readyCommand = { at: machine.clock.now(), isOk: ok, text: last };
      picture.isNews ||= before?.isOk !== ok || before.text !== last;
    });
    return;
  }
  inBackground(context, what, async () => {
    const names = allProcnames(config, picture.jobTypes).map(({ name }) => name);
    const running = await machine.processes.running(names);
    const processes = running
      .filter(({ token }) => token === undefined)
      .map(({ pid, name, startedAtMs }) => ({ pid, name, startedAt: startedAtMs }));
    const pids = processes.map(({ pid }) => pid).join(' ');
    picture.isNews ||= picture.foreign?.processes.map(({ pid }) => pid).join(' ') !== pids;
    picture.foreign = { at: machine.clock.now(), processes };
  });
}

/**
 * After a look at everybody's open files, this many times its own length passes before the next: on a busy host it takes long.
 * Not more than a second, because a length that a sleeping machine or a set clock gives is none.
 */
const writersRest = 3;
const longestRestMs = 1000;

/**
 * Looks who has which of the young arrivals open for writing. Not at once if the last look is too short a time ago:
 * `picture.writersAskableAt` then says when.
 */
export function askWriters(context: Context, arrivals: readonly Arrival[]): void {
  const { machine, picture, paths } = context;
  const startedAt = machine.clock.now();
  if (startedAt < picture.writersAskableAt && picture.writersAskableAt - startedAt <= longestRestMs) return;
  const dev = machine.files.stat(paths.root)?.dev ?? 0;
  const written = machine.processes.writersOf(arrivals.map(({ ino }) => ({ ino, dev })));
  for (const arrival of arrivals) {
    if (picture.arrivals.get(keyOfArrival(arrival)) !== arrival) continue;
    const isBeingWritten = written.has(keyOfFile({ ino: arrival.ino, dev }));
    picture.arrivals.set({ ...arrival, isBeingWritten, writersAskedAt: startedAt });
  }
  const endedAt = machine.clock.now();
  picture.writersAskableAt = endedAt + Math.min(longestRestMs, writersRest * Math.max(0, endedAt - startedAt));
  context.wake();
}

/** Ends what is left of an attempt whose guardian is dead, and looks twice that nothing is. */
export function sweep(context: Context, run: RunState): void {
  if (run.isBusy) return;
  run.isBusy = true;
  inBackground(context, `the processes of ${run.record.id}`, async () => {
    const { processes, clock } = context.machine;
    const groups = run.jobGroup ? [run.jobGroup] : [];
    try {
      if (isAnotherRoots(context, run)) {
        const text = 'its job runs on in the root that this one is a copy of, and is left to that';
        context.say({ event: 'attention', name: run.record.name, text });
        return;
      }
      if (run.record.launch.cgroup !== '') context.cgroups?.kill(run.record.launch.cgroup);
      const { survivors } = await processes.endTree({ token: run.record.token, groups }, graceMs, clock);
      if (survivors.length > 0) {
        const text = `could not be ended: process ${survivors.map(({ pid }) => pid).join(', ')}`;
        context.say({ event: 'attention', name: run.record.name, text });
      }
    } finally {
      run.isTreeGone = true;
      if (run.hooking) run.hooking.isTreeGone = true;
      run.isBusy = false;
    }
  });
}

/** Searches this attempt's output for its patterns, with grep -E. */
export function match(context: Context, run: RunState): void {
  if (run.isBusy) return;
  run.isBusy = true;
  inBackground(context, `the patterns of ${run.record.id}`, async () => {
    const { machine, paths } = context;
    const { judging, logOffset, id } = run.record;
    const { uow } = runPaths(paths, id);
    try {
      // An edit in place moves where this attempt's output begins.
      mendHead(context, run, false);
      run.matched = {
        error: judging.errorWhen !== undefined && (await machine.grep(uow, logOffset, judging.errorWhen)),
        fail: judging.failWhen !== undefined && (await machine.grep(uow, logOffset, judging.failWhen)),
      };
    } catch (error) {
      run.matched = { error: true, fail: false };
      context.say({
        event: 'attention',
        name: run.record.name,
        text: `its output could not be searched: ${String(error)}`,
      });
    } finally {
      run.isBusy = false;
    }
  });
}
