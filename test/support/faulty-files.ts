// The real file system with a fault at call k: a crash, after which this life of the program does nothing more on disk, or an
// errno, once or from then on, after which it goes on. Calls are counted, so that a test can go through every instant at which a
// program may die. Which call can meet which errno is errnos.ts.
import { renameSync } from 'node:fs';
import { type Bytes, bufferFromBytes } from '../../src/model/bytes.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import type { OpenFile } from '../../src/system/open-file.ts';
import { callingSite } from './call-sites.ts';
import { type Call, canMeet, type Errno, errnoError, isReading, type Method, takenAway } from './errnos.ts';

/** Thrown by the call at which the program "dies", and by every call after it: the dead change nothing. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/**
 * What happens at call `at` (from 1 on), counted among those that it can come to. A `crash` comes before the call is done, a
 * `crash-after` when it is done and its answer not heard, both at calls that change something. A `torn` one leaves half of what
 * was to be written, as a kill in a write does; `short` is a write that the disk ends half way, and the program lives. An errno
 * comes once, or lasts until {@link FaultyFiles.mend}. With `in` only calls are counted that come from that place, `apply/claim.ts link` or
 * `apply/claim.ts:71 link`.
 */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'crash' | 'crash-after' | 'torn' | 'short'; readonly at: number; readonly in?: string }
  | {
      readonly kind: 'errno';
      readonly at: number;
      readonly code: Errno;
      readonly lasts?: boolean;
      readonly in?: string;
    };

/** A call as a trace has it. */
export interface Traced extends Call {
  /** The place in src/monitor that made it (call-sites.ts); undefined if it is elsewhere. */
  readonly site: string | undefined;
}

export interface FaultyFiles extends Files {
  /** How many calls were made that changed something on disk. */
  readonly changes: number;
  /** How many calls were made that the fault counts. */
  readonly calls: number;
  /** True if it was ended because it called without end. */
  readonly isEndless: boolean;
  /** The call at which the fault came first; undefined until then. */
  readonly met: string | undefined;
  /** Where in src/monitor it came; of a fault that lasts, the first places. */
  readonly metAt: readonly string[];
  /** Every call, if they are traced. */
  readonly trace: readonly Traced[];
  readonly isCrashed: boolean;
  /** What was unlinked by its last name outside of `.sjq`, hidden names left out: nobody's data may be among it. */
  readonly deleted: readonly string[];
  /** Ends this life now. */
  crash(): void;
  /** Ends a fault that lasts. */
  mend(): void;
  /** Closes what was left open, as the end of a process does. */
  close(): void;
}

/** More than any scenario of a life takes. */
const callsAtMost = 50_000;
/** Of so many calls that a lasting fault meets the place is kept. */
const sitesKept = 40;

/** True if a fault of that kind can come to the call. */
export function comesTo(fault: Fault, call: Call): boolean {
  switch (fault.kind) {
    case 'none':
      return false;
    case 'crash':
    case 'crash-after':
      return !isReading(call);
    case 'torn':
      return call.method === 'create' || call.method === 'append';
    case 'short':
      // What a create could not write whole it removes again: to its caller that is ENOSPC.
      return call.method === 'append';
    case 'errno':
      return canMeet(fault.code, call);
  }
}

