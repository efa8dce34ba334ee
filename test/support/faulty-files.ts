// The real file system with a fault at call k: a crash, after which this life of the program does nothing more on disk, or an
// errno once, after which it goes on. Calls are counted, so that a test can go through every instant at which a program may die.
import { type Bytes } from '../../src/model/bytes.ts';
import { type Files, realFiles } from '../../src/system/files.ts';

/** Thrown by the call at which the program "dies", and by every call after it: the dead change nothing. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/**
 * What happens at call `at` (from 1 on). A crash counts the calls that change something; a torn one, which leaves half of what
 * was to be written as a kill in a write does, those that write; an errno all that can meet it.
 */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'crash' | 'torn'; readonly at: number }
  | { readonly kind: 'errno'; readonly at: number; readonly code: 'ENOSPC' | 'EIO' };

export interface FaultyFiles extends Files {
  /** How many calls were made that change something on disk. */
  readonly changes: number;
  /** How many calls were made that the fault counts. */
  readonly calls: number;
  /** True if it was ended because it called without end. */
  readonly isEndless: boolean;
  /** The name of the call at which the fault came; undefined until then. */
  readonly met: string | undefined;
  readonly isCrashed: boolean;
  /** What was unlinked by its last name outside of `.sjq`, hidden names left out: nobody's data may be among it. */
  readonly deleted: readonly string[];
  /** Ends this life now. */
  crash(): void;
}

/** More than any scenario of a life takes. */
const callsAtMost = 50_000;
const reading = ['list', 'stat', 'read', 'realPath', 'readLink', 'freeBytes', 'fileSystemType', 'canWrite'] as const;
/** What a full disk refuses. It lets names go, and overwrites in place. */
const growing: ReadonlySet<string> = new Set(['create', 'append', 'link', 'rename', 'makeDirectory', 'syncDirectory']);

/** Gives files with one fault. */
export function faultyFiles(fault: Fault): FaultyFiles {
  const state = { all: 0, changes: 0, calls: 0, met: undefined as string | undefined, isCrashed: false };
  const deleted: string[] = [];
  const isReading = (name: string): boolean => (reading as readonly string[]).includes(name);

  /** Throws if this call is the one. */
  function meet(name: string, half: () => void): void {
    if (state.isCrashed) throw new CrashError('dead');
    state.all += 1;
    // A loop without an end is told by what it does to the disk: no clock sees it.
    if (state.all > callsAtMost) {
      state.isCrashed = true;
      throw new CrashError(`over ${callsAtMost} calls`);
    }
    if (!isReading(name)) state.changes += 1;
    const isCounted = {
      none: false,
      crash: !isReading(name),
      torn: name === 'create' || name === 'append',
      errno: fault.kind === 'errno' && (fault.code === 'EIO' || growing.has(name)),
    }[fault.kind];
    if (isCounted) state.calls += 1;
    if (fault.kind === 'none' || !isCounted || state.calls !== fault.at) return;
    state.met = name;
    if (fault.kind === 'errno') {
      const message = `${fault.code}: injected, ${name}`;
      throw Object.assign(new Error(message), { code: fault.code, errno: fault.code === 'EIO' ? -5 : -28 });
    }
    if (fault.kind === 'torn') half();
    state.isCrashed = true;
    throw new CrashError(`crash at call ${fault.at}: ${name}`);
  }

  const nothing = (): void => undefined;
  const cut = (content: Bytes): Bytes => content.slice(0, Math.floor(content.length / 2)) as Bytes;
  const wrapped = Object.fromEntries(
    (Object.keys(realFiles) as (keyof Files)[]).map((name) => [
      name,
      (...args: never[]): unknown => {
        meet(name, nothing);
        const real: unknown = Reflect.get(realFiles, name);
        return (real as (...given: readonly never[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Files;
  return {
    ...wrapped,
    create(path, content, options) {
      meet('create', () => realFiles.create(path, cut(content), { ...options, sync: false }));
      return realFiles.create(path, content, { ...options, sync: false });
    },
    append(path, content) {
      meet('append', () => realFiles.append(path, cut(content), { sync: false }));
      realFiles.append(path, content, { sync: false });
    },
    overwrite(path, offset, content) {
      // Never torn: 64 bytes within a block are whole or not there (facts.md).
      meet('overwrite', nothing);
      return realFiles.overwrite(path, offset, content, { sync: false });
    },
    unlink(path) {
      meet('unlink', nothing);
      const isOwn = path.includes('/.sjq/') || path.includes('/.');
      if (!isOwn && realFiles.stat(path)?.links === 1) deleted.push(path);
      return realFiles.unlink(path);
    },
    // Nothing here can lose what was not synced, so syncing would only cost time; it is counted, and can fail.
    syncDirectory() {
      meet('syncDirectory', nothing);
    },
    syncFile() {
      // Whoever waits for the disk when the program dies is never answered.
      if (state.isCrashed) return new Promise(nothing);
      try {
        meet('syncFile', nothing);
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
    deleted,
    get calls() {
      return state.calls;
    },
    crash() {
      state.isCrashed = true;
    },
    get isEndless() {
      return state.all > callsAtMost;
    },
    get met() {
      return state.met;
    },
    get isCrashed() {
      return state.isCrashed;
    },
  };
}
