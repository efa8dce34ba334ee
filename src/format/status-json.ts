// status.json and `sjq status --json`: one document, schema sjq.status/1 (docs/schemas/status.schema.json holds it).
import { textOfName } from '../model/bytes.ts';
import type { Posted, PostedEnded, PostedRunning, PostedWaiting } from '../model/posted.ts';
import { queueKinds } from '../model/queue.ts';
import { textFromInstant } from '../model/time.ts';

/** Gives the document with its newline. */
export function jsonFromPosted(posted: Posted): string {
  const { at, state, monitor, root, isPaused, isFinishing, slots, slotsTaken, queues, waitingTotal } = posted;
  const document = {
    ...{ schema: 'sjq.status/1', at: textFromInstant(at), alive: state !== 'not-running', state },
    ...(monitor && { monitor: { ...monitor, since: textFromInstant(monitor.since) } }),
    ...{ root: textOfName(root), paused: isPaused, finishing: isFinishing, slots, slots_taken: slotsTaken },
    counts: Object.fromEntries(queueKinds.map((queue) => [queues[queue].dir, queues[queue].count])),
    running: posted.running.map(running),
    waiting_total: waitingTotal,
    waiting: posted.waiting.map((each) => waiting(each, posted)),
    ended: posted.ended.map((each) => ended(each, posted)),
  };
  return JSON.stringify(document, null, 2) + '\n';
}

function running({ name, attempt, state, since, jobType, command, directory, progress }: PostedRunning): object {
  return {
    ...{ name: textOfName(name), attempt, state, since: textFromInstant(since), job: jobType },
    ...{ command, directory: textOfName(directory), progress },
  };
}

function waiting(each: PostedWaiting, { queues }: Posted): object {
  const { name, queue, priority, enqueuedAt, attempts, isHeld, jobType, why } = each;
  return {
    ...{ name: textOfName(name), queue: queues[queue].dir, priority, enqueued_at: textFromInstant(enqueuedAt) },
    ...{ attempts, held: isHeld, job: jobType, why },
  };
}

function ended(each: PostedEnded, { queues }: Posted): object {
  const { name, outcome, reason, attempt, endedAt, durationMs, queue, flags } = each;
  return {
    ...{ name: textOfName(name), outcome, reason, attempt, ended_at: textFromInstant(endedAt) },
    ...{ duration_ms: durationMs, queue: queue && queues[queue].dir, flags },
  };
}
