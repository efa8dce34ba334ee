// Programs that the bench starts: to their end, or for as long as something is measured, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

/** Where a program runs, and what is added to its environment. */
export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end; gives what it printed.
 * @throws Error unless it exits 0.
 */
export async function run(program: string, args: readonly string[], around: Surroundings = {}): Promise<string> {
  const child = started(program, args, around);
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise((resolve) => child.on('close', (exit, signal) => resolve(exit ?? signal)));
  if (code !== 0) throw new Error(`${program} ends with ${String(code)}: ${stderr.slice(-2000)}`);
  return stdout;
}

/** Runs a text of the shell to its end; gives what it printed. */
export async function sh(script: string, around: Surroundings = {}): Promise<string> {
  return run('/bin/sh', ['-c', script], around);
}

/** Starts a program that is ended by `end`, or with the bench. */
export function started(program: string, args: readonly string[], { cwd, env }: Surroundings = {}): ChildProcess {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  child.on('error', () => running.delete(child));
  return child;
}

/** Ends a program and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await over;
}

const running = new Set<ChildProcess>();

/** Ends what a row that threw has left. */
export async function endAll(): Promise<void> {
  for (const child of running) await end(child, 'SIGKILL');
}

/**
 * Waits until `is` is true, with a look each `everyMs`.
 * @throws Error after `withinMs`, with what was hoped for.
 */
export async function until(is: () => boolean, what: string, everyMs = 20, withinMs = 120_000): Promise<void> {
  const startedAt = Date.now();
  while (!is()) {
    if (Date.now() > startedAt + withinMs)
      throw new Error(`within ${withinMs / 1000} s it did not come about that ${what}`);
    await wait(everyMs);
  }
}
