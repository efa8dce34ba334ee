// Starts a monitor on a root and stays until it has ended: the lock, the signals, the notices on stderr.
import { relative, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Bytes, bytesFromUtf8, shownFromName, utf8FromBytes } from '../model/bytes.ts';
import { errnoOf } from '../model/errno.ts';
import { SjqError } from '../model/errors.ts';
import { textFromInstant } from '../model/time.ts';
import { createMonitor, type Monitor, ownGone, type ServingState } from '../monitor/monitor.ts';
import { readConfig } from '../monitor/read-config.ts';
import { realMachine } from '../monitor/real-machine.ts';
import { readHolder } from '../monitor/root.ts';
import { realFiles } from '../system/files.ts';
import { lockRoot } from '../system/lock.ts';
import { openServiceManager } from '../system/service-manager.ts';
import { shellLine } from './shell-line.ts';
import { version } from './version.ts';

/** What `systemctl status` shows. */
const stateTexts: Readonly<Record<ServingState, string>> = {
  serving: 'serves',
  paused: 'paused, starts nothing:',
  finishing: 'ends after the running jobs:',
};

/** Runs the monitor of a root that is there in the foreground. Gives why it ended. @throws SjqError `try-later` if another one holds the root */
export async function start(
  root: Bytes,
  options: { readonly once: boolean; readonly quiet: boolean; readonly greet: boolean },
): Promise<string> {
  // Of each UOW that waits 300 bytes are kept. Left to itself the space for what is new grows to 48 MB while 100,000 are read, and is
  // never given back; a monitor makes little that is new at once.
  setFlagsFromString('--semi-space-growth-factor=1');
  // First of all, so that no program that is started from here on inherits its variables.
  const life: { monitor?: Monitor } = {};
  const serviceManager = openServiceManager(process.env, (text) => life.monitor?.attention(text));
  // Before the lock, so that a bad config.yaml is said as that, whoever holds the root.
  readConfig(realFiles, root);
  const lock = await lockRoot(root);
  if (lock.kind === 'busy') throw new SjqError('try-later', busyMessage(root));
  const echo = options.quiet ? () => undefined : (line: string) => void process.stderr.write(line);
  // A reader of stderr that went away must not end the monitor.
  process.stderr.on('error', () => undefined);
  const shownRoot = shownFromName(root);
  const monitor = orTryLater(shownRoot, () =>
    createMonitor({
      machine: realMachine(),
      root,
      version,
      once: options.once,
      echo,
      isRootCurrent: () => lock.isCurrent(),
      onWake: (state) => serviceManager?.works(`${stateTexts[state]} ${shownRoot}`),
    }),
  );
  life.monitor = monitor;
  serviceManager?.watch(() => monitor.wake());
  // A journal has no other terminal.
  if (options.greet && !serviceManager) process.stderr.write(greeting(root));
  const shutdown = (): void => monitor.shutdown();
  const reload = (): void => monitor.reload();
  process.on('SIGTERM', shutdown).on('SIGINT', shutdown).on('SIGHUP', reload);
  try {
    const why = await monitor.ended;
    await serviceManager?.stopping(`ended (${why}): ${shownRoot}`);
    if (why === ownGone)
      throw new SjqError('try-later', `the monitor of ${shownRoot} ended: ${ownGone}: start it again`);
    return why;
  } finally {
    process.off('SIGTERM', shutdown).off('SIGINT', shutdown).off('SIGHUP', reload);
    lock.release();
  }
}

/** A disk that fails once must not keep a service down for good: systemd starts it again after this code, and not after the root's own. */
function orTryLater<T>(shownRoot: string, begin: () => T): T {
  try {
    return begin();
  } catch (error) {
    if (errnoOf(error instanceof SjqError ? error.cause : error) !== 'EIO') throw error;
    const text = `the disk failed (EIO) as the monitor of ${shownRoot} started: look at the kernel log (dmesg), and start it again`;
    throw new SjqError('try-later', text, { cause: error });
  }
}

function busyMessage(root: Bytes): string {
  const { host, processes } = realMachine();
  const holder = readHolder(realFiles, root);
  const shown = shownFromName(root);
  // What it says of itself it leaves behind; `sjq doctor --fix` takes the lock and says nothing.
  if (holder?.host === host.name && !processes.isAlive(holder.pid))
    return `${shown} is held by no monitor, but by another program (sjq doctor --fix?): try again when that has ended`;
  const who =
    holder === undefined
      ? 'another monitor'
      : `the monitor with pid ${holder.pid} on ${holder.host} (since ${textFromInstant(holder.since)}, version ${holder.version})`;
  const reads = shellLine([`${utf8FromBytes(root)}/monitor_reads`]);
  return `${shown} is held by ${who}: one monitor a root; end that one first (echo SHUTDOWN >> ${reads})`;
}

/** What to type next, as it can be typed where the monitor was started. */
function greeting(root: Bytes): string {
  const fromHere = relative(process.cwd(), utf8FromBytes(root));
  const shown = fromHere.startsWith('..') || fromHere === '' ? utf8FromBytes(root) : fromHere;
  const at = (name: string): string => shellLine([`${shown}/${name}`]);
  // The first example is there in the repository's own folder; anywhere else a command will do.
  const hasExample = realFiles.stat(bytesFromUtf8(resolve('examples/hello'))) !== undefined;
  const next: (readonly [string, string])[] = [
    hasExample
      ? [`cp examples/hello ${at('wait-q/')}`, 'drop a job']
      : [`sjq submit --root ${shellLine([shown])} -n hello 'echo hello'`, 'drop a job'],
    [`tail -f ${at('monitor_says')}`, 'watch what happens'],
    [`cat ${at('done-q/hello')}`, 'read how it went'],
    [`echo HELP >> ${at('monitor_reads')}`, 'ask what it can do'],
  ];
  const width = Math.max(...next.map(([line]) => line.length));
  return [
    '',
    `The monitor serves ${shown}. In another terminal:`,
    ...next.map(([line, meaning]) => `  ${line.padEnd(width)}   ${meaning}`),
    'Ctrl-C ends the monitor; running jobs go on and the next monitor takes them over.',
    '',
    '',
  ].join('\n');
}