/** Gives files with one fault. With `root`, people's hands are in that directory; `isTraced` keeps every call. */
export function faultyFiles(
  fault: Fault,
  { root, isTraced = false }: { readonly root?: Bytes; readonly isTraced?: boolean } = {},
): FaultyFiles {
  const state = {
    ...{ all: 0, changes: 0, calls: 0, isCrashed: false, isMended: false },
    met: undefined as string | undefined,
    metAt: [] as string[],
  };
  const deleted: string[] = [];
  const opened = new Set<OpenFile>();
  const trace: Traced[] = [];

  function die(why: string): never {
    state.isCrashed = true;
    throw new CrashError(why);
  }

  function isIn(method: Method): boolean {
    if (fault.kind === 'none' || fault.in === undefined || state.met !== undefined) return true;
    const site = callingSite(method);
    return site === fault.in || site?.replace(/:\d+/, '') === fault.in;
  }

  /** True if the fault comes to this call. */
  function isMet(call: Call): boolean {
    if (state.isCrashed) throw new CrashError('dead');
    state.all += 1;
    // A loop without an end is told by what it does to the disk: no clock sees it.
    if (state.all > callsAtMost) die(`over ${callsAtMost} calls`);
    if (isTraced) trace.push({ ...call, site: callingSite(call.method) });
    if (!comesTo(fault, call) || !isIn(call.method)) return false;
    state.calls += 1;
    if (fault.kind === 'none') return false;
    const isNow =
      state.calls === fault.at || (fault.kind === 'errno' && fault.lasts === true && state.calls > fault.at);
    if (!isNow || state.isMended) return false;
    state.met ??= `${call.method} of ${call.paths.join(', ')}`;
    // A look at the stack is dear.
    const site = state.calls - fault.at < sitesKept ? callingSite(call.method) : undefined;
    if (site !== undefined) state.metAt.push(site);
    return true;
  }

  /** Makes the call with what it names taken away; puts that back. */
  function withoutIt(call: Call, act: () => unknown): unknown {
    const path = takenAway(call);
    if (path === undefined || realFiles.stat(path) === undefined) return act();
    const [from, away] = [bufferFromBytes(path), bufferFromBytes(`${call.root}.away` as Bytes)];
    renameSync(from, away);
    try {
      return act();
    } finally {
      renameSync(away, from);
    }
  }

  /** Makes a call, or what the fault makes of it. `act` does it really, `half` a part of it. */
  function made(call: Call, act: () => unknown, half: () => void): unknown {
    if (!isMet(call)) {
      const value = act();
      if (!isReading(call)) state.changes += 1;
      return value;
    }
    if (fault.kind === 'errno') {
      if (fault.code === 'ENOENT') return withoutIt(call, act);
      throw errnoError(fault.code, call);
    }
    if (fault.kind === 'crash-after') act();
    else if (fault.kind === 'torn' || fault.kind === 'short') half();
    if (fault.kind === 'short') throw errnoError('ENOSPC', call);
    return die(`${fault.kind}: ${call.method}`);
  }

  const nothing = (): void => undefined;
  const cut = (content: Bytes): Bytes => content.slice(0, Math.floor(content.length / 2)) as Bytes;
  const callOf = (method: Method, ...paths: readonly Bytes[]): Call => ({ method, paths, root });
  /** Nothing here can lose what was not synced, so syncing would only cost time; it is counted, and can fail. */
  const unsynced = { sync: false };
  const wrapped: unknown = Object.fromEntries(
    (Object.keys(realFiles) as Method[]).map((method) => [
      method,
      (...args: never[]): unknown => {
        const real: unknown = Reflect.get(realFiles, method);
        const paths = method === 'link' || method === 'rename' ? args.slice(0, 2) : args.slice(0, 1);
        return made(
          callOf(method, ...paths),
          () => (real as (...given: readonly never[]) => unknown)(...args),
          nothing,
        );
      },
    ]),
  );
  return {
    ...(wrapped as Files),
    open(path) {
      const file = made(callOf('open', path), () => realFiles.open(path), nothing) as OpenFile | undefined;
      if (file === undefined) return undefined;
      const close = (): void => {
        if (opened.delete(kept)) file.close();
      };
      const kept = { ...file, close };
      opened.add(kept);
      return kept;
    },
    create: (path, content, options) =>
      made(
        callOf('create', path),
        () => realFiles.create(path, content, { ...options, ...unsynced }),
        () => realFiles.create(path, cut(content), { ...options, ...unsynced }),
      ) as 'ok' | 'exists',
    append(path, content) {
      made(
        callOf('append', path),
        () => realFiles.append(path, content, unsynced),
        () => realFiles.append(path, cut(content), unsynced),
      );
    },
    // Never torn: 64 bytes within a block are whole or not there (facts.md).
    overwrite: (path, offset, content) =>
      made(callOf('overwrite', path), () => realFiles.overwrite(path, offset, content, unsynced), nothing) as
        'ok' | 'gone',
    unlink: (path) =>
      made(
        callOf('unlink', path),
        () => {
          const isOutside = root !== undefined && !path.startsWith(`${root}/`);
          const isOwn = isOutside || path.includes('/.sjq/') || path.includes('/.');
          if (!isOwn && realFiles.stat(path)?.links === 1) deleted.push(path);
          return realFiles.unlink(path);
        },
        nothing,
      ) as 'ok' | 'gone',
    syncDirectory(dir) {
      const call = callOf('syncDirectory', dir);
      made(
        call,
        () => {
          if (fault.kind === 'errno' && fault.code === 'ENOENT') realFiles.syncDirectory(dir);
        },
        nothing,
      );
    },
    syncFile(path) {
      // Whoever waits for the disk when the program dies is never answered.
      if (state.isCrashed) return new Promise(nothing);
      try {
        made(callOf('syncFile', path), nothing, nothing);
      } catch (error) {
        if (error instanceof CrashError) return new Promise(nothing);
        return new Promise(() => {
          throw error;
        });
      }
      return new Promise((resolve) => {
        queueMicrotask(() => {
          if (!state.isCrashed) resolve();
        });
      });
    },
    get changes() {
      return state.changes;
    },
    ...{ deleted, trace },
    get calls() {
      return state.calls;
    },
    crash() {
      state.isCrashed = true;
    },
    mend() {
      state.isMended = true;
    },
    close() {
      for (const file of opened) file.close();
    },
    get isEndless() {
      return state.all > callsAtMost;
    },
    get met() {
      return state.met;
    },
    get metAt() {
      return state.metAt;
    },
    get isCrashed() {
      return state.isCrashed;
    },
  };
}
