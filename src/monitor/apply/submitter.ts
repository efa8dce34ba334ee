// Who dropped a UOW. Under a root monitor its file keeps its owner, who says it. Any other monitor takes a foreign file in by a
// copy of its own, and notes on line 1 whose the original was; line 1 of a file that is not its own it believes nothing.
import type { Host } from '../../system/host.ts';

const enqueuedBy = /^enqueued by=(.+)$/;

/** Gives the event for line 1 of a UOW that is taken in: `enqueued`, with `by=NAME` where another user dropped it than the monitor's. */
export function enqueuedEvent(host: Host, uid: number, before: string): string {
  if (host.uid === 0) return 'enqueued';
  if (uid !== host.uid) return `enqueued by=${host.userName(uid)}`;
  return enqueuedBy.test(before) ? before : 'enqueued';
}

/** Gives the name of who dropped a UOW, from the owner of its file and its line 1. */
export function submitterOf(host: Host, uid: number, event: string): string {
  // Under root the file is still its owner's, who may have written what he likes into it.
  const noted = host.uid === 0 ? undefined : enqueuedBy.exec(event)?.[1];
  return noted ?? host.userName(uid);
}
