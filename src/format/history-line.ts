// The lines of history.jsonl: one for every attempt that ended and every start and stop of the monitor.
import { type Bytes, bytesFromUtf8, nameFromShown, utf8FromBytes } from '../model/bytes.ts';
import type { PostedEnded } from '../model/posted.ts';
import type { KeptBy } from '../model/limits.ts';
import type { Given } from '../model/run.ts';
import type { EndedQueue, Queue } from '../model/queue.ts';
import { type Stamp, stampFromText } from '../model/stamp.ts';

const endedWords: readonly PostedEnded['outcome'][] = ['done', 'error', 'fail', 'skipped', 'cancelled'];

/** One line's content; docs/schemas/history.schema.json says what each part means. What is undefined stands in no line. */
export type HistoryEntry = AttemptEntry | StartedEntry | StoppedEntry | TakenAwayEntry | UnfiredEntry;

/** An attempt that ended. Instants are RFC 3339 UTC with milliseconds. */
export interface AttemptEntry {
  readonly kind: 'attempt';
  readonly id: string;
  readonly name: string;
  readonly stamp: string;
  readonly attempt: number;
  /** `skipped` and `cancelled` are of what expired before it began. */
  readonly outcome: EndedQueue | 'skipped' | 'cancelled';
  readonly reason: string;
  readonly exit?: number | undefined;
  readonly signal?: string | undefined;
  readonly enqueued_at: string;
  readonly scheduled_at?: string | undefined;
  readonly claimed_at: string;
  readonly started_at?: string | undefined;
  readonly ended_at: string;
  readonly duration_ms?: number | undefined;
  /** When the next attempt is due, if this one is tried again. */
  readonly retry_at?: string | undefined;
  readonly cpu_ms?: number | undefined;
  readonly memory_peak_bytes?: number | undefined;
  /** What kept its limits, where it had some. */
  readonly memory_max_by?: 'cgroup' | 'process' | undefined;
  readonly cpu_max_by?: 'cgroup' | 'process' | 'nobody' | undefined;
  readonly oom_kills?: number | undefined;
  readonly log_bytes: number;
  readonly log_lost?: true | undefined;
  readonly leftovers?: number | undefined;
  /** What it left in SJQ_RESULT, if that is short. */
  readonly result?: unknown;
  readonly queue: Queue;
  readonly group?: string | undefined;
  readonly flow?: string | undefined;
  readonly schedule?: string | undefined;
  readonly job_type?: string | undefined;
  readonly job_version?: string | undefined;
  readonly host: string;
  readonly monitor_version: string;
  readonly submitter?: string | undefined;
  readonly directory: string;
  readonly search_path?: string | undefined;
  /** What the header, its files and the job type set, as `NAME=VALUE`; without what is secret or looks so. */
  readonly environment?: readonly string[] | undefined;
  readonly environment_hidden?: readonly string[] | undefined;
  readonly environment_left_out?: number | undefined;
}

interface StartedEntry {
  readonly kind: 'monitor-started';
  readonly at: string;
  readonly host: string;
  readonly monitor_version: string;
}

interface StoppedEntry {
  readonly kind: 'monitor-stopped';
  readonly at: string;
  readonly why: string;
  readonly running: number;
  readonly host: string;
  readonly monitor_version: string;
}

/** A waiting UOW that a person cancelled or skipped, by hand or by a message. `queue` is not known if a crash came between. */
interface TakenAwayEntry {
  readonly kind: 'cancelled' | 'skipped';
  readonly name: string;
  readonly stamp: string;
  readonly queue?: Queue | undefined;
  readonly by?: string | undefined;
  readonly at: string;
  readonly host: string;
  readonly monitor_version: string;
}

/** A time of a schedule that no UOW was made for; of `missed` ones the first, and how many (1000: that many or more). */
interface UnfiredEntry {
  readonly kind: 'unfired';
  readonly why: 'overlap' | 'missed';
  readonly schedule: string;
  readonly scheduled_at: string;
  readonly count: number;
  readonly at: string;
  readonly host: string;
  readonly monitor_version: string;
}

/** Gives the line with its newline. JSON escapes every newline, so a line is always one entry. */
export function lineFromHistory(entry: HistoryEntry): Bytes {
  return bytesFromUtf8(JSON.stringify(entry) + '\n');
}

/** True if the text, the tail of a history file, holds a whole entry for which `isIt` is true of the line. */
export function hasEntry(tail: Bytes, isIt: (line: string) => boolean): boolean {
  // A piece of a line, which a kill left, is none.
  return tail.split('\n').some((line) => line.endsWith('}') && isIt(line));
}

/** Gives what tells the line of that attempt. */
export function isOfRun(id: string): (line: string) => boolean {
  const needle = `"id":${JSON.stringify(id)}`;
  return (line) => line.includes(needle);
}

/** Gives what tells a line of that attempt, whichever run it was. */
export function isOfAttempt(stamp: string, attempt: number): (line: string) => boolean {
  const needle = `"stamp":${JSON.stringify(stamp)},"attempt":${attempt},`;
  return (line) => line.includes(needle);
}

/** Gives the name that the newest attempt with this stamp had, from a tail of the history; undefined if it is not in it. */
export function nameOfStamp(tail: Bytes, stamp: string): Bytes | undefined {
  const at = tail.lastIndexOf(`"stamp":${JSON.stringify(stamp)}`);
  if (at < 0) return undefined;
  const to = tail.indexOf('\n', at);
  const name = entryFromLine(tail.slice(tail.lastIndexOf('\n', at) + 1, to < 0 ? undefined : to))?.['name'];
  return typeof name === 'string' ? nameFromShown(name) : undefined;
}

