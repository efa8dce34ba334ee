// States of a claimed UOW made by hand on disk: what a kill, a power cut or a copy of the root leaves behind. In the program's
// own formats, by its own functions; everything else is plain files.
import { spawnSync } from 'node:child_process';
import { appendFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { textFromEnding, destinationOffset, textFromResult, textFromRunRecord } from '../../src/format/run-record.ts';
import { stampedUow } from '../../src/format/uow-edit.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { type Destination, type RunRecord, type RunResult, runIdOf } from '../../src/model/run.ts';
import type { Status } from '../../src/model/status.ts';
import { mountIdOf } from '../../src/system/mounts.ts';
import { realProcesses } from '../../src/system/processes.ts';
import { type QueueName, type TestRoot, uowText } from './root.ts';

export interface ClaimState {
  /** The names that the UOW's file has in queues, first the one it is made under. `currently-executing` alone unless said. */
  readonly places?: readonly (QueueName | readonly [QueueName, string])[];
  /** `running` of the first attempt unless said. */
  readonly status?: Partial<Status>;
  readonly header?: readonly string[];
  readonly command: string;
  readonly record?: 'whole' | 'torn' | 'none';
  /** The link in `.sjq/claimed`. */
  readonly hasSecondLink?: boolean;
  readonly boot?: 'this' | 'other';
  /** Of the file system, as the record says; one of an older version says nothing. */
  readonly mount?: 'this' | 'other' | 'unsaid';
  /** `dead`: by a guardian that is no more. `fifo` and `link` are what its job may have made of that. */
  /** Its control group. */
  readonly cgroup?: string;
  readonly started?: 'no' | 'withdrawn' | 'dead' | 'fifo' | 'link';
  readonly isEndAsked?: boolean;
  readonly result?: Partial<RunResult>;
  readonly destination?: Destination;
  /** What people noted while it ran. */
  readonly notes?: string;
}

/** What a made claim is known by. */
export interface Claim {
  readonly id: string;
  readonly token: string;
}

let made = 0;

/** Makes a claim; the UOW's label is its name, in capitals. */
export function makeClaim(root: TestRoot, name: string, state: ClaimState): Claim {
  made += 1;
  const stamp = { seconds: 1_700_000_000 + made, ordinal: 1 };
  const token = made.toString(16).padStart(32, 'a');
  const claimedAt = Date.now() - 60_000;
  const status: Status = { word: 'running', flags: [], attempt: 1, at: claimedAt, ...state.status };
  const attempt = status.word === 'waiting' ? status.attempt + 1 : status.attempt;
  const id = runIdOf(stamp, attempt, token);
  const isIdempotent = state.header?.includes('idempotent :: yes') === true;
  const plain = bytesFromUtf8(
    uowText(`label :: ${name.toUpperCase()}`, `command :: ${state.command}`, ...(state.header ?? [])),
  );
  const parsed = parseUow(plain);
  if (parsed.kind !== 'uow') throw new Error(JSON.stringify(parsed.problems));
  const head = stampedUow(plain, parsed.head, { stamp, event: 'enqueued', status });
  const whole = parseUow(head);
  if (whole.kind !== 'uow') throw new Error('a stamped UOW must parse');
  const { layout } = whole.head;
  const places = (state.places ?? ['currently-executing']).map((place) =>
    typeof place === 'string' ? ([place, name] as const) : place,
  );
  const paths = places.map((place) => root.path(...place));
  for (const dir of ['.sjq/runs', '.sjq/claimed']) mkdirSync(root.path(dir), { recursive: true });
  const [first, ...others] = [
    ...paths,
    ...(state.hasSecondLink === false ? [] : [root.path('.sjq/claimed', `${id}.uow`)]),
  ];
  if (first === undefined) throw new Error('a file needs a name');
  mkdirSync(dirname(first), { recursive: true });
  writeFileSync(first, head, 'latin1');
  for (const other of others) linkSync(first, other);
  const record: RunRecord = {
    ...{ id, name: bytesFromUtf8(name), queue: 'wait', stamp, attempt, token, claimedAt, slots: 1, head },
    bootId: state.boot === 'other' ? 'another-boot' : realProcesses.bootId(),
    ...(state.mount !== 'unsaid' && {
      mountId: state.mount === 'other' ? 'another mount' : mountIdOf(root.dir as Bytes),
    }),
    ...{ statusOffset: layout.status?.offset ?? 0, logOffset: head.length, eol: '\n' },
    launch: {
      argv: ['/bin/sh', '-c', state.command].map(bytesFromUtf8),
      environment: [
        `PATH=/usr/local/bin:/usr/bin:/bin`,
        `SJQ_NAME=${name}`,
        `SJQ_ATTEMPT=${attempt}`,
        `SJQ_UOW=${root.path('currently-executing', name)}`,
        `SJQ_TOKEN=${token}`,
      ].map(bytesFromUtf8),
      ...{ secrets: [], directory: bytesFromUtf8(root.dir), input: '' as Bytes, output: 'tee', leftovers: 'kill' },
      ...{ graceMs: 1000, cgroup: bytesFromUtf8(state.cgroup ?? '') },
    },
    judging: { doneExit: [], failExit: [], idempotent: isIdempotent },
  };
  makeRun(root, record, state);
  return { id, token };
}

function makeRun(root: TestRoot, record: RunRecord, state: ClaimState): void {
  const { id, claimedAt } = record;
  const { record: how = 'whole', started = 'no', result, destination } = state;
  if (how === 'none') return;
  let text = textFromRunRecord(record) as string;
  if (result) {
    const whole = {
      code: 0,
      why: 'exit',
      startedAt: claimedAt,
      endedAt: claimedAt,
      tee: 0,
      left: 0,
      ...result,
    } as const;
    text = textFromResult(whole) + text.slice(textFromResult(whole).length);
  }
  if (destination) {
    const line = textFromEnding({ destination });
    text = text.slice(0, destinationOffset) + line + text.slice(destinationOffset + line.length);
  }
  writeFileSync(root.path('.sjq/runs', `${id}.run`), how === 'torn' ? text.slice(0, text.length / 2) : text, {
    encoding: 'latin1',
    mode: 0o600,
  });
  const dir = root.path('.sjq/runs', id);
  mkdirSync(dir);
  if (started === 'withdrawn') writeFileSync(`${dir}/started`, 'withdrawn\n');
  if (started === 'fifo') spawnSync('mkfifo', [`${dir}/started`]);
  if (started === 'link') symlinkSync('/dev/null', `${dir}/started`);
  if (started === 'dead') writeFileSync(`${dir}/started`, `${deadPid()} 1\n${deadPid()}\n`);
  if (state.notes !== undefined) writeFileSync(root.path('.sjq/claimed', `${id}.notes`), state.notes);
  if (state.isEndAsked === true) writeFileSync(`${dir}/end`, 'killed\n');
}

/** Gives the pid of a process that is no more. */
function deadPid(): number {
  return spawnSync('true').pid;
}

/** Appends what a job printed before its guardian died. */
export function printed(root: TestRoot, claim: Claim, text: string): void {
  appendFileSync(root.path('.sjq/claimed', `${claim.id}.uow`), text);
}
