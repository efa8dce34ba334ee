// Starts a monitor on a root and stays until it has ended: the lock, the signals, the notices on stderr.
import { type Bytes, shownFromName, utf8FromBytes } from '../model/bytes.ts';
import { SjqError } from '../model/errors.ts';
import { join } from '../model/paths.ts';
import { createMonitor } from '../monitor/monitor.ts';
import { readConfig } from '../monitor/read-config.ts';
import { makeRoot } from '../monitor/root.ts';
import { realFiles } from '../system/files.ts';
import { lockRoot } from '../system/lock.ts';
import { realMachine } from './machine.ts';
import { version } from './version.ts';

/** Runs the monitor in the foreground. Gives why it ended. @throws SjqError `try-later` if another one holds the root */
export async function start(
  root: Bytes,
  options: { readonly once: boolean; readonly quiet: boolean; readonly greet: boolean },
): Promise<string> {
  const config = readConfig(realFiles, root);
  if (realFiles.stat(root) === undefined) makeRoot(realFiles, root, config);
  const lock = await lockRoot(root);
  if (lock.kind === 'busy') throw new SjqError('try-later', busyMessage(root));
  const echo = options.quiet ? () => undefined : (line: string) => void process.stderr.write(line);
  // A reader of stderr that went away must not end the monitor.
  process.stderr.on('error', () => undefined);
  const monitor = createMonitor({
    machine: realMachine(),
    root,
    version,
    once: options.once,
    echo,
    isRootCurrent: () => lock.isCurrent(),
  });
  if (options.greet) process.stderr.write(greeting(root));
  const shutdown = (): void => monitor.shutdown();
  const reload = (): void => monitor.reload();
  process.on('SIGTERM', shutdown).on('SIGINT', shutdown).on('SIGHUP', reload);
  try {
    return await monitor.ended;
  } finally {
    process.off('SIGTERM', shutdown).off('SIGINT', shutdown).off('SIGHUP', reload);
    lock.release();
  }
}

function busyMessage(root: Bytes): string {
  const holder = realFiles.read(join(root, '.sjq/monitor'), 0, 4096);
  const facts = Object.fromEntries(
    (holder ?? '').split('\n').map((line) => line.split(/ (.*)/s).slice(0, 2)),
  ) as Record<string, string>;
  const who =
    facts['pid'] === undefined
      ? 'another monitor'
      : `the monitor with pid ${facts['pid']} on ${facts['host'] ?? '?'} (since ${facts['since'] ?? '?'}, version ${facts['version'] ?? '?'})`;
  return `${shownFromName(root)} is held by ${who}: one monitor a root; end that one first (echo SHUTDOWN >> monitor_reads)`;
}

function greeting(root: Bytes): string {
  const shown = utf8FromBytes(root);
  return [
    '',
    `The monitor serves ${shown}. In another terminal:`,
    `  cp examples/hello ${shown}/wait-q/        drop a job`,
    `  tail -f ${shown}/monitor_says             watch what happens`,
    `  cat ${shown}/done-q/hello                 read how it went`,
    `  echo HELP >> ${shown}/monitor_reads       ask what it can do`,
    'Ctrl-C ends the monitor; running jobs go on and the next monitor takes them over.',
    '',
    '',
  ].join('\n');
}
