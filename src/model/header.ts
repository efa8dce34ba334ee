// The header fields: one table that parsing, defaults, `sjq check`, docs and the job's environment are made from.
// Long because it is one table.
import { arrayFromText, arrayRemedy } from './array.ts';
import { shownShort } from './bytes.ts';
import type { Problem } from './errors.ts';
import type { HeaderLine } from './uow.ts';
import { cpuMaxFromText, cpuMaxRemedy, memoryMaxFromText, memoryMaxRemedy } from './limits.ts';
import { needsFromText, needsRemedy } from './needs.ts';
import { namesFromText } from './parents.ts';
import { rateFromText, rateRemedy } from './rate.ts';
import { backoffFromText, retryOnFromText, retryOnRemedy } from './retry.ts';
import { sizeBytesFromText } from './size.ts';
import { notBeforeFromText, windowFromText } from './start-times.ts';
import { durationMsFromText } from './time.ts';
import type { Zone } from './zone.ts';

/** How the content of a field is read. */
export type FieldKind =
  | { readonly kind: 'text' }
  | { readonly kind: 'duration' }
  | { readonly kind: 'whole'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'exits' }
  | { readonly kind: 'octal' }
  | { readonly kind: 'pattern' }
  /** A form of its own: what the docs call it, how to tell, and what to write instead. */
  | {
      readonly kind: 'form';
      readonly called: string;
      readonly isRight: (content: string) => boolean;
      readonly remedy: string;
    };

/** One row of the header table. `name` ending in `.*` stands for a family such as `env.NAME`. */
export interface FieldRow {
  readonly name: string;
  readonly takes: FieldKind;
  readonly repeatable?: true;
  /** What it does, in a line, for docs and `sjq check`. */
  readonly meaning: string;
  /** The value where neither the header nor `defaults:` gives one. */
  readonly fallback?: string;
  /** Not acted on by this version: kept, and said by `sjq check`. */
  readonly later?: true;
}

const text: FieldKind = { kind: 'text' };
const duration: FieldKind = { kind: 'duration' };
const whole = (min: number, max: number): FieldKind => ({ kind: 'whole', min, max });
const choice = (...of: string[]): FieldKind => ({ kind: 'choice', of });
const exits: FieldKind = { kind: 'exits' };
const pattern: FieldKind = { kind: 'pattern' };
const yesNo = choice('yes', 'no');
/** Whether a time can be read is the same in every zone. */
const utc: Zone = { name: 'UTC', offsetMsAt: () => 0 };
const form = (called: string, isRight: (content: string) => boolean, remedy: string): FieldKind => ({
  ...{ kind: 'form', called, isRight, remedy },
});

const names = form(
  'names of UOWs',
  (content) => namesFromText(content) !== undefined,
  'write names of UOWs, separated by blanks or commas; one with blanks in double quotes',
);

