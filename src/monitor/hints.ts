// Where hints come from: the queues, the run records (a guardian's last write), the inbox, and the few files that people edit.
// All of them may be lost or doubled; the poll is the truth.
import type { Bytes } from '../model/bytes.ts';
import { errnoOf } from '../model/errno.ts';
import { queueKinds } from '../model/queue.ts';
import type { Watch, WatchFault } from '../system/watch.ts';
import { createConfigChanged } from './config-changed.ts';
import type { Context } from './context.ts';
import { readJobTypes } from './job-types.ts';
import { hint, isOwnMove } from './survey/picture.ts';
import { sayOnce } from './report/say-once.ts';

/** The watches of a root. */
export interface Hints {
  /** Watches again what could not be watched, or whose directory was replaced. Asked at each poll. */
  renew(): void;
  close(): void;
}

/** Watches a root; each hint is noted in the picture and asks for a wake. */
export function watchRoot(context: Context): Hints {
  const { machine, paths, picture } = context;
  const { watcher, files } = machine;
  const wake = (): void => context.wake();
  const watches = new Map<Bytes, Watch>();

  function watch(dir: Bytes, onHint: (name: Bytes | undefined) => void): void {
    if (watches.has(dir)) return;
    const onFault = ({ message }: WatchFault): void => {
      watches.delete(dir);
      sayOnce(context, `watch ${dir}`, { event: 'attention', text: message });
      wake();
    };
    watches.set(dir, watcher.watchDirectory(dir, onHint, onFault));
  }

  function watchDirectories(): void {
    for (const queue of queueKinds) {
      watch(paths.queue[queue], (name) => {
        if (name !== undefined && isOwnMove(picture, queue, name)) return;
        hint(picture, queue, name);
        wake();
      });
    }
    // The guardian's last write is into its record here.
    watch(paths.runs, (name) => {
      if (name === undefined || (name.endsWith('.run') && !isOwnMove(picture, 'runs', name))) wake();
    });
    watch(paths.hooks, (name) => {
      if (name === undefined || name.endsWith('.run')) wake();
    });
    watch(paths.inbox, wake);
    watch(paths.schedules, () => {
      picture.areSchedulesHinted = true;
      wake();
    });
  }

  watchDirectories();
  const messageFile = files.realPath(paths.messagesIn) ?? paths.messagesIn;
  const configChanged = createConfigChanged(context);
  const edited = watcher.watchFiles(
    [messageFile, paths.config, paths.jobTypes],
    (path) => {
      try {
        // Without a path: the watch stands from now on, and what came before was not seen.
        if (path === undefined || path === paths.config) configChanged();
        else if (path !== messageFile) picture.jobTypes = readJobTypes(context);
      } catch (error) {
        // Nobody catches it above this. What is in force stays in force.
        if (errnoOf(error) === undefined) throw error;
        const text = `what was edited cannot be read (${String(error)}): RELOAD reads it again`;
        sayOnce(context, 'edited', { event: 'fault', text });
      }
      wake();
    },
    ({ message }) => sayOnce(context, message, { event: 'attention', text: message }),
  );
  return {
    renew: watchDirectories,
    close() {
      for (const one of [...watches.values(), edited]) one.close();
    },
  };
}
