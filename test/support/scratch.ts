// What a test may make on the machine, and that goes away with it: a folder, processes.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards } from './afterwards.ts';

/** Gives a new empty folder, removed after the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sjq-test-'));
  afterwards(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Kills a process of the test after it, if it is still there. Only for pids that the test started. */
export function killAfterTest(pid: number): void {
  afterwards(() => {
    killIfThere(pid);
  });
}

export function killIfThere(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A started process and what it printed so far. */
export interface Started {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly lines: readonly string[];
}

/** Starts a program that is killed after the test, and collects the lines it prints. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Started {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${command}`);
  killAfterTest(pid);
  const lines: string[] = [];
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return { pid, child, lines };
}