/** Every header field the product knows, in the order the docs show them. */
export const headerFields: readonly FieldRow[] = [
  {
    name: 'command',
    takes: text,
    repeatable: true,
    meaning: 'a shell command line; repeated lines form one script, run with set -e and, where the shell can, pipefail',
  },
  { name: 'shell', takes: text, fallback: '/bin/sh', meaning: 'the shell that runs the command' },
  {
    name: 'job',
    takes: text,
    meaning: 'a job type from job-types/, `app` or `app@1.4`: its argv is filled from the header, without a shell',
  },
  { name: 'directory', takes: text, meaning: 'where the job runs; the root if nothing is said' },
  { name: 'env.*', takes: text, meaning: 'a variable of the job’s environment, its name as written' },
  {
    name: 'env-file',
    takes: text,
    repeatable: true,
    meaning: 'a file of NAME=VALUE lines, read when the UOW is claimed',
  },
  {
    name: 'secret.*',
    takes: text,
    meaning:
      'a variable whose value is read from the named file, or from `credential:NAME` of systemd, when the job starts',
  },
  { name: 'umask', takes: { kind: 'octal' }, meaning: 'the job’s umask, such as 027' },
  { name: 'stdin', takes: text, meaning: 'a file the job reads as its standard input; else /dev/null' },
  {
    name: 'user',
    takes: text,
    meaning: 'the user the job runs as; only under a root monitor whose allow_users names the user',
  },
  {
    name: 'priority',
    takes: whole(-1_000_000, 1_000_000),
    fallback: '0',
    meaning: 'higher goes first within its queue',
  },
  { name: 'group', takes: text, meaning: 'a group with its own slot limit, priority and pause' },
  { name: 'label', takes: text, repeatable: true, meaning: 'a word for finding it again' },
  {
    name: 'not-before',
    takes: form(
      'a time, or `+2h`',
      (content) => notBeforeFromText(content, 0, utc) !== undefined,
      'write +2h, 07:00, 2026-11-22 07:00 or 2026-11-22T07:00:00Z',
    ),
    meaning:
      'the time before which it may not start: `+2h` from its stamp or the time it was made for, `07:00` the next one after that, or a date',
  },
  {
    name: 'window',
    takes: form(
      'two times of day',
      (content) => windowFromText(content) !== undefined,
      'write two times of day, such as 22:00-06:00',
    ),
    meaning: 'the part of each day in which it may start, such as `22:00-06:00`; one that runs when it is over runs on',
  },
  { name: 'when', takes: text, meaning: 'a command, run as its job would be: it may start only if that exits 0' },
  { name: 'when-every', takes: duration, fallback: '1m', meaning: 'how long an answer of `when` counts' },
  {
    name: 'ttl',
    takes: duration,
    meaning: 'how long it may wait for its first start, from its stamp or the time that a schedule made it for',
  },
  {
    name: 'on-expire',
    takes: choice('fail', 'skip', 'trash'),
    fallback: 'fail',
    meaning: 'what becomes of it when its ttl is over: fail-q, done-q as skipped, or trash',
  },
  { name: 'timeout', takes: duration, meaning: 'the longest an attempt may run; then it is ended and goes to fail-q' },
  {
    name: 'idle-timeout',
    takes: duration,
    meaning: 'the longest it may be silent, without output or progress; then it is ended and goes to fail-q',
  },
  { name: 'grace', takes: duration, fallback: '10s', meaning: 'the time between TERM and KILL when it is ended' },
  { name: 'nice', takes: whole(-20, 19), meaning: 'the niceness it runs with' },
  {
    name: 'ionice',
    takes: choice(
      'idle',
      'best-effort',
      'realtime',
      'best-effort:0',
      'best-effort:1',
      'best-effort:2',
      'best-effort:3',
      'best-effort:4',
      'best-effort:5',
      'best-effort:6',
      'best-effort:7',
    ),
    meaning: 'its I/O class',
  },
  {
    name: 'cpu-max',
    takes: form('a share or a CPU time', (content) => cpuMaxFromText(content) !== undefined, cpuMaxRemedy),
    meaning:
      'a share of processors at once, such as `150%`, which only a control group keeps; or so much CPU time of each process, such as `2h`',
  },
  {
    name: 'memory-max',
    takes: form('a size', (content) => memoryMaxFromText(content) !== undefined, memoryMaxRemedy),
    meaning: 'how much memory it may have: all of it in a control group, else each of its processes',
  },
  {
    name: 'log-max',
    takes: form(
      'a size',
      (content) => (sizeBytesFromText(content) ?? 0) >= 4096,
      'write a size of 4096 bytes and more, such as 64KB, 10MB or 1GiB',
    ),
    meaning:
      'how much of an attempt’s output is kept: of what is more the middle is left out, and a line says how much',
  },
  { name: 'slots', takes: whole(1, 10_000), fallback: '1', meaning: 'how many slots it takes' },
  {
    name: 'after',
    takes: names,
    repeatable: true,
    meaning: 'names that must have ended in done-q first, or were skipped or continued',
  },
  { name: 'after-any', takes: names, repeatable: true, meaning: 'names that must have ended first, however' },
  {
    name: 'after-not-ok',
    takes: names,
    repeatable: true,
    meaning: 'names that must have ended in error-q or fail-q first, or were cancelled',
  },
  {
    name: 'on-parent-error',
    takes: choice('wait', 'fail'),
    fallback: 'wait',
    meaning:
      'what to do when a parent has ended otherwise than wanted: `wait` until a person does something, or `fail`, which goes to fail-q',
  },
  {
    name: 'flow',
    takes: text,
    meaning:
      'the flow it is of: names in `after` are looked for in it only; the monitor writes it, or who joins a persistent one',
  },
  {
    name: 'use',
    takes: form(
      'the name of a flow',
      (content) => namesFromText(content)?.length === 1,
      'write the name of one file in schedules/',
    ),
    meaning: 'in a section of a flow: the flow in schedules/ that it stands for, instead of a command',
  },
  { name: 'used', takes: text, meaning: 'the same when its sections are written out behind it; the monitor writes it' },
  {
    name: 'persistent',
    takes: yesNo,
    meaning: 'in the first section of a flow: yes keeps it running, and UOWs may join it by `flow`, until CLOSE FLOW',
  },
  {
    name: 'needs',
    takes: form('resources', (content) => needsFromText(content) !== undefined, needsRemedy),
    repeatable: true,
    meaning: 'resources it takes while it runs, such as `database 2, license 1`; `none` where a default says otherwise',
  },
  {
    name: 'rate',
    takes: form('starts per time', (content) => rateFromText(content) !== undefined, rateRemedy),
    meaning:
      'so many starts per time at most, such as `10/m`, counted with all of its job type, else of its group, else of its name',
  },
  {
    name: 'retries',
    takes: whole(0, 1000),
    fallback: '0',
    meaning: 'how often it is tried again by itself when it ends in error or fail',
  },
  { name: 'retry-delay', takes: duration, fallback: '1m', meaning: 'the time from the end of an attempt to the next' },
  {
    name: 'backoff',
    takes: form(
      '`fixed`, `exponential`, or `exponential` and the longest delay',
      (content) => !!backoffFromText(content),
      'write fixed, exponential, or the longest delay behind it such as exponential 2h',
    ),
    fallback: 'fixed',
    meaning: 'how the delay grows: not at all, or twice as long each time and up to a quarter more',
  },
  {
    name: 'retry-on',
    takes: form('ends', (content) => !!retryOnFromText(content), retryOnRemedy),
    fallback: 'error, fail',
    meaning: 'which ends are tried again, such as `error, timeout, exit=75`',
  },
  { name: 'idempotent', takes: yesNo, fallback: 'no', meaning: 'yes: may be started again after it was interrupted' },
  { name: 'unique', takes: text, meaning: 'a key: not taken in while another with the key waits or runs' },
  {
    name: 'array',
    takes: form('numbers or words', (content) => arrayFromText(content) !== undefined, arrayRemedy),
    meaning: 'one UOW for each number, such as `1-200%4`, at most 4 at once; or for each word, such as `red, green`',
  },
  { name: 'array-of', takes: text, meaning: 'the array it is of; the monitor writes it' },
  {
    name: 'array-index',
    takes: whole(0, 999_999_999),
    meaning:
      'its number in its array, or the place of its word; the monitor writes it, and the job has it as SJQ_ARRAY_INDEX',
  },
  {
    name: 'array-value',
    takes: text,
    meaning: 'its word in its array; the monitor writes it, and the job has it as SJQ_ARRAY_VALUE',
  },
  { name: 'done-exit', takes: exits, meaning: 'exit codes besides 0 that mean done, such as `1, 24-26`' },
  { name: 'fail-exit', takes: exits, meaning: 'exit codes that mean fail, such as ssh’s 255' },
  { name: 'error-when', takes: pattern, meaning: 'a pattern (grep -E) in the output that means error' },
  { name: 'fail-when', takes: pattern, meaning: 'a pattern (grep -E) in the output that means fail' },
  { name: 'on-done', takes: text, repeatable: true, meaning: 'a command run after it ended in done' },
  { name: 'on-error', takes: text, repeatable: true, meaning: 'a command run after it ended in error' },
  { name: 'on-fail', takes: text, repeatable: true, meaning: 'a command run after it ended in fail' },
  { name: 'finally', takes: text, repeatable: true, meaning: 'a command run after each attempt, however it ended' },
  {
    name: 'leftovers',
    takes: choice('kill', 'leave'),
    fallback: 'kill',
    meaning: 'what becomes of processes still alive when the job ends',
  },
  { name: 'notify', takes: text, repeatable: true, later: true, meaning: 'who is told, and on what' },
  { name: 'scheduled-by', takes: text, meaning: 'the schedule that made it; the monitor writes it' },
  {
    name: 'scheduled-at',
    takes: text,
    meaning:
      'the time it was made for, with the offset of its zone; the monitor writes it, and the job has it as SJQ_SCHEDULED_AT',
  },
  { name: 'hosts', takes: text, later: true, meaning: 'where it may run in a pool' },
  { name: 'region', takes: text, later: true, meaning: 'the region of the pool it needs' },
];

