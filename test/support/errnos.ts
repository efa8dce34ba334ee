// Which call of the Files port can meet which fault of the machine, and what that looks like. A rig that injected what cannot
// be would find faults that are none.
import type { Bytes } from '../../src/model/bytes.ts';
import { type Files, realFiles } from '../../src/system/files.ts';

export type Method = keyof Files;

export type Errno = 'EIO' | 'ENOSPC' | 'EDQUOT' | 'EROFS' | 'EACCES' | 'EMFILE' | 'ENOENT';

/** A call of the port, with the paths it names. */
export interface Call {
  readonly method: Method;
  readonly paths: readonly Bytes[];
  /** Where people have their hands; undefined if nobody is to. */
  readonly root?: Bytes | undefined;
}

/** What changes nothing on disk. */
const reading: ReadonlySet<Method> = new Set([
  'list',
  'stat',
  'read',
  'open',
  'realPath',
  'readLink',
  'freeBytes',
  'fileSystemType',
  'canWrite',
]);
/**
 * What a full disk refuses. It lets names go, and overwrites in place; on btrfs, which never writes in place, it does not. A
 * sync may be the first to hear of it (delayed allocation).
 */
const growing: ReadonlySet<Method> = new Set([
  'create',
  'append',
  'overwrite',
  'link',
  'rename',
  'makeDirectory',
  'syncDirectory',
  'syncFile',
]);
/** What needs no descriptor of its own, which every other call opens. */
const bare: ReadonlySet<Method> = new Set([
  'stat',
  'link',
  'unlink',
  'rename',
  'makeDirectory',
  'removeDirectory',
  'setOwner',
  'realPath',
  'readLink',
  'freeBytes',
  'fileSystemType',
  'canWrite',
]);

/** True if the call changes nothing. */
export function isReading({ method }: Call): boolean {
  return reading.has(method);
}

const meets: Readonly<Record<Errno, (call: Call) => boolean>> = {
  // A disk that fails, fails anywhere.
  EIO: () => true,
  ENOSPC: ({ method }) => growing.has(method),
  EDQUOT: ({ method }) => growing.has(method),
  // A file system that went read-only after an error answers so to everything that changes it, syncs too.
  EROFS: (call) => !isReading(call),
  // Somebody took the right to pass through a directory away, which every path needs. The right to read a file itself is its
  // mode: one that cannot be read goes to trash after a while, and is read again when that changes.
  EACCES: ({ method }) => method !== 'read',
  EMFILE: ({ method }) => !bare.has(method),
  // Somebody takes the thing away, and puts it back in the next instant.
  ENOENT: (call) => takenAway(call) !== undefined,
};

/** True if the call can meet that errno. */
export function canMeet(errno: Errno, call: Call): boolean {
  return meets[errno](call);
}

/**
 * Gives what somebody takes away so that the call finds nothing: the file or directory that it names, or, where that is to be
 * made, the directory it should come into. Undefined where nobody does: in `.sjq`, outside the root, and the root itself, of
 * which the monitor has an opinion of its own (lock.ts).
 */
export function takenAway({ method, paths, root }: Call): Bytes | undefined {
  const [path = '' as Bytes] = paths;
  const isMade = method === 'create' || method === 'makeDirectory' || method === 'append';
  const away = isMade ? path.slice(0, path.lastIndexOf('/')) : path;
  // One whose name was about to go, and that somebody puts back, has two names by that hand.
  if (method === 'unlink') return undefined;
  // What somebody puts back into currently-executing is a word of its own: run it.
  if (away.includes('/currently-executing/')) return undefined;
  // Not held: who gives a waiting UOW a second name, and takes the first away and puts it back while that is looked at, has made two.
  if (/\/(wait|priority)-q\/[^/]+$/.test(away) && (realFiles.stat(away as Bytes)?.links ?? 0) > 1) return undefined;
  // A monitor that starts without its settings has the defaults, by that hand.
  if (away.endsWith('/config.yaml')) return undefined;
  // Whoever puts the history aside (logrotate) does not put it back.
  if (away.endsWith('/history.jsonl')) return undefined;
  const isTheirs = root !== undefined && away.startsWith(`${root}/`) && !`${away}/`.startsWith(`${root}/.sjq/`);
  return isTheirs ? (away as Bytes) : undefined;
}

const numbers: Readonly<Record<Errno, number>> = {
  ...{ ENOENT: -2, EIO: -5, EACCES: -13, EMFILE: -24, ENOSPC: -28, EROFS: -30, EDQUOT: -122 },
};

/** Gives the error as Node throws it. libuv has no name for EDQUOT, so neither has Node. */
export function errnoError(errno: Errno, call: Call): Error {
  const code = errno === 'EDQUOT' ? 'Unknown system error -122' : errno;
  const message = `${code}: injected, ${call.method} '${call.paths.join("' -> '")}'`;
  return Object.assign(new Error(message), { code, errno: numbers[errno], syscall: call.method });
}
