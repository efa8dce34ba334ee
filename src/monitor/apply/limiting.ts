// What a job is started through that sets its limits.
import type { Header } from '../../model/header.ts';
import { type KeptBy, type Limits, limitsOf } from '../../model/limits.ts';

/** Gives the programs before the job's own argv that set what a shell cannot: each costs an exec, so only where asked for. */
export function limiting(header: Header, by: KeptBy): readonly string[] {
  const prefix = prlimit(limitsOf(header), by);
  const nice = header.whole('nice');
  const ionice = header.text('ionice');
  if (nice !== undefined) prefix.push('nice', '-n', String(nice));
  if (ionice !== undefined) {
    const [name = '', level] = ionice.toLowerCase().split(':');
    prefix.push(
      'ionice',
      '-c',
      { idle: '3', realtime: '1' }[name] ?? '2',
      ...(level === undefined ? [] : ['-n', level]),
    );
  }
  return prefix;
}

/** Between the signal that a CPU time is over, which a job may handle, and KILL. */
const cpuGraceSeconds = 5;

/**
 * Gives what limits each process of a job. RLIMIT_DATA, not RLIMIT_AS: it counts what a process may write to, and not the address space
 * that Node, Java and Go set aside.
 */
function prlimit({ memoryMaxBytes, cpuMax }: Limits, by: KeptBy): string[] {
  const options: string[] = [];
  if (by.memory === 'process') options.push(`--data=${memoryMaxBytes ?? 0}`);
  if (cpuMax?.kind === 'time') options.push(`--cpu=${cpuMax.seconds}:${cpuMax.seconds + cpuGraceSeconds}`);
  return options.length === 0 ? [] : ['prlimit', ...options];
}
