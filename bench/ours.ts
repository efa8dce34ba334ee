// Our own queue under the bench: a root with the built program (dist/) working on it, UOWs at rest beside it, and the check that each
// of them ran once and stands in done-q.
import type { ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { attemptsIn, expectAllDone } from './check.ts';
import { end, started, until } from './run.ts';

export const program = join(import.meta.dirname, '../dist/cli/main.js');

/** Gives the path of sjq-submit, the one for the shell; undefined where the package has none. */
export function submitProgram(): string | undefined {
  const path = join(import.meta.dirname, '../dist/cli/sjq-submit.sh');
  return existsSync(path) ? path : undefined;
}

export interface OurRoot {
  readonly dir: string;
  /** The folder with the UOWs at rest that are not dropped yet, named u0, u1, … */
  readonly stage: string;
  /** The monitor's process, once it is started. */
  pid(): number;
  /** Writes UOWs at rest into the stage, `u${from}` and on. */
  prepare(count: number, header: readonly string[], from?: number): void;
  /** Moves all of the stage into a queue. */
  dropAll(queue?: string): void;
  /** Starts the monitor; resolves when it serves. `node` are options of Node's. */
  start(node?: readonly string[]): Promise<void>;
  message(line: string): void;
  /** Gives how many stand in a queue. */
  count(queue: string): number;
  /** Waits until all that are in wait-q were taken in. */
  takenIn(): Promise<void>;
  /** Waits until so many stand in done-q; gives the epoch ms at which the last of them came. */
  done(count: number): Promise<number>;
  stop(): Promise<void>;
  /**
   * Looks whether each of so many UOWs ran once and stands in done-q, and nothing anywhere else.
   * @throws Error if not.
   */
  check(count: number): Promise<void>;
  /** Stops the monitor and removes it all. */
  remove(): Promise<void>;
}

const queues = ['wait-q', 'priority-q', 'currently-executing', 'done-q', 'error-q', 'fail-q', 'trash', 'archive'];

/** If none ends for so long, something hangs. */
const patienceMs = 300_000;

/** Makes a root in a new folder; `settings` are lines of config.yaml. */
export function ourRoot(folder: string, settings: readonly string[]): OurRoot {
  const [dir, stage] = [join(folder, 'root'), join(folder, 'stage')];
  for (const made of [dir, stage, ...queues.map((queue) => join(dir, queue))]) mkdirSync(made);
  writeFileSync(join(dir, 'config.yaml'), [...settings, ''].join('\n'));
  let monitor: ChildProcess | undefined;
  const namesIn = (queue: string): readonly string[] => {
    const path = join(dir, queue);
    return existsSync(path) ? readdirSync(path).filter((name) => !/^(\.|README)/.test(name)) : [];
  };
  const stop = async (): Promise<void> => {
    if (monitor) await end(monitor);
    monitor = undefined;
  };

  return {
    dir,
    stage,
    pid: () => monitor?.pid ?? 0,
    prepare(count, header, from = 0) {
      const text = ['==== UNIT OF WORK', '', ...header, ''].join('\n');
      for (let id = from; id < from + count; id++) {
        const path = join(stage, `u${id}`);
        writeFileSync(path, text);
        // At rest for long, so that it need not settle.
        utimesSync(path, 1e9, 1e9);
      }
    },
    dropAll(queue = 'wait-q') {
      for (const name of readdirSync(stage)) renameSync(join(stage, name), join(dir, queue, name));
    },
    async start(node = []) {
      const args = [...node, program, 'monitor', '-q', '--root', dir];
      const child = started(process.execPath, args, { env: { SJQ_BENCH: folder } });
      monitor = child;
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
      const history = join(dir, 'history.jsonl');
      const before = existsSync(history) ? statSync(history).size : 0;
      await until(
        () => {
          if (child.exitCode !== null) throw new Error(`the monitor ended: ${said}`);
          return existsSync(history) && readFileSync(history, 'latin1').slice(before).includes('"monitor-started"');
        },
        'the monitor serves',
        5,
      );
    },
    message: (line) => appendFileSync(join(dir, 'monitor_reads'), `${line}\n`),
    count: (queue) => namesIn(queue).length,
    async takenIn() {
      const path = join(dir, 'wait-q');
      const isOurs = (name: string): boolean => readFileSync(join(path, name), 'latin1').includes('\n==== STATUS\n');
      // Each that is taken in changes the directory; that of many it has nothing more to do is seen by its rest.
      const isAtRest = (): boolean => Date.now() > statSync(path).mtimeMs + 2000;
      await until(() => isAtRest() && namesIn('wait-q').every(isOurs), 'all are taken in', 500, 3_600_000);
    },
    async done(count) {
      for (let [most, movedAt] = [0, Date.now()]; ;) {
        const startedAt = performance.now();
        const are = namesIn('done-q').length;
        if (are >= count) return statSync(join(dir, 'done-q')).mtimeMs;
        if (are > most) [most, movedAt] = [are, Date.now()];
        if (monitor?.exitCode !== null) throw new Error('the monitor ended');
        if (Date.now() > movedAt + patienceMs) throw new Error(`${are} of ${count} ended, and no more do`);
        // A look at a long list must not take the time of what is measured: 1 % at the most.
        await wait(Math.max(20, 100 * (performance.now() - startedAt)));
      }
    },
    stop,
    async check(count) {
      const ended = (): number => attemptsIn(dir).length;
      await until(() => ended() >= count, `history.jsonl tells of ${count} attempts`, 200);
      expectAllDone(dir, count, namesIn);
    },
    async remove() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}
