// status.json and `sjq status --json`: one document, schema sjq.status/1 (docs/schemas/status.schema.json holds it).
import { textOfName } from '../model/bytes.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Posted, PostedEnded, PostedRunning, PostedWaiting } from '../model/posted.ts';
import { queueKinds } from '../model/queue.ts';
import { textFromInstant } from '../model/time.ts';

/** So many of what waits are in one piece of the text. */
const pieceUows = 500;

/** Gives the document with its newline. */
export function jsonFromPosted(posted: Posted): string {
  return [...jsonPiecesFromPosted(posted)].join('');
}

/** Gives the same piece by piece: of 100,000 that wait the text is 25 MB. */
export function* jsonPiecesFromPosted(posted: Posted): Generator<string> {
  const { at, state, monitor, root, isPaused, isFinishing, slots, slotsTaken, queues, waitingTotal } = posted;
  const document = {
    ...{ schema: 'sjq.status/1', at: textFromInstant(at), alive: state !== 'not-running', state },
    ...(monitor && { monitor: { ...monitor, since: textFromInstant(monitor.since) } }),
    ...{ root: textOfName(root), paused: isPaused, finishing: isFinishing, slots, slots_taken: slotsTaken },
    counts: Object.fromEntries(queueKinds.map((queue) => [queues[queue].dir, queues[queue].count])),
    running: posted.running.map(running),
    waiting_total: waitingTotal,
    waiting: [],
    ended: posted.ended.map((each) => ended(each, posted)),
  };
  const text = JSON.stringify(document, null, 2) + '\n';
  if (posted.waiting.length === 0) {
    yield text;
    return;
  }
  // No text in it holds a newline: that is the key of the document itself.
  const opened = '\n  "waiting": [';
  const middle = text.indexOf(`${opened}]`) + opened.length;
  yield text.slice(0, middle);
  for (let from = 0; from < posted.waiting.length; from += pieceUows) {
    const some = posted.waiting.slice(from, from + pieceUows).map((each) => waiting(each, posted));
    // The array of some without its brackets, indented as deep as the whole one is.
    const lines = JSON.stringify(some, null, 2).slice(1, -2).replaceAll('\n', '\n  ');
    yield (from === 0 ? '' : ',') + lines;
  }
  yield `\n  ${text.slice(middle)}`;
}

function running(each: PostedRunning): object {
  const { name, attempt, state, since, jobType, command, directory, progress, estimate } = each;
  return {
    ...{ name: textOfName(name), attempt, state, since: textFromInstant(since), job: jobType },
    ...{ command, directory: textOfName(directory), progress },
    estimate: estimate && jsonFromEstimate(estimate),
  };
}

/** Gives an estimate as all JSON documents have it. */
export function jsonFromEstimate({ endAt, from, usualMs }: Estimate): object {
  return { end_at: textFromInstant(endAt), from, usual_ms: usualMs };
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
