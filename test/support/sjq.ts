// A `sjq` that is still running while a test looks at it: what it printed so far, signals by its pid, its exit code.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterwards } from './afterwards.ts';
import { eventually } from './eventually.ts';
import { program, type TestRoot } from './root.ts';

export interface RunningSjq {
  readonly child: ChildProcess;
  stdout(): Buffer;
  stderr(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  signal(signal: NodeJS.Signals): void;
  /** Waits until stderr has that. */
  told(text: string | RegExp): Promise<void>;
}

/** Starts `sjq VERB --root … ARGS`; with `stdoutFile`, stdout goes there. Killed after the test. */
export function startSjq(
  root: TestRoot,
  [verb = '', ...args]: readonly string[],
  { stdoutFile, env }: { readonly stdoutFile?: string; readonly env?: NodeJS.ProcessEnv } = {},
): RunningSjq {
  const out = stdoutFile === undefined ? 'pipe' : openSync(stdoutFile, 'w');
  const child = spawn(process.execPath, [program, verb, '--root', root.dir, ...args], {
    stdio: ['ignore', out, 'pipe'],
    env: { ...process.env, ...env },
  });
  if (typeof out === 'number') closeSync(out);
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? -1));
  });
  afterwards(() => {
    child.kill('SIGKILL');
  });
  return {
    child,
    stdout: () => Buffer.concat(chunks),
    stderr: () => stderr,
    ended,
    signal: (signal) => void child.kill(signal),
    told: async (text) => {
      await eventually(() => (typeof text === 'string' ? stderr.includes(text) : text.test(stderr)), {
        withinMs: 20_000,
        what: `sjq ${verb} says ${String(text)}; it said ${stderr}`,
      });
    },
  };
}

/** Gives the text of a UOW as the monitor leaves it: stamped, with a STATUS line and a log. */
export function storedUow(status: string, log: string, ...header: readonly string[]): string {
  return [
    'timestamp: 1795329066-2 enqueued',
    '',
    '==== UNIT OF WORK',
    '',
    ...(header.length > 0 ? header : ['command :: true']),
    '',
    '==== STATUS',
    '',
    status.padEnd(63),
    '',
    '==== JOB LOG',
    '',
    log,
  ].join('\n');
}
