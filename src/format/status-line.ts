// The text of a STATUS line: `WORD [REASON] [FLAGS] #ATTEMPT TIME [DURATION]`, padded to the 64 bytes that let it be rewritten
// in place. What a status means is model/status; where its line lies in the file is uow-parse and uow-edit.
import type { Bytes } from '../model/bytes.ts';
import type { Status, StatusFlag, StatusReason, StatusWord } from '../model/status.ts';
import { durationMsFromText, textFromDurationMs, textFromInstant } from '../model/time.ts';
import { statusLineBytes } from '../model/uow.ts';

const words: readonly StatusWord[] = ['waiting', 'running', 'done', 'error', 'fail', 'skipped', 'cancelled'];
const flags: readonly StatusFlag[] = ['held', 'retry', 'ack', 'cont', 'log!'];
type PlainReason = Exclude<StatusReason['kind'], 'exit' | 'signal'>;
const plainReasons: readonly PlainReason[] = [
  'timeout',
  'idle',
  'interrupted',
  'expired',
  'cannot-start',
  'killed',
  'log-lost',
  'bad-result',
  'pattern',
];

/** What is left out first where a line would be too long. The duration goes before any of them: history has it too. */
const dispensableFlags: readonly StatusFlag[] = ['log!', 'ack', 'cont', 'retry', 'held'];
const greatestAttempt = 999_999;
const greatestAt = Date.UTC(9999, 11, 31, 23, 59, 59);
const greatestDurationMs = 9999 * 86_400_000;

/**
 * Gives the line of a status: always 64 bytes with its newline, whatever the status holds. Numbers out of range are brought
 * into it, and what does not fit is left out: first the duration, then flags. Never throws.
 */
export function statusLineFromStatus(status: Status, eol: '\n' | '\r\n'): Bytes {
  const width = statusLineBytes - eol.length;
  let shown = status;
  let text = textFromStatus(shown);
  if (text.length > width) {
    const { durationMs: _dropped, ...rest } = status;
    shown = rest;
    text = textFromStatus(shown);
  }
  for (const flag of dispensableFlags) {
    if (text.length <= width) break;
    shown = { ...shown, flags: shown.flags.filter((each) => each !== flag) };
    text = textFromStatus(shown);
  }
  return (text.padEnd(width) + eol) as Bytes;
}

function textFromStatus(status: Status): string {
  const parts: string[] = [status.word];
  if (status.reason) parts.push(textFromReason(status.reason));
  parts.push(...status.flags.map((flag) => (flag === 'retry' ? textFromRetry(status) : flag)));
  parts.push(`#${String(within(status.attempt, greatestAttempt))}`, textFromInstant(within(status.at, greatestAt)));
  if (status.durationMs !== undefined) parts.push(textFromDurationMs(within(status.durationMs, greatestDurationMs)));
  return parts.join(' ');
}

/** Only what a reader could not tell from the attempt: `retry`, or `retry=1` of one that a person had run again before. */
function textFromRetry({ retry, attempt }: Status): string {
  return retry === undefined || retry === attempt - 1 ? 'retry' : `retry=${String(within(retry, greatestAttempt))}`;
}

/** Gives a reason as STATUS has it: `exit=3`, `signal=KILL`, `timeout`. */
export function textFromReason(reason: StatusReason): string {
  switch (reason.kind) {
    case 'exit': {
      const isCode = Number.isInteger(reason.code) && reason.code >= 0 && reason.code <= 255;
      // Not 0: a code that cannot be must not read as success.
      return `exit=${String(isCode ? reason.code : 255)}`;
    }
    case 'signal':
      // RTMIN+15 is the longest of Linux.
      return `signal=${reason.signal.replace(/[^A-Z0-9+-]/g, '').slice(0, 9) || 'UNKNOWN'}`;
    case 'timeout':
    case 'idle':
    case 'interrupted':
    case 'expired':
    case 'cannot-start':
    case 'killed':
    case 'log-lost':
    case 'bad-result':
    case 'pattern':
      return reason.kind;
  }
}

function within(value: number, greatest: number): number {
  return value > 0 ? Math.floor(Math.min(value, greatest)) : 0;
}

/**
 * Gives the status that a line says, to the precision of its text (whole seconds; durations as shown). Blanks do not matter,
 * case does. Undefined for everything else, such as a status of a later version. Never throws.
 */
export function statusFromText(text: string): Status | undefined {
  // Padding is blanks, and so may a line be that is no status at all and 64 KiB long.
  if (text.length > 1024) return undefined;
  const tokens = text.split(/[ \t\r\n]+/).filter((token) => token !== '');
  const word = words.find((each) => each === tokens[0]);
  if (word === undefined) return undefined;
  let next = 1;
  const reason = reasonFromText(tokens[next]);
  if (reason) next++;
  const found: StatusFlag[] = [];
  let retry: number | undefined;
  for (let flag = flagFromText(tokens[next]); flag !== undefined; flag = flagFromText(tokens[++next])) {
    if (found.includes(flag)) return undefined;
    found.push(flag);
    retry ??= retryFromText(tokens[next]);
  }
  const attempt = /^#(\d{1,6})$/.exec(tokens[next] ?? '')?.[1];
  const at = instantFromDisk(tokens[next + 1] ?? '');
  if (attempt === undefined || at === undefined || tokens.length > next + 3) return undefined;
  const status: { -readonly [Key in keyof Status]: Status[Key] } = { word, flags: found, attempt: Number(attempt), at };
  if (reason) status.reason = reason;
  if (retry !== undefined) status.retry = retry;
  const lasted = tokens[next + 2];
  if (lasted === undefined) return status;
  const durationMs = /[a-z]$/.test(lasted) ? durationMsFromText(lasted) : undefined;
  if (durationMs === undefined) return undefined;
  status.durationMs = durationMs;
  return status;
}

function flagFromText(token: string | undefined): StatusFlag | undefined {
  return retryFromText(token) === undefined ? flags.find((each) => each === token) : 'retry';
}

function retryFromText(token: string | undefined): number | undefined {
  const number = /^retry=(\d{1,6})$/.exec(token ?? '')?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Gives the reason that a word of a STATUS or of the history says; undefined if it is none. */
export function reasonFromText(token: string | undefined): StatusReason | undefined {
  const plain = plainReasons.find((each) => each === token);
  if (plain !== undefined) return { kind: plain };
  const [, kind, value = ''] = /^(exit|signal)=([A-Z0-9+-]{1,9})$/.exec(token ?? '') ?? [];
  if (kind === 'signal') return { kind, signal: value };
  if (kind === 'exit' && /^\d{1,3}$/.test(value) && Number(value) <= 255) return { kind, code: Number(value) };
  return undefined;
}

/** Only what is ever written: a lenient reader would take `2026-02-31` for a day in March, and nothing ended before 1970. */
function instantFromDisk(token: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(token)) return undefined;
  const at = Date.parse(token);
  return at >= 0 && new Date(at).getUTCDate() === Number(token.slice(8, 10)) ? at : undefined;
}
