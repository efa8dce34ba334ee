// status.json and `sjq status --json`: one document, schema sjq.status/1 (docs/schemas/status.schema.json holds it).
import { type Bytes, nameFromShown, textOfName, utf8FromBytes } from '../model/bytes.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Posted, PostedEnded, PostedFlow, PostedMachine, PostedRunning, PostedWaiting } from '../model/posted.ts';
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
    ...{
      root: textOfName(root),
      paused: isPaused,
      suspended: posted.suspended,
      finishing: isFinishing,
      slots,
      slots_taken: slotsTaken,
    },
    machine: machine(posted.machine),
    counts: Object.fromEntries(queueKinds.map((queue) => [queues[queue].dir, queues[queue].count])),
    running: posted.running.map(running),
    waiting_total: waitingTotal,
    waiting: [],
    flows_total: posted.flowsTotal,
    flows: posted.flows.map(flow),
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

function flow({ name, state, done, of, since }: PostedFlow): object {
  return { name: textOfName(name), state, done, of, since: textFromInstant(since) };
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

/** What nobody was asked for, and what is none, is left out; and all of it if that is all. */
function machine({ trouble, ready, foreign, when, refused }: PostedMachine): object | undefined {
  const found = {
    trouble,
    ready: ready && { ok: ready.isOk, text: ready.text },
    foreign: foreign.length > 0 ? foreign : undefined,
    when: when.length > 0 ? when.map(({ stamp, isOk, text }) => ({ stamp, ok: isOk, text })) : undefined,
    refused: refused.length > 0 ? refused.map(({ name, text }) => ({ name: textOfName(name), text })) : undefined,
  };
  return Object.values(found).some((each) => each !== undefined) ? found : undefined;
}

/** Of a status.json: whose it is, and what that one knows of its machine. */
export interface PostedHead {
  readonly isAlive: boolean;
  readonly pid?: number;
  /** As in the document. */
  readonly since?: string;
  readonly machine: PostedMachine;
}

/** Gives the head of a document; undefined if it is none. Never throws: what is not as it should be is left out. */
export function postedFromJson(text: Bytes | undefined): PostedHead | undefined {
  let document: unknown;
  try {
    document = JSON.parse(utf8FromBytes(text ?? ''));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { alive, monitor, machine: of } = fieldsOf(document);
  const { pid, since } = fieldsOf(monitor);
  return {
    isAlive: alive === true,
    ...(typeof pid === 'number' && { pid }),
    ...(typeof since === 'string' && { since }),
    machine: machineFromJson(fieldsOf(of)),
  };
}

function machineFromJson({ trouble, ready, foreign, when, refused }: Fields): PostedMachine {
  const answer = ({ ok, text }: Fields): PostedMachine['ready'] =>
    typeof ok === 'boolean' && typeof text === 'string' ? { isOk: ok, text } : undefined;
  const list = (of: unknown): readonly Fields[] => (Array.isArray(of) ? of.map(fieldsOf) : []);
  const answered = answer(fieldsOf(ready));
  return {
    ...(typeof trouble === 'string' && { trouble }),
    ...(answered && { ready: answered }),
    foreign: list(foreign).flatMap(({ pid, name }) =>
      typeof pid === 'number' && typeof name === 'string' ? [{ pid, name }] : [],
    ),
    when: list(when).flatMap((each) => {
      const { stamp } = each;
      const said = answer(each);
      return typeof stamp === 'string' && said ? [{ stamp, ...said }] : [];
    }),
    refused: list(refused).flatMap(({ name, text }) =>
      typeof name === 'string' && typeof text === 'string' ? [{ name: nameFromShown(name), text }] : [],
    ),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function ended(each: PostedEnded, { queues }: Posted): object {
  const { name, outcome, reason, attempt, endedAt, durationMs, queue, flags } = each;
  return {
    ...{ name: textOfName(name), outcome, reason, attempt, ended_at: textFromInstant(endedAt) },
    ...{ duration_ms: durationMs, queue: queue && queues[queue].dir, flags },
  };
}
