// A queue root of its own for one test, with the real program (dist/, which `npm test` builds first) working on it. Everything
// started is ended after the test, jobs and guardians too, by pid and token.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { runRecordFromText } from '../../src/format/run-record.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import { realClock } from '../../src/system/clock.ts';
import { realProcesses } from '../../src/system/processes.ts';
import { afterwards } from './afterwards.ts';
import { eventually } from './eventually.ts';
import { scratchFolder } from './scratch.ts';

export const program = join(import.meta.dirname, '../../dist/cli/main.js');

export type QueueName =
  'wait-q' | 'priority-q' | 'currently-executing' | 'done-q' | 'error-q' | 'fail-q' | 'trash' | 'archive';
export const queueNames: readonly QueueName[] = [
  'wait-q',
  'priority-q',
  'currently-executing',
  'done-q',
  'error-q',
  'fail-q',
  'trash',
  'archive',
];

/** What a command came to. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A monitor process that a test started. */
export interface TestMonitor {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Its stderr so far. */
  stderr(): string;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** kill -9: as a crash. Resolves when it is gone. */
  crash(): Promise<void>;
  /** SIGTERM: ends it, running jobs go on. Resolves when it is gone. */
  stop(): Promise<void>;
}

/** A root on disk under a test. */
export interface TestRoot {
  readonly dir: string;
  path(...parts: readonly string[]): string;
  /** Writes a UOW beside the root and moves it into the queue, as a person's mv does (aged, so that no settling is needed). */
  drop(name: string, uow: string | readonly string[], queue?: QueueName): void;
  /** Names in a queue without README, sorted. */
  list(queue: QueueName): readonly string[];
  /** A file's text as latin1, so that every byte can be compared. */
  read(queue: QueueName, name: string): string;
  /** The STATUS line of a UOW, trimmed. */
  status(queue: QueueName, name: string): string;
  /** The part behind the JOB LOG title and its blank line. */
  log(queue: QueueName, name: string): string;
  /** The queues in which a name stands. */
  where(name: string): readonly QueueName[];
  says(): string;
  history(): readonly Record<string, unknown>[];
  message(line: string): void;
  monitor(...args: readonly string[]): Promise<TestMonitor>;
  /** Runs `sjq` with --root. */
  sjq(...args: readonly string[]): Promise<Ran>;
  /** Waits until the UOW stands in the queue with a STATUS that is not `running`. */
  arrival(queue: QueueName, name: string, withinMs?: number): Promise<void>;
}

/** Gives the text of a UOW from header lines. */
export function uowText(...header: readonly string[]): string {
  return ['==== UNIT OF WORK', '', ...header, ''].join('\n');
}

/** A user that a root's monitor runs as, where the tests run as root. */
export interface RunsAs {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes a root; `config` is the text of its config.yaml. With `as` it belongs to that user, and so does its monitor. `on` is
 * the folder in which it is made.
 */
export function testRoot(config = '', as?: RunsAs, on: string = scratchFolder()): TestRoot {
  const dir = join(on, 'root');
  mkdirSync(dir);
  writeFileSync(join(dir, 'config.yaml'), config);
  for (const queue of queueNames) mkdirSync(join(dir, queue));
  if (as) {
    chmodSync(dirname(dir), 0o755);
    for (const path of [dir, ...queueNames.map((queue) => join(dir, queue))]) chownSync(path, as.uid, as.gid);
  }
  afterwards(async () => endJobs(dir));
  const path = (...parts: readonly string[]): string => join(dir, ...parts);
  const read = (queue: QueueName, name: string): string => readFileSync(path(queue, name), 'latin1');
  const root: TestRoot = {
    dir,
    path,
    read,
    drop(name, uow, queue = 'wait-q') {
      const text = typeof uow === 'string' ? uow : uowText(...uow);
      const beside = path(`.drop-${name}`);
      writeFileSync(beside, text, 'latin1');
      age(beside);
      renameSync(beside, path(queue, name));
    },
    list: (queue) =>
      readdirSync(path(queue))
        .filter((name) => !name.startsWith('README') && !name.startsWith('.'))
        .sort(),
    status: (queue, name) => /==== STATUS\r?\n\s*([^\n]*)/.exec(read(queue, name))?.[1]?.trim() ?? '',
    log(queue, name) {
      const text = read(queue, name);
      const title = /==== JOB LOG\r?\n(\r?\n)?/.exec(text);
      return title ? text.slice(title.index + title[0].length) : '';
    },
    where: (name) => queueNames.filter((queue) => existsSync(path(queue, name))),
    says: () => (existsSync(path('monitor_says')) ? readFileSync(path('monitor_says'), 'utf8') : ''),
    history: () =>
      existsSync(path('history.jsonl'))
        ? readFileSync(path('history.jsonl'), 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Record<string, unknown>)
        : [],
    message: (line) => appendFileSync(path('monitor_reads'), `${line}\n`),
    async monitor(...args) {
      const monitor = startProcess(['monitor', '--root', dir, ...args], as);
      await eventually(() => monitor.stderr().includes('monitor-started') || monitor.child.exitCode !== null, {
        withinMs: 20_000,
        what: `the monitor starts: ${monitor.stderr()}`,
      });
      return monitor;
    },
    sjq: (...args) => run([...args.slice(0, 1), '--root', dir, ...args.slice(1)]),
    async arrival(queue, name, withinMs = 20_000) {
      await eventually(() => existsSync(path(queue, name)) && !root.status(queue, name).startsWith('running'), {
        withinMs,
        what: `${name} stands in ${queue}; it is in ${root.where(name).join(', ')}; ${root.says()}`,
      });
    },
  };
  return root;
}

function age(path: string): void {
  // A file at rest: unchanged for two minutes, so that neither settle time nor a look for writers holds it up.
  const old = new Date(Date.now() - 120_000);
  utimesSync(path, old, old);
}

function startProcess(args: readonly string[], as?: RunsAs): TestMonitor {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'], ...as });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? -1));
  });
  afterwards(() => {
    child.kill('SIGKILL');
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    child,
    stderr: () => stderr,
    ended,
    crash: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** Runs `sjq` with these arguments to its end. */
export async function run(
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(options.input ?? '');
  afterwards(() => {
    child.kill('SIGKILL');
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** Ends what a test left running: the trees of all run records, and the guardians that hold them. */
export async function endJobs(dir: string): Promise<void> {
  const runs = join(dir, '.sjq/runs');
  if (!existsSync(runs)) return;
  for (const name of readdirSync(runs)) {
    if (!name.endsWith('.run')) {
      const started = join(runs, name, 'started');
      const guardian = existsSync(started) ? parseInt(readFileSync(started, 'utf8'), 10) : NaN;
      if (guardian > 1 && realProcesses.isAlive(guardian)) process.kill(guardian, 'SIGKILL');
      continue;
    }
    const read = runRecordFromText(readFileSync(join(runs, name), 'latin1') as Bytes);
    if (read) await realProcesses.endTree({ token: read.record.token }, 0, realClock);
  }
}
