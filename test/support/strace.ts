// strace on a process that runs already, and on all it forks: counts its system calls, kills it at the Nth of a kind, or lets that
// one fail. Counted for each thread and process by itself.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { afterwards } from './afterwards.ts';
import { eventually } from './eventually.ts';
import { installMs, needPrograms } from './programs.ts';
import { scratchFolder } from './scratch.ts';

export { installMs };

/** A call of a kind, and what happens at it: `KILL` or `STOP`, or the name of an errno. */
export interface Injection {
  readonly call: string;
  readonly how: string;
  readonly at: number;
}

/** What strace saw of one process or thread. */
export interface Traced {
  readonly pid: number;
  /** Who forked it, if that was seen. */
  readonly parent: number | undefined;
  /** The program it executed last, if it was seen to. */
  readonly program: string | undefined;
  readonly calls: ReadonlyMap<string, number>;
  /** True if the injection came to it. */
  readonly isMet: boolean;
}

export interface Tracer {
  seen(): readonly Traced[];
  /** Lets the process go on without. */
  detach(): Promise<void>;
}

/** Skips the test, aloud, where strace is not to be had or may attach to nothing. */
export function needStrace(context: TestContext): void {
  needPrograms(context, { strace: 'strace' });
  const tried = spawnSync('sh', ['-c', 'sleep 5 & strace -o /dev/null -p $! & sleep 0.5; kill $!; wait $!; kill %1'], {
    encoding: 'utf8',
  });
  if (tried.stderr.includes('attached')) return;
  const why = `strace may not attach to a process here: ${tried.stderr.trim()}`;
  console.log(`SKIPPED: ${context.task.name}: ${why}`);
  context.skip(why);
}

/** Attaches to a process, with all its threads; resolves when it is traced. `calls` are those that are counted. */
export async function trace(pid: number, calls: readonly string[], injection?: Injection): Promise<Tracer> {
  const output = join(scratchFolder(), 'strace');
  const effect = isSignal(injection) ? `signal=${injection?.how ?? ''}` : `error=${injection?.how ?? ''}`;
  const inject = injection ? ['-e', `inject=${injection.call}:${effect}:when=${injection.at}`] : [];
  const traced = [...new Set([...calls, ...(injection ? [injection.call] : []), ...forking, 'execve'])];
  const args = [
    '-f',
    '-p',
    String(pid),
    '-o',
    output,
    '-e',
    `trace=${traced.join(',')}`,
    '-e',
    'signal=none',
    ...inject,
  ];
  const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  afterwards(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await eventually(() => said.includes('attached') || isOver(child), { withinMs: 20_000, what: `strace attaches` });
  if (!said.includes('attached')) throw new Error(`strace does not attach to ${pid}: ${said}`);
  return {
    seen: () => seenIn(readFileSync(output, 'latin1'), injection),
    async detach() {
      child.kill('SIGINT');
      // On a busy machine it may wait for a stop that does not come; killed, the kernel lets go of what it traced.
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await eventually(() => isOver(child), { withinMs: 20_000, what: 'strace ends' });
      clearTimeout(late);
    },
  };
}

function isSignal(injection: Injection | undefined): boolean {
  return injection?.how === 'KILL' || injection?.how === 'STOP';
}

const forking = ['clone', 'clone3', 'fork', 'vfork'];

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function seenIn(text: string, injection: Injection | undefined): readonly Traced[] {
  const parents = new Map<number, number>();
  const programs = new Map<number, string>();
  const calls = new Map<number, Map<string, number>>();
  const met = new Set<number>();
  for (const line of text.split('\n')) {
    const [, of = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const pid = Number(of);
    if (rest === '') continue;
    const own = calls.get(pid) ?? new Map<string, number>();
    calls.set(pid, own);
    // A call that another process interrupts has a second line, `<... NAME resumed>`.
    const call = /^(\w+)\(/.exec(rest)?.[1];
    if (call !== undefined) own.set(call, (own.get(call) ?? 0) + 1);
    const forked = /^(?:<\.\.\. )?(\w+)[( ].*= (\d+)$/.exec(rest);
    if (forked && forking.includes(forked[1] ?? '')) parents.set(Number(forked[2]), pid);
    const program = /^execve\("([^"]+)"/.exec(rest)?.[1];
    if (program !== undefined && !/= -1/.test(rest)) programs.set(pid, program);
    // strace marks a call that failed for it. A signal shows only as the call that has no end.
    if (rest.includes('(INJECTED)') || (isSignal(injection) && own.get(injection?.call ?? '') === injection?.at))
      met.add(pid);
  }
  return [...calls].map(([pid, own]) => ({
    ...{ pid, parent: parents.get(pid), program: programs.get(pid), calls: own, isMet: met.has(pid) },
  }));
}
