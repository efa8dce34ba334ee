// Starting and talking to the launcher shell (launcher.sh). Node pays for one process in its whole life, not for one a job.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { type Bytes, bufferFromBytes, utf8FromBytes } from '../model/bytes.ts';
import { errnoOf } from '../model/errno.ts';
import { SjqError } from '../model/errors.ts';
import type { RunId } from '../model/run.ts';

/** A running launcher. It outlives this process for no longer than its stdin; the guardians it forked live on. */
export interface Launcher {
  readonly pid: number;
  /** True until it ended. */
  readonly isAlive: boolean;
  /** Asks it to start an attempt. Says nothing about success: `runs/ID/started` does. */
  launch(id: RunId): void;
  /** Closes its stdin, at which it ends. */
  close(): void;
}

/** What a launcher needs: its working directory, where its own complaints go, and who is told when it ends unasked. */
export interface LauncherOptions {
  readonly runsDir: Bytes;
  readonly log: Bytes;
  readonly onEnd: (why: string) => void;
}

export type StartLauncher = (options: LauncherOptions) => Launcher;

const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function program(name: string): string {
  for (const dir of standardPath.split(':')) {
    const path = `${dir}/${name}`;
    if (fs.existsSync(path)) return path;
  }
  throw new SjqError('bad-config', `there is no ${name} in ${standardPath}: install coreutils and bash`);
}

const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK, O_NOFOLLOW } = fs.constants;

/** Opens its log. What cannot be appended to (a FIFO that nobody reads, a directory) is no reason to start no jobs. */
function openLog(log: Bytes): number {
  try {
    const fd = fs.openSync(bufferFromBytes(log), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOFOLLOW, 0o600);
    if (fs.fstatSync(fd).isFile()) return fd;
    fs.closeSync(fd);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
  return fs.openSync('/dev/null', 'w');
}

/** Starts the real launcher: bash in a session of its own, with an empty environment. @throws SjqError `bad-config` if bash is missing. */
export const startLauncher: StartLauncher = ({ runsDir, log, onEnd }) => {
  const script = fileURLToPath(new URL('../system/launcher.sh', import.meta.url));
  const logFd = openLog(log);
  let isAlive = true;
  let isClosing = false;
  const bash = program('bash');
  const child = spawn(bash, ['--norc', '--noprofile', script, program('tee')], {
    cwd: utf8FromBytes(runsDir),
    env: { PATH: standardPath },
    detached: true,
    stdio: ['pipe', 'ignore', logFd],
  });
  fs.closeSync(logFd);
  // The monitor may end while jobs run: neither the child nor its pipe may keep it alive. A write to a dead launcher is no
  // fault of ours, its end is told by `child`.
  child.unref();
  child.stdin?.on('error', () => undefined);
  const end = (how: string): void => {
    isAlive = false;
    if (!isClosing) onEnd(how);
  };
  child.once('error', (error) => {
    end(error.message);
  });
  child.once('exit', (code, signal) => {
    end(signal ?? `exit ${String(code)}`);
  });
  return {
    pid: child.pid ?? 0,
    get isAlive() {
      return isAlive;
    },
    launch(id) {
      if (isAlive) child.stdin?.write(`${id}\n`);
    },
    close() {
      isClosing = true;
      child.stdin?.end();
    },
  };
};
