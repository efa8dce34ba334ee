// Where hints come from: the queues, the run records (a guardian's last write), the inbox, and the few files that people edit.
// All of them may be lost or doubled; the poll is the truth.
import { isEndedQueue, isWaitingQueue, queueKinds } from '../model/queue.ts';
import type { Watch, WatchFault } from '../system/watch.ts';
import type { Context } from './context.ts';
import { readJobTypes } from './job-types.ts';
import { hint } from './picture.ts';

/** Watches a root; each hint is noted in the picture and asks for a wake. Gives the watches, to be closed at the end. */
export function watchRoot(context: Context): readonly Watch[] {
  const { machine, paths, picture } = context;
  const { watcher, files } = machine;
  const wake = (): void => context.wake();
  const onFault = ({ message }: WatchFault): void => {
    context.say({ event: 'attention', text: message });
    wake();
  };
  const watched = queueKinds.filter((queue) => isWaitingQueue(queue) || isEndedQueue(queue) || queue === 'executing');
  const queues = watched.map((queue) =>
    watcher.watchDirectory(
      paths.queue[queue],
      (name) => {
        hint(picture, queue, name);
        wake();
      },
      onFault,
    ),
  );
  const messageFile = files.realPath(paths.messagesIn) ?? paths.messagesIn;
  return [
    ...queues,
    watcher.watchDirectory(
      paths.runs,
      (name) => (name === undefined || name.endsWith('.run') ? wake() : undefined),
      onFault,
    ),
    watcher.watchDirectory(paths.inbox, wake, onFault),
    watcher.watchFiles(
      [messageFile, paths.config, paths.jobTypes],
      (path) => {
        if (path === paths.config)
          context.say({ event: 'config', text: 'config.yaml changed: RELOAD (or SIGHUP) uses it' });
        else if (path !== undefined && path !== messageFile) picture.jobTypes = readJobTypes(context);
        wake();
      },
      onFault,
    ),
  ];
}
