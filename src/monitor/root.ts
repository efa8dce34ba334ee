// A root's directories: made where they are missing, and what an interrupted intake left is put back at the start.
import { type Bytes, bytesFromUtf8, utf8FromBytes } from '../model/bytes.ts';
import type { Config } from '../model/config.ts';
import { join, rootPaths, type RootPaths } from '../model/paths.ts';
import type { Holder } from '../model/posted.ts';
import { queueKinds } from '../model/queue.ts';
import type { Files } from '../system/files.ts';
import type { Context } from './context.ts';
import { recoverAside } from './apply/take-in.ts';
import { untilDone } from './apply/until-done.ts';

/** Makes every directory of a root that is not there yet. Gives the names of those it made. */
export function makeRoot(files: Files, root: Bytes, config: Config): readonly Bytes[] {
  const paths = rootPaths(root, config);
  const made: Bytes[] = [];
  const make = (dir: Bytes, mode: number): void => {
    if (files.stat(files.realPath(dir) ?? dir)?.kind === 'directory') return;
    if (files.makeDirectory(dir, mode) === 'ok') made.push(dir);
  };
  make(root, 0o755);
  for (const queue of queueKinds) make(paths.queue[queue], 0o755);
  for (const dir of [paths.jobTypes, paths.schedules, paths.flows]) make(dir, 0o755);
  // One that lies elsewhere is the poster's affair: the queue is served though it cannot be posted.
  if (paths.status !== undefined && config.statusDir?.startsWith('/') === false) make(paths.status, 0o755);
  for (const [dir, mode] of ownDirectories(paths)) make(dir, mode);
  return made;
}

/** Gives the monitor's own directories, parents first, and the modes they are made with. */
export function ownDirectories(paths: RootPaths): readonly (readonly [Bytes, number])[] {
  const closed = [paths.claimed, paths.inbox, paths.intake, paths.copies];
  for (const queue of ['wait', 'priority', 'executing']) closed.push(join(paths.intake, queue));
  closed.push(paths.fired, paths.firing, paths.hooks, paths.flowing);
  // 0711: jobs of other users reach their own directory under runs/, and list nothing.
  return [[paths.own, 0o711], [paths.runs, 0o711], ...closed.map((dir) => [dir, 0o700] as const)];
}

/**
 * Ends what a crash interrupted in an intake: if the stamped copy of an original stands in its queue (it has two names), the
 * original is dropped; if not, the original gets its name back.
 */
export function recoverIntake(context: Context): void {
  const { machine, paths, config, picture } = context;
  const { files } = machine;
  const copies = (files.list(paths.copies) ?? []).map((name) => join(paths.copies, name));
  const inodes = copies.flatMap((copy) => files.stat(copy)?.ino ?? []);
  // Not to be taken in under their names in a queue while the disk keeps their originals aside.
  for (const ino of inodes) picture.dropping.add(ino);
  untilDone(context, () => {
    for (const queue of ['wait', 'priority', 'executing'] as const) {
      const dir = join(paths.intake, queue);
      const names = files.list(dir) ?? [];
      // A copy that stands in its queue stands there durably before its original goes.
      if (config.durability === 'power' && names.length > 0 && files.stat(paths.queue[queue]))
        files.syncDirectory(paths.queue[queue]);
      for (const name of names) recoverAside(context, queue, name);
      if (config.durability === 'power') files.syncDirectory(dir);
    }
    for (const copy of copies) files.unlink(copy);
    for (const ino of inodes) picture.dropping.delete(ino);
  });
}

/** Gives who holds the root, or held it last; undefined if nobody did. */
export function readHolder(files: Files, root: Bytes): Holder | undefined {
  const text = files.read(join(root, '.sjq/monitor'), 0, 4096);
  if (text === undefined) return undefined;
  const facts = new Map(
    utf8FromBytes(text)
      .split('\n')
      .map((line) => [line.split(' ', 1)[0], line.replace(/^\S+ /, '')]),
  );
  const said = (key: string): string => facts.get(key) ?? '?';
  const since = Date.parse(said('since'));
  return {
    host: said('host'),
    pid: Number(said('pid')),
    version: said('version'),
    since: Number.isFinite(since) ? since : 0,
  };
}

/** Writes who holds the root into `.sjq/monitor`, for people; the lock itself is the kernel's. */
export function writeHolder({ machine, paths }: Pick<Context, 'machine' | 'paths'>, version: string): void {
  const { files, host, clock } = machine;
  const fresh = join(paths.own, 'monitor.new');
  files.unlink(fresh);
  const since = new Date(clock.now()).toISOString();
  const text = `host ${host.name}\npid ${host.pid}\nuser ${host.user.name}\nsince ${since}\nversion ${version}\n`;
  files.create(fresh, bytesFromUtf8(text), { mode: 0o644, sync: false });
  files.rename(fresh, paths.monitor);
}
