// Where everything of a root lies. Pure joins of byte strings.
import { type Bytes, bytesFromUtf8 } from './bytes.ts';
import type { Config } from './config.ts';
import { type Queue, queueKinds } from './queue.ts';
import type { RunId } from './run.ts';

/** The absolute paths of a root. */
export interface RootPaths {
  readonly root: Bytes;
  readonly config: Bytes;
  readonly queue: Readonly<Record<Queue, Bytes>>;
  readonly messagesIn: Bytes;
  readonly messagesOut: Bytes;
  readonly jobTypes: Bytes;
  readonly schedules: Bytes;
  /** What is kept of each schedule, and UOWs that are made of them until they stand in their queue. */
  readonly fired: Bytes;
  readonly firing: Bytes;
  readonly flows: Bytes;
  /** UOWs of flows, until all of a flow stand in their queue. */
  readonly flowing: Bytes;
  readonly history: Bytes;
  readonly status: Bytes | undefined;
  readonly own: Bytes;
  readonly monitor: Bytes;
  readonly control: Bytes;
  /** Whom the names in `after` were found to mean. */
  readonly parents: Bytes;
  readonly launcherLog: Bytes;
  readonly intake: Bytes;
  readonly copies: Bytes;
  readonly runs: Bytes;
  readonly claimed: Bytes;
  readonly inbox: Bytes;
  /** What runs of hooks have for themselves, by the attempt's id. */
  readonly hooks: Bytes;
}

/** Gives `dir/name`. */
export function join(dir: Bytes, name: string): Bytes {
  return `${dir}/${name}` as Bytes;
}

/** Gives the paths of the root at `root` (absolute) under a config. */
export function rootPaths(root: Bytes, config: Config): RootPaths {
  const own = join(root, '.sjq');
  const named = (name: string): Bytes => (name.startsWith('/') ? bytesFromUtf8(name) : join(root, bytesFromUtf8(name)));
  const queue = Object.fromEntries(queueKinds.map((kind) => [kind, named(config.queues[kind])])) as Record<
    Queue,
    Bytes
  >;
  return {
    root,
    config: join(root, 'config.yaml'),
    queue,
    messagesIn: named(config.messagesIn),
    messagesOut: named(config.messagesOut),
    jobTypes: named(config.jobTypesDir),
    schedules: join(root, 'schedules'),
    flows: join(root, 'flows'),
    history: join(root, 'history.jsonl'),
    status: config.statusDir === undefined ? undefined : named(config.statusDir),
    own,
    monitor: join(own, 'monitor'),
    control: join(own, 'control'),
    parents: join(own, 'parents'),
    launcherLog: join(own, 'launcher.log'),
    intake: join(own, 'intake'),
    copies: join(own, 'intake/new'),
    runs: join(own, 'runs'),
    claimed: join(own, 'claimed'),
    inbox: join(own, 'inbox'),
    hooks: join(own, 'hooks'),
    fired: join(own, 'fired'),
    firing: join(own, 'firing'),
    flowing: join(own, 'flowing'),
  };
}

/** The files of one attempt in `.sjq`. */
export interface RunPaths {
  readonly record: Bytes;
  /** The second link to the UOW. Not under runs/, which is watched: a chatty job would wake the monitor at every line. */
  readonly uow: Bytes;
  /** People's notes on it, appended to the UOW when the attempt has ended. */
  readonly notes: Bytes;
  /** When its guardian last looked whether it is silent. */
  readonly idle: Bytes;
  readonly dir: Bytes;
  readonly started: Bytes;
  readonly end: Bytes;
  readonly progress: Bytes;
  readonly result: Bytes;
}

/** Gives the paths of an attempt's files. */
export function runPaths(paths: RootPaths, id: RunId): RunPaths {
  const dir = join(paths.runs, id);
  return {
    record: join(paths.runs, `${id}.run`),
    uow: join(paths.claimed, `${id}.uow`),
    notes: join(paths.claimed, `${id}.notes`),
    idle: join(paths.claimed, `${id}.idle`),
    dir,
    started: join(dir, 'started'),
    end: join(dir, 'end'),
    progress: join(dir, 'progress'),
    result: join(dir, 'result'),
  };
}

/** The files of the run of an attempt's hooks: as those of an attempt, in a directory that is the monitor's alone. */
export type HooksPaths = Pick<RunPaths, 'record' | 'uow' | 'dir' | 'started'>;

/** Gives the paths of a run of hooks. */
export function hooksPaths(paths: RootPaths, id: RunId): HooksPaths {
  const dir = join(paths.hooks, id);
  return { record: `${dir}.run` as Bytes, uow: `${dir}.uow` as Bytes, dir, started: join(dir, 'started') };
}

/** Gives the word by which the launcher, which stands in runs/, is asked for a run of hooks. */
export function hooksRequest(id: RunId): RunId {
  return `../hooks/${id}` as RunId;
}