/** What of an entry the posted status tells: how an attempt, or a UOW that waited, ended. `stamp` says which UOW of that name. */
export interface EndedEntry {
  readonly name: Bytes;
  readonly outcome: PostedEnded['outcome'];
  readonly reason?: string;
  readonly attempt?: number;
  readonly endedAt: number;
  readonly durationMs?: number;
  readonly stamp?: string;
}

/** Gives what an entry says of an end; undefined if it is about something else, or of a later version. Never throws. */
export function endedFromHistory(entry: Readonly<Record<string, unknown>>): EndedEntry | undefined {
  const { kind, name, reason, attempt, duration_ms: durationMs, stamp } = entry;
  const word = kind === 'attempt' ? entry['outcome'] : kind;
  const outcome = endedWords.find((each) => each === word);
  const at = entry['ended_at'] ?? entry['at'];
  const endedAt = typeof at === 'string' ? Date.parse(at) : NaN;
  if (outcome === undefined || typeof name !== 'string' || !Number.isFinite(endedAt)) return undefined;
  return {
    ...{ name: nameFromShown(name), outcome, endedAt },
    ...(typeof reason === 'string' && { reason }),
    ...(typeof attempt === 'number' && { attempt }),
    ...(typeof durationMs === 'number' && { durationMs }),
    ...(typeof stamp === 'string' && { stamp }),
  };
}

/** Gives the last `count` ends that the tail of a history tells of, oldest first. What is no whole line is passed over. */
export function endedFromTail(tail: Bytes, count: number): readonly EndedEntry[] {
  const found: EndedEntry[] = [];
  const lines = tail.split('\n');
  for (let at = lines.length - 1; at >= 0 && found.length < count; at--) {
    const line = lines[at] ?? '';
    const entry = entryFromLine(line);
    const ended = entry && endedFromHistory(entry);
    if (ended) found.unshift(ended);
  }
  return found;
}

/** Gives every stamp that a tail of the history names; a line that was cut off may name one too. */
export function stampsFromTail(tail: Bytes): readonly Stamp[] {
  return [...tail.matchAll(/"stamp":"(\d+-\d+)"/g)].flatMap(([, text = '']) => stampFromText(text) ?? []);
}

/** What the history tells of an attempt that ended. `logBytes` is the length of what the job itself printed. */
export interface PastAttempt {
  readonly outcome: string;
  readonly reason: string;
  readonly logBytes: number;
  /** It was not the end of its UOW: the next one came by itself. */
  readonly isRetried: boolean;
  /** `NAME@VERSION` of the job type that it ran. */
  readonly jobType?: string;
  readonly given: Given;
  readonly limits: KeptBy;
  readonly oomKills?: number;
  /** What it left in SJQ_RESULT, if that was short. */
  readonly result?: unknown;
}

/** Gives what the newest line of that attempt in a tail of the history tells; undefined if it is not in it. */
export function attemptFromHistory(tail: Bytes, stamp: string, attempt: number): PastAttempt | undefined {
  const needle = `"stamp":${JSON.stringify(stamp)}`;
  for (let at = tail.lastIndexOf(needle); at >= 0; at = at > 0 ? tail.lastIndexOf(needle, at - 1) : -1) {
    const to = tail.indexOf('\n', at);
    const entry = to < 0 ? undefined : entryFromLine(tail.slice(tail.lastIndexOf('\n', at) + 1, to));
    if (entry?.['kind'] !== 'attempt' || entry['stamp'] !== stamp || entry['attempt'] !== attempt) continue;
    const {
      outcome,
      reason,
      log_bytes: logBytes,
      job_type: jobType,
      job_version: version,
      oom_kills: oomKills,
    } = entry;
    if (typeof outcome !== 'string' || typeof reason !== 'string' || typeof logBytes !== 'number') continue;
    return {
      outcome,
      reason,
      logBytes,
      isRetried: entry['retry_at'] !== undefined,
      given: givenFromEntry(entry),
      limits: limitsFromEntry(entry),
      ...(typeof oomKills === 'number' && { oomKills }),
      ...(typeof jobType === 'string' && { jobType: typeof version === 'string' ? `${jobType}@${version}` : jobType }),
      ...('result' in entry && { result: entry['result'] }),
    };
  }
  return undefined;
}

function limitsFromEntry({ memory_max_by: memory, cpu_max_by: cpu }: Readonly<Record<string, unknown>>): KeptBy {
  return {
    ...((memory === 'cgroup' || memory === 'process') && { memory }),
    ...((cpu === 'cgroup' || cpu === 'process' || cpu === 'nobody') && { cpu }),
  };
}

function givenFromEntry(entry: Readonly<Record<string, unknown>>): Given {
  const { search_path: searchPath, environment_left_out: leftOut } = entry;
  const texts = (list: unknown): readonly string[] =>
    Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  const [environment, hidden] = [texts(entry['environment']), texts(entry['environment_hidden'])];
  return {
    ...(typeof searchPath === 'string' && { searchPath }),
    ...(environment.length > 0 && { environment }),
    ...(hidden.length > 0 && { hidden }),
    ...(typeof leftOut === 'number' && { leftOut }),
  };
}

/** Gives the entry of a line; undefined for a piece of one, which a tail begins with and a kill leaves. */
export function entryFromLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  try {
    return JSON.parse(utf8FromBytes(line)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
