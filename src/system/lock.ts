// The lock that makes a monitor the only one of its root: a flock on the open root directory, taken by util-linux' flock on a
// descriptor that Node lends it. Node has no flock of its own; a native module for one system call is not worth its build.
//
// Why the directory: a lock file that is deleted while held lets a second monitor in. Why not a pid file: pids come again.
// Why not asking /proc/locks: it leaves out locks whose taker is gone, and flock(1) always is.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Bytes, bufferFromBytes, shownFromName } from '../model/bytes.ts';
import { SjqError } from '../model/errors.ts';
import { errnoOf } from '../model/errno.ts';

/** The root is this process's, or somebody else's. */
export type RootLock = HeldLock | { readonly kind: 'busy' };

export interface HeldLock {
  readonly kind: 'held';
  /**
   * True while the root's name still leads to the directory that is locked. False once it was moved, or deleted and made
   * again: another monitor can then lock what is there now, and this one must not touch it.
   */
  isCurrent(): boolean;
  /** Gives the lock up. The second call does nothing. */
  release(): void;
}

/** A prober holds the root shared for a few milliseconds; a monitor holds it for good. */
const patienceMs = 1000;
const pauseMs = 100;

/**
 * Gives the lock of a root, or `busy` if somebody has held it for the second that this is tried. It is held by an open
 * descriptor that no child inherits (Node opens close-on-exec), so it ends with this process and never before or after, kill -9 included.
 *
 * @throws SjqError `cannot-write-root` if the root cannot be opened, `bad-config` if flock is missing or cannot lock here.
 * @see flock(2): the lock belongs to the open file description, which the flock program and this process share.
 */
export async function lockRoot(root: Bytes): Promise<RootLock> {
  const startedAt = performance.now();
  for (;;) {
    const fd = openRoot(root);
    let isHeld = false;
    try {
      // -n and try again instead of -w: busybox' flock has no -w.
      isHeld = await isFlockGranted('-x', fd, root);
      if (isHeld && isSameDirectory(fd, root)) return heldLock(fd, root);
      isHeld = false;
    } finally {
      if (!isHeld) fs.closeSync(fd);
    }
    if (performance.now() - startedAt >= patienceMs) return { kind: 'busy' };
    await wait(pauseMs);
  }
}

/**
 * True if some process holds the root's lock. Asks by taking it shared for an instant, which {@link lockRoot} waits out. What
 * is not there is locked by nobody.
 *
 * @throws SjqError as {@link lockRoot}.
 */
export async function isRootLocked(root: Bytes): Promise<boolean> {
  if (fs.statSync(bufferFromBytes(root), { throwIfNoEntry: false }) === undefined) return false;
  const fd = openRoot(root);
  try {
    return !(await isFlockGranted('-s', fd, root));
  } finally {
    fs.closeSync(fd);
  }
}

function heldLock(fd: number, root: Bytes): HeldLock {
  let isReleased = false;
  return {
    kind: 'held',
    isCurrent: () => !isReleased && isSameDirectory(fd, root),
    release() {
      if (isReleased) return;
      isReleased = true;
      fs.closeSync(fd);
    },
  };
}

function openRoot(root: Bytes): number {
  try {
    return fs.openSync(bufferFromBytes(root), fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  } catch (error) {
    const reason = errnoOf(error);
    const shown = shownFromName(root);
    const messages: Readonly<Record<string, string>> = {
      ENOENT: `there is no root directory ${shown}: check the path`,
      ENOTDIR: `${shown} is no directory: the root of a queue must be one`,
      EACCES: `the root ${shown} may not be read by this user: use its owner's account, or change its mode`,
    };
    const message = messages[reason ?? ''];
    if (message === undefined) throw error;
    throw new SjqError('cannot-write-root', message, { cause: error });
  }
}

/** True if the name still leads to the directory that is open. */
function isSameDirectory(fd: number, root: Bytes): boolean {
  const opened = fs.fstatSync(fd);
  const named = fs.statSync(bufferFromBytes(root), { throwIfNoEntry: false });
  return named !== undefined && named.ino === opened.ino && named.dev === opened.dev;
}

async function isFlockGranted(mode: '-x' | '-s', fd: number, root: Bytes): Promise<boolean> {
  // Lent as stdin. By Node's own spawn: every command asks for the lock, and execa takes longer to load than all of ours.
  const child = spawn('flock', ['-n', mode, '0'], { stdio: [fd, 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = await new Promise<number | NodeJS.Signals | NodeJS.ErrnoException>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'SIGKILL');
    });
  });
  if (ended === 0) return true;
  if (ended === 1) return false;
  const isMissing = ended instanceof Error && ended.code === 'ENOENT';
  const message = isMissing
    ? 'the program flock is missing: install util-linux'
    : `flock cannot lock the root ${shownFromName(root)} (${said.trim() || String(ended)}): a root must be on a local file system`;
  throw new SjqError('bad-config', message, { cause: ended });
}
