/**
 * The library behind the `sjq` command: read and write UOWs, drop them into a root, look at a root, run its monitor. What is not
 * exported here is nobody's interface.
 *
 * @example
 * ```ts
 * import { openRoot, parseUow } from 'simple-job-q';
 *
 * const root = openRoot('/srv/queue');
 * const name = root.submit({ name: 'report', fields: [['command', 'make report'], ['timeout', '2h']] });
 *
 * const parsed = parseUow('==== UNIT OF WORK\n\ncommand :: true\n');
 * if (parsed.kind === 'invalid') for (const { line, message } of parsed.problems) console.error(line, message);
 * ```
 * @packageDocumentation
 */
import { resolve } from 'node:path';
import { fieldEdited } from './format/uow-edit.ts';
import { parseUow as parsedFromBytes } from './format/uow-parse.ts';
import { bytesFromBuffer, bytesFromUtf8, utf8FromBytes } from './model/bytes.ts';
import type { Config } from './model/config.ts';
import { SjqError, textFromProblem } from './model/errors.ts';
import { rootPaths } from './model/paths.ts';
import type { WaitingQueue } from './model/queue.ts';
import type { Seen } from './model/seen.ts';
import type { ParsedUow } from './model/uow.ts';
import { readControl } from './monitor/apply/control.ts';
import { createMonitor, type Monitor, type MonitorOptions } from './monitor/monitor.ts';
import { observe } from './monitor/observe.ts';
import { readConfig } from './monitor/read-config.ts';
import { realMachine } from './monitor/real-machine.ts';
import { makeRoot } from './monitor/root.ts';
import { submit, textFromFields } from './monitor/submit.ts';
import { lockRoot } from './system/lock.ts';

export type { Action } from './model/action.ts';
export type { Config } from './model/config.ts';
export { type ErrorCode, exitCodeOf, type Problem, SjqError } from './model/errors.ts';
export { type FieldRow, headerFields } from './model/header.ts';
export type { Outcome } from './model/outcome.ts';
export type { Queue, WaitingQueue } from './model/queue.ts';
export type { Seen } from './model/seen.ts';
export type { Stamp } from './model/stamp.ts';
export type { Status } from './model/status.ts';
export type { HeaderLine, ParsedUow, UowHead, UowLayout } from './model/uow.ts';
export { type Alarm, type AlarmKind, alarmKinds, type Sink } from './model/alarm.ts';
export { createMonitor, type Monitor, type MonitorOptions } from './monitor/monitor.ts';
export type { Machine } from './monitor/machine.ts';
export { realMachine } from './monitor/real-machine.ts';
export { plan } from './plan/plan.ts';

/** A UOW to be dropped: its whole text, or its header fields in order. */
export type NewUow = {
  readonly name: string;
  /** `wait` if it does not say. */
  readonly queue?: WaitingQueue;
} & (
  { readonly text: string | Uint8Array } | { readonly fields: readonly (readonly [name: string, content: string])[] }
);

/** A queue root, with the settings it had when it was opened. */
export interface OpenRoot {
  /** Its absolute path. */
  readonly dir: string;
  readonly config: Config;
  /**
   * Drops a UOW and gives the name it has from then on: its own, or with `~2` … if that was taken. When it returns, the UOW is
   * durably in its queue (as far as the setting `durability` says). No monitor needs to run.
   *
   * @throws SjqError `bad-uow` with every problem, `usage` for a name that no UOW can have
   */
  submit(uow: NewUow): string;
  /** Gives what stands where now. Changes nothing. `plan(root.observe(), root.config)` is what a monitor would do next. */
  observe(): Seen;
  /**
   * Starts the root's monitor in this process. Its lock is given up when `ended` resolves.
   *
   * @throws SjqError `try-later` if another monitor holds the root
   */
  startMonitor(options?: Pick<MonitorOptions, 'once' | 'echo' | 'sinks'>): Promise<Monitor>;
}

/**
 * Opens a root; what is missing of its directories is made.
 *
 * @throws SjqError `bad-config` with every line of config.yaml that is wrong
 */
export function openRoot(dir: string): OpenRoot {
  const machine = realMachine();
  const root = bytesFromUtf8(resolve(dir));
  const config = readConfig(machine.files, root);
  const paths = rootPaths(root, config);
  makeRoot(machine.files, root, config);
  return {
    dir: resolve(dir),
    config,
    submit(uow) {
      const text = 'text' in uow ? bytesFrom(uow.text) : textFromFields(uow.fields);
      const { queue = 'wait' } = uow;
      const name = bytesFromUtf8(uow.name);
      return utf8FromBytes(submit(machine, paths, { name, text, queue, durability: config.durability }));
    },
    observe: () => observe({ machine, paths, config }, readControl({ machine, paths })),
    async startMonitor({ once = false, echo = () => undefined, sinks = [] } = {}) {
      const lock = await lockRoot(root);
      if (lock.kind === 'busy') throw new SjqError('try-later', `another monitor holds ${dir}: end that one first`);
      let monitor: Monitor;
      try {
        const isRootCurrent = (): boolean => lock.isCurrent();
        monitor = createMonitor({ machine, root, version: 'library', once, echo, sinks, isRootCurrent });
      } catch (error) {
        lock.release();
        throw error;
      }
      return { ...monitor, ended: monitor.ended.finally(() => lock.release()) };
    },
  };
}

/** Gives the UOW that a text is, or every reason why it is none. Never throws. */
export function parseUow(text: string | Uint8Array): ParsedUow {
  return parsedFromBytes(bytesFrom(text));
}

/**
 * Gives the text of a UOW with one header field changed or put in, and every other byte as it was.
 *
 * @throws SjqError `bad-uow` if the text is no UOW, `usage` if the field cannot stand in one line
 */
export function editUow(text: string, field: string, content: string): string {
  const bytes = bytesFromUtf8(text);
  const parsed = parsedFromBytes(bytes);
  if (parsed.kind === 'invalid') throw new SjqError('bad-uow', parsed.problems.map(textFromProblem).join('\n'));
  return utf8FromBytes(fieldEdited(bytes, parsed.head, field, content));
}

function bytesFrom(text: string | Uint8Array): ReturnType<typeof bytesFromUtf8> {
  return typeof text === 'string' ? bytesFromUtf8(text) : bytesFromBuffer(text);
}
