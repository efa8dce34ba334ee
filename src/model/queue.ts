// The directories of a root by what they are for. Their names on disk come from the config (config.queues).

/** The queues a UOW can stand in, in the order of its life. */
export const queueKinds = ['wait', 'priority', 'executing', 'done', 'error', 'fail', 'archive', 'trash'] as const;
export type Queue = (typeof queueKinds)[number];

/** The queues whose UOWs wait, and those whose UOWs have ended. */
export type WaitingQueue = 'wait' | 'priority';
export type EndedQueue = 'done' | 'error' | 'fail';
export const waitingQueues: readonly WaitingQueue[] = ['priority', 'wait'];
export const endedQueues: readonly EndedQueue[] = ['done', 'error', 'fail'];

/** True for `wait` and `priority`. */
export function isWaitingQueue(queue: Queue): queue is WaitingQueue {
  return queue === 'wait' || queue === 'priority';
}

/** True for `done`, `error` and `fail`. */
export function isEndedQueue(queue: Queue): queue is EndedQueue {
  return queue === 'done' || queue === 'error' || queue === 'fail';
}

/** True for names that editors and copiers use while they write, and for hidden ones: the program never looks at them. */
export function isIgnoredName(name: string): boolean {
  return name.startsWith('.') || /(~|\.swp|\.tmp|\.part|\.filepart)$/.test(name) || name === '4913';
}

/** True for `README` and its variants (`README.md`, `README~2`, …): one of them may stand in each queue. */
export function isReadmeName(name: string): boolean {
  return /^README(\.[A-Za-z]{1,8})?(~\d+)?$/.test(name);
}

/** Gives the name without the `~2` that made it unique: what statistics group by. */
export function baseName(name: string): string {
  return name.replace(/~\d+$/, '');
}
