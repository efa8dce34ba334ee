// What the machine can bear just now: the numbers and the command that `ready:` limits are held against. Deciding is the plan's.
import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type Bytes, utf8FromBytes } from '../model/bytes.ts';
import { errnoOf } from '../model/errno.ts';
import { realFiles } from './files.ts';

/** The readings of the machine, each fresh and cheap. */
export interface Gauges {
  /** The 1-minute load average; it counts what waits for a disk too. */
  load(): number;
  /** What can be had without swapping: MemAvailable, which counts the page cache, where MemFree would read near 0 for ever. */
  freeMemoryBytes(): number;
  /** What this user can still write to the file system of `path`. @throws errno errors, ENOENT too. */
  freeDiskBytes(path: Bytes): number;
  /** The CPUs this process may use, at least 1: affinity counted, cgroup quota not. */
  cpuCount(): number;
}

/** The machine's gauges. @see proc_meminfo(5) */
export const realGauges: Gauges = {
  load: () => os.loadavg()[0] ?? 0,
  freeMemoryBytes() {
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/meminfo', 'latin1'))?.[1];
    return available === undefined ? os.freemem() : Number(available) * 1024;
  },
  freeDiskBytes: (path) => realFiles.freeBytes(path),
  cpuCount: () => os.availableParallelism(),
};

/** What a command answered: whether it exited 0, and the last of what it printed (both streams), or why there is no answer. */
export interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

const keptBytes = 2048;
const lastWordsMs = 100;

/**
 * Asks a shell command line; `ok` if it exited 0 within the time. Stdin is empty, the last 2 KiB of its output are kept. Never
 * throws and never takes longer: at the end of the time its process group is killed, and what it left in the background keeps
 * nobody waiting. (What put itself into a session of its own lives on.)
 */
export async function askCommand(command: string, timeoutMs: number = 10_000): Promise<Answer> {
  return answerOf(['/bin/sh', '-c', command], {}, timeoutMs);
}

/** What is asked as a job would be run. Bytes that are no UTF-8 reach it as replacement characters. */
export interface Program {
  readonly argv: readonly Bytes[];
  /** `NAME=VALUE`, all of its environment. */
  readonly environment: readonly Bytes[];
  readonly directory: Bytes;
}

/** Asks a program as {@link askCommand} does. */
export async function askProgram(program: Program, timeoutMs: number = 10_000): Promise<Answer> {
  const { environment, directory, argv } = program;
  const env: Record<string, string> = {};
  for (const entry of environment) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(utf8FromBytes(entry)) ?? [];
    env[name] = value;
  }
  const options = { env, extendEnv: false, cwd: utf8FromBytes(directory) };
  return answerOf(argv.map(utf8FromBytes), options, timeoutMs);
}

async function answerOf(
  [program = '', ...args]: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly extendEnv?: boolean; readonly cwd?: string },
  timeoutMs: number,
): Promise<Answer> {
  if ([program, ...args].some((arg) => arg.includes('\0')))
    return { ok: false, text: 'a command cannot hold a NUL byte' };
  const { execa } = await import('execa');
  // No maxBuffer of execa: there it kills, and here the last bytes count. No buffer: its promise would hold until the last
  // background process has closed the pipe. detached: makes the process group that can be killed whole.
  const child = execa(program, args, {
    ...options,
    stdin: 'ignore',
    all: true,
    buffer: false,
    detached: true,
    reject: false,
  });
  let kept: Buffer = Buffer.alloc(0);
  child.all.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-keptBytes);
  });
  const isRead = new Promise<void>((resolve) => {
    child.all.once('close', resolve);
  });
  const failure = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => {
      killGroup(child.pid);
      resolve(`no answer within ${timeoutMs / 1000} s`);
    }, timeoutMs);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : code === null ? `ended by ${String(signal)}` : `exit ${code}`);
    });
    // What could not be started at all exits without an event.
    void child.then((result) => {
      if (child.pid !== undefined) return;
      clearTimeout(timer);
      resolve(`cannot start ${program}: ${result.code ?? 'no reason given'}`);
    });
  });
  await Promise.race([isRead, wait(lastWordsMs, undefined, { ref: false })]);
  for (const stream of [child.all, child.stdout, child.stderr]) stream.destroy();
  const text = kept.toString('utf8').trim();
  return failure === undefined
    ? { ok: true, text }
    : { ok: false, text: text === '' ? failure : `${failure}: ${text}` };
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
