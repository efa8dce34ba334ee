// SUSPEND JOB and RESUME JOB: every process of a running job stopped, or let go on, by signals. STATUS says `running held`
// meanwhile, which is also how a later life of the monitor knows it.
import type { Deed, Done } from '../../model/action.ts';
import { runPaths } from '../../model/paths.ts';
import type { Context } from '../context.ts';
import { writeStatus } from '../apply/write-status.ts';

/** A process may fork in the instant in which its siblings are stopped: the tree is looked at until nothing is new in it. */
const passes = 5;

/** Signals the job's whole tree and writes its STATUS. */
export function signalJob(context: Context, { record, signal }: Extract<Deed, { kind: 'signal-job' }>): Done {
  const { machine, paths, picture, config } = context;
  const { processes, files, clock } = machine;
  const run = picture.runs.get(record.id);
  if (!run || run.result || run.destination) return 'gone';
  const isStop = signal === 'STOP';
  const groups = run.jobGroup ? [run.jobGroup] : [];
  const signalled = new Set<number>();
  for (let pass = 0; pass < passes; pass++) {
    const fresh = processes.treeOf({ token: record.token, groups }).filter(({ pid }) => !signalled.has(pid));
    if (fresh.length === 0) break;
    const { denied } = processes.signal(fresh, isStop ? 'SIGSTOP' : 'SIGCONT');
    if (denied > 0) return { refused: 'has processes of another user, which this monitor may not signal' };
    for (const { pid } of fresh) signalled.add(pid);
  }
  if (signalled.size === 0) return 'gone';
  run.isSuspended = isStop;
  const status = {
    word: 'running',
    flags: isStop ? (['held'] as const) : [],
    attempt: record.attempt,
    at: clock.now(),
  } as const;
  const place = { path: runPaths(paths, record.id).uow, offset: record.statusOffset, eol: record.eol };
  writeStatus(files, place, status, config.durability === 'power');
  return 'done';
}
