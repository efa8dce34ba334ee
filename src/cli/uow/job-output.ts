// What a job itself printed, byte for byte, though its file also gets lines of the monitor's behind it (a result, a note). Until
// the history has told how much of it is the job's, a tail that may be such lines is held back.
import { beginOfLog } from './log-text.ts';
import type { Look, Pursuit } from './pursuit.ts';
import type { Ended } from './uow-state.ts';

/** A line of the monitor's begins so (format/separators.ts). Each is written at once, with a newline before it. */
const opening = Buffer.from('\n==== ');
const words = ['RESULT ', 'NOTE ', 'ATTEMPT ', 'HOOKS '].map((word) => Buffer.from(word));
/** What one write appends can be seen in part, but only in whole pages. */
const pageBytes = 4096;
/** A result is at most 64 KiB; more than this is a job that prints the like. */
const heldLimitBytes = 256 * 1024;
const chunkBytes = 1024 * 1024;
/** How long the history may come behind the STATUS: it is written in the same breath, but a monitor may be killed in between. */
const historyMs = 2000;

/** Hands on what the job of one UOW prints. */
export interface JobOutput {
  /** Hands on what came since the last call. */
  take(look: Look): Promise<void>;
  /** Hands on the rest, when it has ended. */
  finish(look: Look, ended: Ended): Promise<void>;
}

/** Gives the output of the UOW that is pursued from its submission on. */
export function createJobOutput(pursuit: Pursuit, write: (chunk: Buffer) => Promise<void>): JobOutput {
  let position: number | undefined;
  /** Where the output of this attempt begins. */
  let begin = 0;
  let isBetween = false;
  /** The attempt whose output is handed on. */
  let reached = 1;

  /** Where the log of the submitted file ended: what comes there is the job's. */
  function beginAt(look: Look): number {
    if (position === undefined) {
      begin = submittedLogBytes(look) ?? beginOfLog(pursuit);
      position = begin;
    }
    return position;
  }

  async function handOn(from: number, to: number, holds: boolean, base: number): Promise<void> {
    position = from;
    while (position < to) {
      const chunk = pursuit.readLog(position, Math.min(chunkBytes, to - position));
      const end = position + chunk.length;
      const mayGoOn = end < to || (base + end) % pageBytes === 0;
      const length = chunk.length - (holds ? heldTailBytes(chunk, mayGoOn) : 0);
      if (length === 0) return;
      await write(chunk.subarray(0, length));
      position += length;
    }
  }

  /** Gives where the output of this attempt goes on. It, and others before it, may have begun and even ended since the last look. */
  async function enter(look: Look, attempt: number): Promise<number> {
    let from = beginAt(look);
    while (reached < attempt) {
      reached += 1;
      if (!isBetween) {
        // It was not seen waiting for this one.
        const text = pursuit.readLog(from, Math.min(chunkBytes, Math.max(0, look.logBytes - from)));
        const line = text.indexOf(`\n==== ATTEMPT ${reached} `);
        if (line < 0) continue;
        await handOn(from, from + line, false, 0);
        from += line;
      }
      from += separatorBytes(pursuit.readLog(from, 128));
      [position, begin, isBetween] = [from, from, false];
    }
    return from;
  }

  return {
    async take(look) {
      const { state, head, logBytes } = look;
      const base = head?.layout.logOffset ?? 0;
      if (state.kind === 'waiting') {
        // Interrupted and to be started again, or to be tried again: all of it is the job's.
        if (head && state.attempts > 0) {
          await handOn(await enter(look, state.attempts), logBytes, false, base);
          isBetween = true;
        }
        return;
      }
      if (head && state.kind === 'running') await handOn(await enter(look, state.attempt), logBytes, true, base);
    },
    async finish(look, { attempt }) {
      const { head, logBytes } = look;
      const from = await enter(look, attempt);
      const until = performance.now() + historyMs;
      let past = pursuit.past(attempt);
      while (!past && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        past = pursuit.past(attempt);
      }
      if (past) await handOn(from, Math.min(logBytes, begin + past.logBytes), false, 0);
      else await handOn(from, logBytes, true, head?.layout.logOffset ?? 0);
    },
  };
}

/** Undefined where the first line does not tell: a monitor under another account has written its own. */
function submittedLogBytes({ head, logBytes }: Look): number | undefined {
  const size = Number(/^submitted size=(\d+)$/.exec(head?.event ?? '')?.[1]);
  const submitted = size - (head?.layout.logOffset ?? 0);
  return submitted >= 0 && submitted <= logBytes ? submitted : undefined;
}

/**
 * Gives how many bytes at the end of `text` may be the monitor's: from the first opening on behind which there are only lines of
 * its kind. `mayGoOn` says that there may be more of a line than its beginning.
 */
export function heldTailBytes(text: Buffer, mayGoOn: boolean): number {
  let from = Math.max(0, text.length - heldLimitBytes);
  for (;;) {
    const at = text.indexOf(opening, from);
    if (at < 0) return mayGoOn ? openingTail(text) : 0;
    const rest = endOfLines(text, at, mayGoOn);
    if (rest === 'all') return text.length - at;
    from = Math.max(at + 1, rest - 1);
  }
}

/** `all` if from `at` on there is nothing but such lines, the last perhaps unfinished; else where the first other byte is. */
function endOfLines(text: Buffer, at: number, mayGoOn: boolean): number | 'all' {
  let next = at;
  while (next < text.length) {
    const rest = text.subarray(next);
    if (rest.length < opening.length) {
      return mayGoOn && opening.subarray(0, rest.length).equals(rest) ? 'all' : next;
    }
    if (!rest.subarray(0, opening.length).equals(opening) || !hasWord(rest.subarray(opening.length))) return next;
    const newline = rest.indexOf('\n', opening.length);
    if (newline < 0) return 'all';
    next += newline + 1;
  }
  return 'all';
}

function hasWord(text: Buffer): boolean {
  return words.some((word) => {
    const length = Math.min(word.length, text.length);
    return word.subarray(0, length).equals(text.subarray(0, length));
  });
}

function openingTail(text: Buffer): number {
  for (let length = Math.min(opening.length - 1, text.length); length > 0; length--) {
    if (text.subarray(text.length - length).equals(opening.subarray(0, length))) return length;
  }
  return 0;
}

/** Gives the length of the line between two attempts that `text` begins with; 0 if it begins with none. */
export function separatorBytes(text: Buffer): number {
  return /^\n==== ATTEMPT \d+ [^\n]*\n/.exec(text.toString('latin1'))?.[0].length ?? 0;
}
