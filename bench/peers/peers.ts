// Who is measured beside us: what of them is installed on this machine, in which version.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyLacking } from '../../test/support/programs.ts';
import { whyNoBullmq } from './bullmq.ts';

/** Program -> Debian's package of it. */
const packageOf = {
  tsp: 'task-spooler',
  nq: 'nq',
  parallel: 'parallel',
  'redis-server': 'redis-server',
  gcc: 'build-essential',
  strace: 'strace',
} as const;

export type Program = keyof typeof packageOf;

/** Gives why a program is lacking; undefined if it is there, or could be installed where that is allowed. */
export function whyNot(program: Program): string | undefined {
  const why = whyLacking({ [program]: packageOf[program] });
  return why ?? (program === 'redis-server' ? whyNoBullmq() : undefined);
}

/** Gives what is installed of them, with versions: `task-spooler 1.0.1+dfsg1-1, …`. */
export function versions(): string {
  const installed = Object.values(packageOf).flatMap((name) => {
    const { stdout, status } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8' });
    return status === 0 && stdout !== '' ? [`${name} ${stdout}`] : [];
  });
  const bullmq = join(import.meta.dirname, '../../node_modules/bullmq/package.json');
  const { version } = JSON.parse(readFileSync(bullmq, 'utf8')) as { readonly version: string };
  return [...installed, `bullmq ${version}`].join(', ');
}
