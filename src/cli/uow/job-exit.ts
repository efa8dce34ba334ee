// The exit code of `run`, `follow` and `wait` on one UOW: the job's own where it has one, else what a shell would give.
import { constants } from 'node:os';
import type { StatusReason } from '../../model/status.ts';
import type { Ended } from './uow-state.ts';

/** The codes of the ends that are no exit code of the job. docs/cli.md has the same table. */
export const exitCodeOfReason: Readonly<Record<Exclude<StatusReason['kind'], 'exit' | 'signal'>, number>> = {
  timeout: 124,
  idle: 124,
  'cannot-start': 126,
  killed: 137,
  interrupted: 1,
  expired: 1,
  'log-lost': 1,
  'bad-result': 1,
  pattern: 1,
};

/** Gives the code. 0 says done or skipped and nothing else, but that `done exit=3` keeps its 3. */
export function exitCodeOfJob({ word, reason }: Pick<Ended, 'word' | 'reason'>): number {
  if (word === 'skipped') return 0;
  if (word === 'cancelled') return 1;
  if (reason?.kind === 'exit') return word === 'done' ? reason.code : reason.code || 1;
  if (word === 'done') return 0;
  if (reason?.kind === 'signal') return 128 + numberOfSignal(reason.signal);
  return reason ? exitCodeOfReason[reason.kind] : 1;
}

/** 0 for a name that this system does not know. The first real-time signal that a program may use is 34. @see signal(7) */
function numberOfSignal(name: string): number {
  const [, plus] = /^RTMIN\+(\d+)$/.exec(name) ?? [];
  if (plus !== undefined) return 34 + Number(plus);
  const [, bare] = /^SIG(\d+)$/.exec(name) ?? [];
  if (bare !== undefined) return Number(bare);
  const known: Readonly<Record<string, number>> = constants.signals;
  return known[`SIG${name}`] ?? 0;
}
