// One UOW pursued by its name from queue to queue until it has ended: its state at each look, and the bytes of its log. Its file
// stays open, because a job goes on writing into it whatever becomes of its name.
import { attemptFromHistory, type PastAttempt } from '../../format/history-line.ts';
import { reasonFromText } from '../../format/status-line.ts';
import { type Bytes, bytesFromBuffer } from '../../model/bytes.ts';
import type { Queue } from '../../model/queue.ts';
import { compareStamps, type Stamp, textFromStamp } from '../../model/stamp.ts';
import type { ParsedUow, UowHead } from '../../model/uow.ts';
import { suffixed } from '../../monitor/apply/names.ts';
import { readHead } from '../../monitor/survey/read-uow.ts';
import { realFiles } from '../../system/files.ts';
import { type OpenFile, openFile } from '../../system/open-file.ts';
import { findUow } from './find-uow.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { type Ended, stateOf, type UowState } from './uow-state.ts';

/** What a look came to. `queue` is undefined where the file is in none of them under its name. */
export interface Look {
  readonly state: UowState;
  readonly queue: Queue | undefined;
  readonly head: UowHead | undefined;
  /** What reading the head gave; undefined if there is no file. */
  readonly parsed: ParsedUow | undefined;
  /** How many bytes stood behind the log's title: not after it was seen waiting, not before it was seen in another state. */
  readonly logBytes: number;
}

/** A name may be in no queue for a moment: while a dropped file is stamped, or an editor saves it. */
const patienceMs = 1500;
/** Up to this `~N` behind its own name a UOW is looked for. */
const renamedWithin = 20;
/** More often than this nothing is moved within one look. */
const lookTries = 5;
/** An attempt that just ended stands at the end of the history. */
const historyTailBytes = 4 * 1024 * 1024;

export class Pursuit {
  name: Bytes;
  readonly #stamp: Stamp | undefined;
  readonly #root: OpenedRoot;
  #file: OpenFile | undefined;
  #last: Look | undefined;
  #goneSince: number | undefined;
  /** The attempt that is pursued: the one that ran or was to come at the first look, or what the monitor made of it itself. */
  #attempt: number | undefined;

  /** With a `stamp`, a file of the name that has another one is not taken for it. */
  constructor(root: OpenedRoot, name: Bytes, stamp?: Stamp) {
    this.#root = root;
    this.name = name;
    this.#stamp = stamp;
  }