const rowByName = new Map(headerFields.map((row) => [row.name, row]));

/** Gives the table row of a field name, families such as `env.PATH` included; undefined if the product does not know it. */
export function fieldRow(name: string): FieldRow | undefined {
  if (name.startsWith('env.')) return rowByName.get('env.*');
  if (name.startsWith('secret.')) return rowByName.get('secret.*');
  return rowByName.get(name);
}

/** Gives why `content` cannot be the content of the field, or undefined if it can. */
export function fieldFault(row: FieldRow, content: string): string | undefined {
  const takes = row.takes;
  switch (takes.kind) {
    case 'text':
      return content === '' ? 'write something behind the ::, or leave the line out' : undefined;
    case 'duration':
      return durationMsFromText(content) === undefined
        ? 'write a duration such as 90, 90s, 15m, 2h, 1d or 1h30m'
        : undefined;
    case 'whole': {
      const value = /^[+-]?\d+$/.test(content) ? Number(content) : NaN;
      const fits = value >= takes.min && value <= takes.max;
      return fits ? undefined : `write a whole number from ${String(takes.min)} to ${String(takes.max)}`;
    }
    case 'choice':
      return takes.of.includes(content.toLowerCase()) ? undefined : `write one of: ${takes.of.join(', ')}`;
    case 'exits':
      return exitsFromText(content) ? undefined : 'write exit codes from 0 to 255, such as 1, 24-26';
    case 'octal':
      return /^0?[0-7]{1,3}$/.test(content) ? undefined : 'write an octal mode such as 022';
    case 'pattern':
      return content === '' ? 'write an extended regular expression (grep -E)' : undefined;
    case 'form':
      return takes.isRight(content) ? undefined : takes.remedy;
  }
}

