// Values of the model for tests, whole and unremarkable: a test states only what matters to it.
import { defaultConfig } from '../../src/format/config-yaml.ts';
import type { AttemptEntry } from '../../src/format/history-line.ts';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import type { Config, JobType } from '../../src/model/config.ts';
import { messageFromText } from '../../src/model/message.ts';
import { type Judging, type Launch, runIdOf, type RunRecord, type RunResult } from '../../src/model/run.ts';
import type { Arrival, ClaimSeen, MessageSeen, Seen, UowSeen, WaitingUow } from '../../src/model/seen.ts';
import type { Status } from '../../src/model/status.ts';
import type { Zone } from '../../src/model/zone.ts';
import type { UowHead } from '../../src/model/uow.ts';

/** The instant at which tests stand: 2026-11-22T04:31:06Z. */
export const testNow: number = Date.UTC(2026, 10, 22, 4, 31, 6);

const utc: Zone = { name: 'UTC', offsetMsAt: () => 0 };

/** Gives a text as the bytes of a name, path or line. */
export const bytes: (text: string) => Bytes = bytesFromUtf8;

/** Gives the default settings with these changed. */
export function aConfig(changed: Partial<Config> = {}): Config {
  return { ...defaultConfig(), ...changed };
}

/** Gives a STATUS from its word: `waiting` with no attempt made, every other after one. */
export function aStatus(word: Status['word'], changed: Partial<Status> = {}): Status {
  return { word, flags: [], attempt: word === 'waiting' ? 0 : 1, at: testNow, ...changed };
}

/** Gives a UOW that waits in wait-q with `command :: true`. Stamps are told by their ordinal. */
export function aWaiting(name: string, changed: Partial<WaitingUow> & { readonly ordinal?: number } = {}): WaitingUow {
  const { ordinal = 0, ...rest } = changed;
  return {
    ...{
      name: bytes(name),
      queue: 'wait',
      ino: 1,
      sizeBytes: 200,
      mtimeMs: testNow - 120_000,
      ctimeMs: testNow - 120_000,
    },
    ...{ stamp: { seconds: 1_700_000_000, ordinal }, priority: 0, slots: 1, held: false, attempts: 0 },
    ...rest,
  };
}

/** Gives a head as a person wrote it: no stamp, no STATUS, one command. */
export function aHead(changed: Partial<UowHead> = {}): UowHead {
  return {
    event: '',
    header: [{ name: 'command', content: 'true', line: 2 }],
    layout: { eol: '\n', hasBom: false },
    ...changed,
  };
}

/** Gives a head that the program stamped. */
export function aStampedHead(status: Status, changed: Partial<UowHead> = {}): UowHead {
  return aHead({ stamp: { seconds: 1_700_000_000, ordinal: 1 }, event: 'enqueued', status, ...changed });
}

/** Gives an inode for a name: the same for the same, another for another. */
function inodeOf(name: string): number {
  return Array.from(name).reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 2 ** 31, 7);
}

/** Gives a file that was dropped into wait-q and has been at rest for two minutes, nobody writing: complete. */
export function anArrival(
  name: string,
  changed: Partial<Arrival> & { readonly head?: UowHead; readonly ageMs?: number } = {},
): Arrival {
  const { head = aHead(), ageMs = 120_000, ...rest } = changed;
  const at = testNow - ageMs;
  return {
    ...{ name: bytes(name), queue: 'wait', is: { kind: 'uow', head }, sizeBytes: 200 },
    ino: inodeOf(name),
    ...{ mtimeMs: at, ctimeMs: at, unchangedSince: at, isBeingWritten: false, canKeepFile: true, hasOriginal: false },
    ...rest,
  };
}

/** Gives how `true` is launched. */
export function aLaunch(changed: Partial<Launch> = {}): Launch {
  return {
    ...{ argv: [bytes('true')], environment: [bytes('PATH=/usr/bin:/bin')], secrets: [], directory: bytes('/') },
    ...{ input: bytes(''), output: 'tee', leftovers: 'kill', graceMs: 10_000, cgroup: bytes('') },
    ...changed,
  };
}

/** Gives the run record of a first attempt. */
export function aRecord(
  name: string,
  changed: Partial<Omit<RunRecord, 'judging' | 'launch'>> & {
    readonly judging?: Partial<Judging>;
    readonly launch?: Partial<Launch>;
  } = {},
): RunRecord {
  const { judging, launch, ...rest } = changed;
  const stamp = rest.stamp ?? { seconds: 1_700_000_000, ordinal: 1 };
  const attempt = rest.attempt ?? 1;
  const token = rest.token ?? '0123456789abcdef0123456789abcdef';
  return {
    ...{ id: runIdOf(stamp, attempt, token), name: bytes(name), queue: 'wait', stamp, attempt, token },
    ...{
      bootId: 'this-boot',
      claimedAt: testNow - 5000,
      slots: 1,
      head: bytes('==== UNIT OF WORK\n\ncommand :: true\n'),
    },
    ...{ statusOffset: 100, logOffset: 200, eol: '\n', launch: aLaunch(launch) },
    judging: { doneExit: [], failExit: [], idempotent: false, ...judging },
    ...rest,
  };
}