  /**
   * Looks where it stands. A UOW that is in no queue any more counts as cancelled, one that a person lets run again as ended as
   * the attempt before did. Once it has ended its file is closed only by {@link close}.
   */
  look(): Look {
    let look: Look;
    let tries = 0;
    // Queue, STATUS and number of names are read one after the other: if it was moved meanwhile, they tell of different times.
    do {
      const queue = this.#reopen();
      look = this.#file ? this.#lookAt(this.#file, queue) : this.#missing();
    } while (++tries < lookTries && findUow(this.#root.paths, this.name)?.queue !== look.queue);
    this.#last = look;
    return { ...look, state: this.#ofThisAttempt(look.state, look.head) };
  }

  /** Gives at most `lengthBytes` of the log from `offset`, which counts from behind its title. */
  readLog(offset: number, lengthBytes: number): Buffer {
    const base = this.#last?.head?.layout.logOffset;
    if (!this.#file || base === undefined) return Buffer.alloc(0);
    return this.#file.read(base + offset, lengthBytes);
  }

  /** Gives what the history tells of an attempt of this UOW; undefined if that has no line, or not yet. */
  past(attempt: number): PastAttempt | undefined {
    const stamp = this.#last?.head?.stamp;
    const { history } = this.#root.paths;
    const sizeBytes = realFiles.stat(history)?.sizeBytes ?? 0;
    const from = Math.max(0, sizeBytes - historyTailBytes);
    const tail = realFiles.read(history, from, sizeBytes - from);
    return stamp && tail ? attemptFromHistory(tail, textFromStamp(stamp), attempt) : undefined;
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Gives the queue it stands in, with its file open, if it can be found. */
  #reopen(): Queue | undefined {
    const found = findUow(this.#root.paths, this.name);
    const isSame = found?.stat.ino === this.#file?.ino && found?.stat.dev === this.#file?.dev;
    if (found && isSame) return found.queue;
    // Another file, or none: an editor's save, a file that came to stand in the way, a person's mv out of the root. While the
    // job runs, and when it has ended, the file that was open is the true one, as long as it has a name.
    if (this.#file && this.#file.facts().links > 0 && !isWaiting(this.#file)) return undefined;
    this.close();
    this.#file = found && openFile(found.path);
    if (this.#file && this.#isOther(this.#file)) return this.#reopenRenamed();
    return this.#file && found?.queue;
  }

  #isOther(file: OpenFile): boolean {
    const parsed = parsedFrom(file);
    const stamp = parsed?.kind === 'uow' ? parsed.head.stamp : undefined;
    return this.#stamp !== undefined && stamp !== undefined && compareStamps(stamp, this.#stamp) !== 0;
  }

  /** Of two that were submitted under one name in the same instant the monitor lets one have the next free name. */
  #reopenRenamed(): Queue | undefined {
    for (let suffix = 2; suffix <= renamedWithin; suffix++) {
      this.close();
      const name = suffixed(this.name, suffix);
      const found = findUow(this.#root.paths, name);
      this.#file = found && openFile(found.path);
      if (!found || !this.#file || this.#isOther(this.#file)) continue;
      this.name = name;
      return found.queue;
    }
    this.close();
    return undefined;
  }

  #lookAt(file: OpenFile, queue: Queue | undefined): Look {
    this.#goneSince = undefined;
    const before = file.facts();
    const parsed = parsedFrom(file);
    const after = file.facts();
    const head = parsed?.kind === 'uow' ? parsed.head : undefined;
    const state = stateOf(queue, head?.status, after.links);
    const { sizeBytes } = state.kind === 'waiting' ? before : after;
    const logBytes = head?.layout.logOffset === undefined ? 0 : Math.max(0, sizeBytes - head.layout.logOffset);
    return { state, queue, head, parsed, logBytes };
  }

  /** Gives the end of the pursued attempt if the UOW is at a later one by a person's hand. */
  #ofThisAttempt(state: UowState, head: UowHead | undefined): UowState {
    const current = state.kind === 'waiting' ? state.attempts + 1 : state.attempt;
    this.#attempt ??= current;
    if (current <= this.#attempt || state.kind === 'ended') return state;
    const past = this.past(this.#attempt);
    const says = (field: string): string => head?.header.find(({ name }) => name === field)?.content ?? '';
    const isRetried = (state.kind === 'waiting' && state.isRetry) || past?.isRetried === true;
    const isStartedAgain = past?.reason === 'interrupted' && says('idempotent').toLowerCase() === 'yes';
    if (past && !isRetried && !isStartedAgain) return endedFromPast(past, this.#attempt);
    this.#attempt = current;
    return state;
  }

  #missing(): Look {
    const now = performance.now();
    this.#goneSince ??= now;
    const before: UowState = this.#last?.state ?? { kind: 'waiting', attempts: 0, isRetry: false };
    const isGone = now - this.#goneSince > patienceMs;
    const attempt = before.kind === 'waiting' ? before.attempts : before.attempt;
    const state: UowState = isGone && before.kind !== 'ended' ? { kind: 'ended', word: 'cancelled', attempt } : before;
    return { state, queue: undefined, head: this.#last?.head, parsed: undefined, logBytes: 0 };
  }
}

function parsedFrom(file: OpenFile): ParsedUow | undefined {
  const files = {
    read: (_path: Bytes, offset: number, lengthBytes: number) => bytesFromBuffer(file.read(offset, lengthBytes)),
  };
  return readHead(files, '' as Bytes, file.facts().sizeBytes)?.parsed;
}

function isWaiting(file: OpenFile): boolean {
  const parsed = parsedFrom(file);
  const word = parsed?.kind === 'uow' ? parsed.head.status?.word : undefined;
  return word === undefined || word === 'waiting';
}

function endedFromPast({ outcome, reason }: PastAttempt, attempt: number): Ended {
  const word = outcome === 'done' || outcome === 'error' ? outcome : 'fail';
  const why = reasonFromText(reason);
  return { kind: 'ended', word, ...(why && { reason: why }), attempt };
}