/** Gives the exit codes of `1, 24-26`, sorted as written; undefined if the text is not such a list. */
export function exitsFromText(content: string): readonly number[] | undefined {
  const codes: number[] = [];
  for (const part of content.split(/[\s,]+/).filter((word) => word !== '')) {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part);
    const from = Number(match?.[1] ?? NaN);
    const to = Number(match?.[2] ?? from);
    if (!(from <= to && to <= 255)) return undefined;
    for (let code = from; code <= to; code++) codes.push(code);
  }
  return codes.length > 0 ? codes : undefined;
}

/** What stands where neither a header nor any defaults say something. */
const fallbacks: Readonly<Record<string, string>> = Object.fromEntries(
  headerFields.flatMap(({ name, fallback }) => (fallback === undefined ? [] : [[name, fallback]])),
);

/** The contents of a header by field name, several for a repeatable field; what the header leaves out comes from defaults. */
export class Header {
  readonly #written = new Map<string, string[]>();
  /** Strongest first. Looked through, not copied: one of these is made for each of 100,000 that wait. */
  readonly #layers: readonly Readonly<Record<string, string>>[];

  /**
   * `defaults` are the field contents that stand where the header says nothing, weakest first (overall, then job type).
   */
  constructor(lines: readonly HeaderLine[], ...defaults: readonly Readonly<Record<string, string>>[]) {
    this.#layers = [...defaults.toReversed(), fallbacks];
    for (const { name, content } of lines) {
      const same = this.#written.get(name);
      if (same) same.push(content);
      else this.#written.set(name, [content]);
    }
  }

  /** Gives the names of all fields that have a content. */
  names(): readonly string[] {
    const names = new Set(this.#layers.toReversed().flatMap((layer) => Object.keys(layer)));
    for (const name of this.#written.keys()) names.add(name);
    return [...names];
  }

  /** Gives all contents of a field in order; empty if there is none. */
  all(name: string): readonly string[] {
    const written = this.#written.get(name);
    if (written) return written;
    const layer = this.#layers.find((each) => Object.hasOwn(each, name));
    return layer ? [layer[name] ?? ''] : [];
  }

  /** Gives the last content of a field. */
  text(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** Gives a duration in milliseconds. */
  durationMs(name: string): number | undefined {
    const content = this.text(name);
    return content === undefined ? undefined : durationMsFromText(content);
  }

  /** Gives a whole number. */
  whole(name: string): number | undefined {
    const content = this.text(name);
    return content === undefined ? undefined : Number(content);
  }

  /** True if the field says `yes`. */
  isYes(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'yes';
  }

  /** Gives the exit codes of a field; empty if there is none. */
  exits(name: string): readonly number[] {
    return exitsFromText(this.text(name) ?? '') ?? [];
  }
}

/** Gives every problem of header lines against the table: bad contents, single fields written twice. Unknown names are no problem. */
export function headerProblems(lines: readonly HeaderLine[]): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  for (const { name, content, line } of lines) {
    const row = fieldRow(name);
    if (!row) continue;
    const before = seen.get(name);
    if (before !== undefined && !row.repeatable) {
      const message = `${shownShort(name)} stands here and on line ${String(before)}`;
      problems.push({ line, message, remedy: 'keep one of them' });
    }
    seen.set(name, line);
    const fault = fieldFault(row, content);
    if (fault !== undefined) {
      const message = `bad content of ${shownShort(name)}: "${shownShort(content)}"`;
      problems.push({ line, message, remedy: fault });
    }
  }
  return problems;
}