/** Gives the result of a job that exited with a code. */
export function aResult(code: number, changed: Partial<RunResult> = {}): RunResult {
  return { code, why: 'exit', startedAt: testNow - 4000, endedAt: testNow - 1000, tee: 0, left: 0, ...changed };
}

/** Gives the history's entry of an attempt of which little is known. */
export function anAttempt(name: string, changed: Partial<AttemptEntry> = {}): AttemptEntry {
  const at = '2026-11-22T04:31:06.000Z';
  return {
    ...{ kind: 'attempt', id: '1700000000-1.1-012345', name, stamp: '1700000000-1', attempt: 1 },
    ...{ outcome: 'done', reason: 'exit=0', exit: 0, enqueued_at: at, claimed_at: at, ended_at: at },
    ...{ log_bytes: 0, queue: 'wait', host: 'host', monitor_version: '1.2.3', directory: '/root' },
    ...changed,
  };
}

/** Gives a claim whose job runs under a live guardian. */
export function aClaim(
  name: string,
  changed: Omit<Partial<ClaimSeen>, 'record'> & { readonly record?: Parameters<typeof aRecord>[1] } = {},
): ClaimSeen {
  const { record, ...rest } = changed;
  return {
    ...{ record: aRecord(name, record), started: 'yes', isGuardianAlive: rest.result === undefined },
    ...{ isSameBoot: true, isSameMount: true },
    ...{
      isTreeGone: false,
      placed: 'there',
      isFinished: false,
      resultFile: 'none',
      isEndAsked: false,
      isSuspended: false,
      isBusy: false,
    },
    ...rest,
  };
}

/** Gives a message as the plan gets it; one that names a UOW finds none unless `about` says so. */
export function aMessage(text: string, changed: Partial<MessageSeen> = {}): MessageSeen {
  const line = { text: bytes(text), file: bytes('/root/.sjq/inbox/1'), endOffset: text.length + 1 };
  return { ...line, ...messageFromText(text), isAnswered: false, ...changed };
}

/** Gives what a message finds under the name that it names: a UOW that waits in wait-q. */
export function aUowSeen(
  name: string,
  changed: Partial<UowSeen> & { readonly status?: Partial<Status> } = {},
): UowSeen {
  const { status, ...rest } = changed;
  const head = aStampedHead({ ...aStatus('waiting'), ...status });
  return { name: bytes(name), queue: 'wait', ino: inodeOf(name), head, isTakenIn: true, ...rest };
}

/** Gives the picture of an idle root. `messages` may be texts. */
export function aSeen(
  changed: Omit<Partial<Seen>, 'control' | 'counts' | 'machine' | 'messages' | 'waiting'> & {
    readonly control?: Partial<Seen['control']>;
    readonly counts?: Partial<Seen['counts']>;
    readonly machine?: Partial<Seen['machine']>;
    readonly messages?: readonly (string | MessageSeen)[];
    readonly waiting?: Partial<Seen['waiting']>;
  } = {},
): Seen {
  const { control, counts, machine, messages = [], waiting, ...rest } = changed;
  const none = { wait: 0, priority: 0, executing: 0, done: 0, error: 0, fail: 0, archive: 0, trash: 0 };
  return {
    ...{
      now: testNow,
      zone: utc,
      arrivals: [],
      vanished: [],
      expired: [],
      uniques: new Map(),
      claims: [],
      jobTypes: [],
      schedules: [],
      flows: [],
      couldNotStart: { jobs: [], launchers: 0 },
      starts: new Map(),
      reportedForeign: new Set<number>(),
    },
    messages: messages.map((message) => (typeof message === 'string' ? aMessage(message) : message)),
    control: { paused: false, finishing: false, ...control },
    waiting: { executing: [], priority: [], wait: [], ...waiting },
    machine: { load: 0, freeMemoryBytes: Infinity, freeDiskBytes: Infinity, whenAnswers: new Map(), ...machine },
    counts: { ...none, ...counts },
    ...rest,
  };
}

/** Gives a job type that runs `true`. */
export function aJobType(name: string, changed: Partial<JobType> = {}): JobType {
  return {
    ...{ name, version: '1', argv: ['true'], environment: {}, path: [], fields: {}, defaults: {}, procnames: [] },
    ...changed,
  };
}
