// Files that know what a power cut would leave of a root: content counts once it was synced, a name once its directory was. They note
// what is done before that on which it relies. Stricter than any disk, so that one life tells what a hundred power cuts may not.
import { runRecordFromText } from '../../src/format/run-record.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import type { RunRecord } from '../../src/model/run.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import type { FakeGuardians } from './fake-guardians.ts';

export interface Durable {
  /** Gives these files, watched. */
  readonly watched: (files: Files) => Files;
  /** Gives these guardians, whose launcher is told of nothing unnoticed. */
  readonly told: (guardians: FakeGuardians) => FakeGuardians;
  /** True if a power cut now would leave the file, whole. */
  readonly isSafe: (path: string) => boolean;
  /** What was done too early. */
  readonly early: readonly string[];
}

const waiting = ['wait-q', 'priority-q'];
const ended = ['done-q', 'error-q', 'fail-q', 'trash', 'archive'];

/** Watches the root at `dir`. */
export function durableFiles(dir: string): Durable {
  const early: string[] = [];
  /** Inodes whose content was not synced, names that a power cut would take, and those that it would bring back. */
  const unsynced = new Map<number, 'all' | 'part'>();
  const fresh = new Set<string>();
  const removed = new Map<string, number>();
  /** Names whose sync failed once: the next one says that all is well, and knows nothing of them. */
  const lost = new Set<string>();

  const at = (...parts: readonly string[]): Bytes => [dir, ...parts].join('/') as Bytes;
  const inoOf = (path: string): number => realFiles.stat(path as Bytes)?.ino ?? 0;
  const isSafe = (path: string): boolean => inoOf(path) > 0 && !fresh.has(path) && !unsynced.has(inoOf(path));
  /** True if a power cut would leave it, if not with the last of its STATUS and log. */
  const isKept = (path: string): boolean => inoOf(path) > 0 && !fresh.has(path) && unsynced.get(inoOf(path)) !== 'all';
  const short = (path: string): string => path.slice(dir.length + 1);
  function relies(what: string, on: string, isTrue: boolean): void {
    if (!isTrue) early.push(`${what}: ${on}`);
  }

  /** True if a power cut would bring a name of the file in a queue back. */
  function mayComeBack(ino: number): boolean {
    return [...removed].some(([path, of]) => of === ino && !path.includes('/.sjq/'));
  }

  function noteName(path: string): void {
    fresh.add(path);
    lost.delete(path);
    removed.delete(path);
  }

  function noteContent(path: Bytes, what: 'all' | 'part', sync: boolean): void {
    const ino = inoOf(path);
    if (sync) unsynced.delete(ino);
    else if (what === 'all' || !unsynced.has(ino)) unsynced.set(ino, what);
  }

  /** Gives the names of a UOW, by its label, in these directories. */
  function placesOf(label: string, dirs: readonly string[]): readonly string[] {
    return dirs.flatMap((each) =>
      (realFiles.list(at(each)) ?? []).map((name) => at(each, name)).filter((path) => labelOf(path) === label),
    );
  }

  function labelOf(path: Bytes): string | undefined {
    const text = path.endsWith('.run') ? recordAt(path)?.head : realFiles.read(path, 0, 4096);
    return /^label :: (\S+)/m.exec(text ?? '')?.[1];
  }

  function recordAt(path: Bytes): RunRecord | undefined {
    return runRecordFromText(realFiles.read(path, 0, 1024 * 1024) ?? ('' as Bytes))?.record;
  }

  /** What is dropped must be safe elsewhere. */
  function noteUnlink(path: Bytes): void {
    const label = labelOf(path);
    if (fresh.has(path) || label === undefined) return;
    const isRecord = path.endsWith('.run');
    const others = isRecord ? [...waiting, ...ended] : [...waiting, ...ended, 'currently-executing', '.sjq/claimed'];
    const what = `${short(path)} goes`;
    const rest = placesOf(label, others).filter((other) => other !== path && (isRecord ? isSafe : isKept)(other));
    relies(what, `${label} is not safe elsewhere`, rest.length > 0);
    if (!isRecord) return;
    // A file that was made and synced has its name too on ext4, xfs and btrfs.
    const history = at('history.jsonl');
    const hasLine = realFiles.read(history, 0, 1024 * 1024)?.includes(/([^/]*)\.run$/.exec(path)?.[1] ?? path) === true;
    relies(what, 'its line of history is not synced', !hasLine || !unsynced.has(inoOf(history)));
    const isWaiting = rest.some((other) => waiting.includes(short(other).split('/')[0] ?? ''));
    const isBack = rest.some((other) => mayComeBack(inoOf(other)));
    relies(what, `another name of ${label} would come back`, !isWaiting || !isBack);
  }

  function noteLaunch(id: string): void {
    const record = at('.sjq/runs', `${id}.run`);
    const uow = at('.sjq/claimed', `${id}.uow`);
    const name = recordAt(record)?.name ?? '';
    for (const path of [record, uow, at('currently-executing', name)])
      relies(`${name} is launched`, `${short(path)} is not safe`, isSafe(path));
    relies(`${name} is launched`, 'its name in its queue would come back', !mayComeBack(inoOf(uow)));
  }

  const watched = (files: Files): Files => ({
    ...files,
    create(path, content, options) {
      // A reason to end a job follows from a message, which must mean the same attempt after a power cut.
      if (path.endsWith('/end'))
        for (const note of realFiles.list(at('.sjq/inbox')) ?? [])
          if (note.endsWith('.resolved'))
            relies('a job is ended', `${note} is not safe`, isSafe(at('.sjq/inbox', note)));
      const made = files.create(path, content, options);
      if (made === 'exists') return made;
      noteName(path);
      noteContent(path, 'all', options.sync);
      return made;
    },
    overwrite(path, offset, content, options) {
      const done = files.overwrite(path, offset, content, options);
      if (done === 'ok') noteContent(path, 'part', options.sync);
      return done;
    },
    append(path, content, options) {
      if (inoOf(path) === 0) fresh.add(path);
      files.append(path, content, options);
      noteContent(path, 'part', options.sync);
    },
    link(from, to) {
      const id = /\.sjq\/claimed\/(.*)\.uow$/.exec(from)?.[1];
      if (id !== undefined)
        relies(
          `${short(to)} is linked`,
          'its record is not synced',
          !unsynced.has(inoOf(at('.sjq/runs', `${id}.run`))),
        );
      const linked = files.link(from, to);
      if (linked !== 'ok') return linked;
      noteName(to);
      return linked;
    },
    unlink(path) {
      noteUnlink(path);
      const ino = inoOf(path);
      const done = files.unlink(path);
      if (done === 'ok' && !fresh.delete(path)) removed.set(path, ino);
      return done;
    },
    rename(from, to) {
      const done = files.rename(from, to);
      if (done === 'ok' && fresh.delete(from)) noteName(to);
      return done;
    },
    syncDirectory(synced) {
      const isIn = (path: string): boolean => path.slice(0, path.lastIndexOf('/')) === synced;
      try {
        files.syncDirectory(synced);
      } catch (error) {
        for (const path of fresh) if (isIn(path)) lost.add(path);
        throw error;
      }
      for (const path of fresh) if (isIn(path) && !lost.has(path)) fresh.delete(path);
      for (const path of removed.keys()) if (isIn(path)) removed.delete(path);
    },
    async syncFile(path) {
      const ino = inoOf(path);
      await files.syncFile(path);
      unsynced.delete(ino);
    },
  });

  const told = (guardians: FakeGuardians): FakeGuardians => ({
    ...guardians,
    get alive() {
      return guardians.alive;
    },
    startLauncher(options) {
      const launcher = guardians.startLauncher(options);
      return {
        ...launcher,
        launch(id) {
          noteLaunch(id);
          launcher.launch(id);
        },
      };
    },
  });

  return { watched, told, isSafe, early };
}
