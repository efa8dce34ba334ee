// Being told that something may have changed on disk. Everything here is a hint: it may come late, twice, for nothing or not
// at all (a burst loses thousands, another host on NFS is never seen), so the poll stays the truth. Coalescing is the caller's.
import fs from 'node:fs';
import { basename } from 'node:path';
import { type Bytes, bufferFromBytes, bytesFromBuffer, shownFromName } from '../model/bytes.ts';
import { errnoOf } from '../model/errno.ts';

/** Why hints stopped coming from a place. The caller goes on with its poll, and may watch again. */
export interface WatchFault {
  /** `gone`: the directory was deleted, moved or replaced. `failed`: the kernel refused or gave up. */
  readonly kind: 'gone' | 'failed';
  readonly path: Bytes;
  /** For a person: what happened and what to do about it. */
  readonly message: string;
}

/** A watch that is on; `close` ends it at once, no hint or fault comes after it, and a second call does nothing. */
export interface Watch {
  close(): void;
}

/** The two ways of watching. Neither throws, then or later: what goes wrong is told to `onFault`, never before they returned. */
export interface Watcher {
  /**
   * Hints at each entry that was made, renamed, deleted or written in a directory, by name where the kernel told one. One
   * inotify watch whatever the directory holds. The first fault is the last: after it this watch is closed.
   */
  watchDirectory(dir: Bytes, hint: (name: Bytes | undefined) => void, onFault: (fault: WatchFault) => void): Watch;
  /**
   * Hints at each change of a few named files, or of what lies directly in named directories (job types), with the one of
   * `paths` that it is about. A path need not exist yet, but its directory must; symlinks should have been resolved. Hints
   * `undefined` once when all watches are in place, because what changed until then was not seen.
   */
  watchFiles(
    paths: readonly Bytes[],
    hint: (path: Bytes | undefined) => void,
    onFault: (fault: WatchFault) => void,
  ): Watch;
}

function failed(path: Bytes, error: unknown): WatchFault {
  const limits: Readonly<Record<string, string>> = {
    ENOSPC: 'raise fs.inotify.max_user_watches',
    EMFILE: 'raise fs.inotify.max_user_instances',
  };
  const code = errnoOf(error);
  const remedy = limits[code ?? ''];
  const reason = error instanceof Error ? error.message : String(error);
  const message = `cannot watch ${shownFromName(path)} (${reason}): changes are seen at the next poll only${remedy === undefined ? '' : `; ${remedy}`}`;
  return { kind: 'failed', path, message };
}

function gone(path: Bytes): WatchFault {
  const message = `the watched directory ${shownFromName(path)} was deleted or moved: put it back`;
  return { kind: 'gone', path, message };
}

/** Gives a text that changes when another directory stands at the path; undefined if there is none that can be seen. */
function identityOf(dir: Bytes): string | undefined {
  try {
    const stat = fs.statSync(bufferFromBytes(dir), { throwIfNoEntry: false });
    return stat?.isDirectory() === true ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    return undefined;
  }
}

/**
 * fs.watch and not chokidar: that sets a watch on every file and lists the directory again for each new one, 15 ms an added
 * file at 1,000 files against 0.05 ms at any size (facts.md). Nor for a few files: docs/decisions/0034.
 */
function watchDirectory(
  dir: Bytes,
  hint: (name: Bytes | undefined) => void,
  onFault: (fault: WatchFault) => void,
): Watch {
  let isOpen = true;
  let watcher: fs.FSWatcher | undefined;
  const close = (): void => {
    isOpen = false;
    watcher?.close();
  };
  const fault = (what: WatchFault): void => {
    if (!isOpen) return;
    close();
    onFault(what);
  };
  // Before the watch is set: a directory put here in between is then taken for another one, a needless fault and no missed one.
  const identity = identityOf(dir);
  const ownName = basename(dir);
  try {
    watcher = fs.watch(bufferFromBytes(dir), { encoding: 'buffer' }, (event, rawName) => {
      const name = rawName === null ? undefined : bytesFromBuffer(rawName);
      // libuv tells the end of the directory itself as a rename of its own base name, and nothing ever after.
      const isPerhapsItself = event === 'rename' && (name === undefined || name === ownName);
      if (isPerhapsItself && identityOf(dir) !== identity) fault(gone(dir));
      else hint(name);
    });
    watcher.on('error', (error) => {
      fault(failed(dir, error));
    });
  } catch (error) {
    const what = errnoOf(error) === 'ENOENT' ? gone(dir) : failed(dir, error);
    queueMicrotask(() => {
      fault(what);
    });
  }
  return { close };
}

/**
 * Watches the directories that hold the files, and the named ones that are directories themselves. Never a file: a message file is
 * renamed aside and made anew each time it is read. Each event costs a look-up by name and no call, because the monitor's own two
 * logs lie beside these files, and it writes them at every job.
 */
function watchFiles(
  paths: readonly Bytes[],
  hint: (path: Bytes | undefined) => void,
  onFault: (fault: WatchFault) => void,
): Watch {
  let isOpen = true;
  const watched = new Set(paths);
  const watches = new Map<Bytes, Watch>();
  const told = (dir: Bytes, name: Bytes | undefined): void => {
    const path = name === undefined ? undefined : (`${dir}/${name}` as Bytes);
    if (path !== undefined && watched.has(path)) {
      watchInside(path);
      hint(path);
    } else if (watched.has(dir)) hint(dir);
  };
  const watchInside = (path: Bytes): void => {
    if (watches.has(path) || identityOf(path) === undefined) return;
    const again = ({ kind }: WatchFault): void => {
      watches.delete(path);
      // Made again by somebody: its parent told of that, when it was still watched.
      if (kind === 'gone') watchInside(path);
      hint(path);
    };
    watches.set(
      path,
      watchDirectory(path, (name) => told(path, name), again),
    );
  };
  for (const dir of new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/')) as Bytes))) {
    // One that is gone is noticed at the poll, by who knows what that means.
    const fault = (what: WatchFault): void => {
      if (what.kind === 'failed') onFault(what);
    };
    watches.set(
      dir,
      watchDirectory(dir, (name) => told(dir, name), fault),
    );
  }
  for (const path of paths) watchInside(path);
  queueMicrotask(() => {
    if (isOpen) hint(undefined);
  });
  return {
    close() {
      isOpen = false;
      for (const each of watches.values()) each.close();
    },
  };
}

/** The kernel's watcher. */
export const realWatcher: Watcher = { watchDirectory, watchFiles };
