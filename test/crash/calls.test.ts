// Every instant at which the monitor may die, and every call that the disk may refuse, one after another: then a monitor without
// faults, and every invariant must hold. There are some 6,000 such instants here: in a common run each kind of fault gets a
// second or two for each scenario and takes them in an order that SJQ_SEED shuffles; SJQ_TORTURE=1 goes through all.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Behaviour, type FakeGuardians, fakeGuardians } from '../support/fake-guardians.ts';
import type { Fault } from '../support/faulty-files.ts';
import { brokenInvariants, type ExpectedUow } from '../support/invariants.ts';
import { isTorture, shuffled } from '../support/rig.ts';
import { type QueueName, queueNames, uowText } from '../support/root.ts';
import { live, submitted } from '../support/simulated.ts';

/** One thing that happens in a root, and what must have come of it however often the monitor died over it. */
interface Scenario {
  readonly title: string;
  readonly config?: string;
  /** By name; a job ends at once unless this says otherwise. */
  readonly behaviour?: Readonly<Record<string, Behaviour>>;
  readonly exit?: Readonly<Record<string, number>>;
  /** Brings a root into the state before the monitor whose faults are tried. */
  prepare(root: Playground): Promise<void> | void;
  readonly expected: readonly ExpectedUow[];
  /** What is nobody's if it is there. */
  readonly mayHave?: readonly string[];
  /** Gives what else is not as it should be. */
  readonly problems?: (root: Playground) => readonly string[];
}

interface Playground {
  readonly dir: string;
  readonly guardians: FakeGuardians;
  /** Drops a UOW whose label tells it from all others. */
  readonly drop: (queue: QueueName, name: string, id: string, ...header: readonly string[]) => void;
  readonly move: (from: readonly [QueueName, string], to: readonly [QueueName, string]) => void;
  readonly message: (text: string) => void;
  /** Lets a monitor without faults live until all is quiet. */
  readonly quiet: () => Promise<void>;
}

const done = (id: string, log = /^out 1\nend 1\n$/): ExpectedUow => ({ id, queues: ['done-q'], starts: [1], log });

const scenarios: readonly Scenario[] = [
  {
    title: 'an unstamped drop',
    prepare: ({ drop }) => drop('wait-q', 'a', 'A'),
    expected: [done('A')],
  },
  {
    title: 'two drops of one name in both queues, and a third whose name is the suffixed one',
    config: 'slots: 2',
    prepare({ drop }) {
      drop('wait-q', 'a', 'A');
      drop('priority-q', 'a', 'B');
      drop('wait-q', 'a~2', 'C');
    },
    expected: [done('A'), done('B'), done('C')],
  },
  {
    title: 'a submitted UOW',
    prepare({ dir }) {
      submitted(dir, 'a', uowText('label :: A', 'command :: true'), { kind: 'none' });
    },
    expected: [done('A')],
  },
  {
    title: 'jobs that end with done, error and fail, one of them later',
    config: 'slots: 3',
    behaviour: { a: 'ends-later' },
    exit: { b: 3, c: 126 },
    prepare({ drop }) {
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B');
      drop('wait-q', 'c', 'C', 'error-when :: never');
    },
    expected: [done('A'), { id: 'B', queues: ['error-q'], starts: [1] }, { id: 'C', queues: ['fail-q'], starts: [1] }],
  },
  {
    // A claim that a full disk undid leaves its line in the log: then there are two.
    title: 'a rerun by mv',
    exit: { a: 3 },
    async prepare({ drop, quiet, move }) {
      drop('wait-q', 'a', 'A');
      await quiet();
      move(['error-q', 'a'], ['wait-q', 'a']);
    },
    expected: [
      { id: 'A', queues: ['error-q'], starts: [2], log: /^out 1\nend 1\n(\n==== ATTEMPT 2 .*\n)+out 2\nend 2\n$/ },
    ],
  },
  {
    title: 'a UOW moved by hand into currently-executing, and one renamed to a name that is taken',
    async prepare({ drop, quiet, move }) {
      drop('wait-q', 'a', 'A');
      drop('trash', 'b', 'B');
      await quiet();
      drop('currently-executing', 'c', 'C');
      move(['trash', 'b'], ['wait-q', 'a']);
    },
    expected: [done('A'), done('B'), done('C')],
  },
  {
    title: 'a stamped UOW whose name is taken, brought back while the monitor runs',
    behaviour: { a: 'guardian-killed' },
    async prepare({ drop, quiet }) {
      drop('wait-q', 'a', 'A', 'idempotent :: no');
      await quiet();
      drop('wait-q', 'a', 'B');
    },
    expected: [
      { id: 'A', queues: ['fail-q'], starts: [1] },
      { id: 'B', queues: ['fail-q', 'done-q'], starts: [1] },
    ],
  },
  {
    title: 'a guardian that was killed',
    behaviour: { a: 'guardian-killed' },
    prepare: ({ drop }) => drop('wait-q', 'a', 'A'),
    expected: [{ id: 'A', queues: ['fail-q'], starts: [1] }],
  },
  {
    title: 'a guardian that was killed, of a UOW that is idempotent',
    behaviour: { a: 'guardian-killed-first' },
    prepare: ({ drop }) => drop('wait-q', 'a', 'A', 'idempotent :: yes'),
    expected: [{ id: 'A', queues: ['done-q'], starts: [2], log: /^out 1\n(\n==== ATTEMPT 2 .*\n)+out 2\nend 2\n$/ }],
  },
  {
    title: 'a request that the launcher never came to',
    behaviour: { a: 'never-asked-first' },
    prepare: ({ drop }) => drop('wait-q', 'a', 'A'),
    expected: [done('A')],
  },
  {
    title: 'a root that was restored without its .sjq',
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      root.drop('wait-q', 'b', 'B', 'idempotent :: yes');
      await root.quiet();
      restoreAsRunning(root, 'a');
      restoreAsRunning(root, 'b');
      rmSync(join(root.dir, '.sjq'), { recursive: true });
    },
    expected: [
      { id: 'A', queues: ['fail-q'], starts: [1] },
      { id: 'B', queues: ['done-q'], starts: [2] },
    ],
  },
  {
    title: 'a file that is no UOW, and a second README',
    prepare({ dir, drop }) {
      drop('wait-q', 'a', 'A');
      writeFileSync(join(dir, 'wait-q/bad'), 'label :: BAD\nnot a UOW\n');
      writeFileSync(join(dir, 'wait-q/README'), 'one');
      writeFileSync(join(dir, 'wait-q/README.md'), 'two');
    },
    expected: [done('A'), { id: 'BAD', queues: ['trash'] }],
  },
  {
    title: 'KILL JOB of a job that the monitor before has started',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      root.drop('wait-q', 'b', 'B');
      await untilRunning(root);
      root.message('KILL JOB a');
    },
    expected: [{ id: 'A', queues: ['fail-q', 'done-q'], starts: [1] }, done('B')],
  },
  {
    title: 'SLOTS 2, which is kept',
    prepare({ drop, message }) {
      message('SLOTS 2');
      message('HELP');
      drop('wait-q', 'a', 'A');
    },
    expected: [done('A')],
    problems({ dir }) {
      const path = join(dir, '.sjq/control');
      const isKept = existsSync(path) && readFileSync(path, 'utf8').includes('"slots":2');
      return unanswered(dir, { 'SLOTS 2': () => isKept });
    },
  },
  {
    title: 'HOLD, NOTE and PRIORITY of a waiting UOW',
    prepare({ drop, message }) {
      drop('wait-q', 'a', 'A');
      for (const line of ['PAUSE', 'HOLD a', 'NOTE a one', 'PRIORITY a 7', 'NOTE a two', 'RESUME']) message(line);
    },
    expected: [{ id: 'A', queues: ['wait-q', 'done-q'] }],
    problems: ({ dir }) =>
      unanswered(dir, {
        'HOLD a': (text) => /^waiting held #0 /m.test(text('wait-q/a')),
        'NOTE a one': (text) => onlyOne(text('wait-q/a', 'done-q/a'), / - one\n/g),
        'NOTE a two': (text) => onlyOne(text('wait-q/a', 'done-q/a'), / - two\n/g),
        'PRIORITY a 7': (text) => onlyOne(text('wait-q/a', 'done-q/a'), /^priority :: 7\n/gm),
      }),
  },
  {
    title: 'RETRY of what ended in error, ACK and CONTINUE of another',
    exit: { a: 3, b: 4 },
    async prepare({ drop, quiet, message }) {
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B');
      await quiet();
      for (const line of ['ACK b somebody looks', 'CONTINUE b', 'RETRY a']) message(line);
    },
    expected: [
      { id: 'A', queues: ['error-q'], starts: [1, 2] },
      { id: 'B', queues: ['error-q'], starts: [1] },
    ],
    problems: ({ dir, guardians }) =>
      unanswered(dir, {
        'ACK b somebody looks': (text) => onlyOne(text('error-q/b'), /^==== NOTE \S+ - somebody looks\n/gm),
        'CONTINUE b': (text) => /^error exit=4 (ack )?cont #1 /m.test(text('error-q/b')),
        'RETRY a': () => guardians.starts.some(({ name, attempt }) => name === 'a' && attempt === 2),
      }),
  },
  {
    title: 'NOTE on a running job',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      await untilRunning(root);
      root.message('NOTE a one');
    },
    expected: [done('A', /^out 1\nend 1\n(\n==== NOTE [^\n]*\n?)*$/)],
    problems: ({ dir }) =>
      unanswered(dir, { 'NOTE a one': (text) => onlyOne(text('done-q/a'), /^==== NOTE \S+ - one\n/gm) }),
  },
  {
    title: 'CANCEL and SKIP of waiting UOWs',
    prepare({ drop, message }) {
      drop('wait-q', 'a', 'A');
      drop('priority-q', 'b', 'B');
      for (const line of ['PAUSE', 'CANCEL a', 'SKIP b']) message(line);
    },
    expected: [
      { id: 'A', queues: ['archive', 'wait-q'], starts: [0] },
      { id: 'B', queues: ['done-q', 'priority-q'], starts: [0] },
    ],
    problems: ({ dir }) =>
      unanswered(dir, {
        'CANCEL a': (text) =>
          /^cancelled #0 /m.test(text('archive/a')) && onlyOne(text('history.jsonl'), /"cancelled".*\}\n/g),
        'SKIP b': (text) =>
          /^skipped #0 /m.test(text('done-q/b')) && onlyOne(text('history.jsonl'), /"skipped".*\}\n/g),
      }),
  },
  {
    title: 'SUBMIT of a job type',
    prepare({ dir, message }) {
      mkdirSync(join(dir, 'job-types'));
      writeFileSync(
        join(dir, 'job-types/copy.yaml'),
        'name: copy\nversion: "1"\nargv: ["true"]\nfields: {label: {}}\n',
      );
      message('SUBMIT copy label=A');
    },
    expected: [],
    problems: ({ dir, guardians }) => [
      ...unanswered(dir, { 'SUBMIT copy label=A': () => guardians.starts.length === 1 }),
      ...(guardians.starts.length > 1 ? ['it was submitted twice'] : []),
    ],
    mayHave: ['A'],
  },
];

/**
 * Gives the messages that were not answered once, and those that were answered as done and are not. One that met a fault of the
 * disk may be refused.
 */
function unanswered(
  dir: string,
  messages: Readonly<Record<string, (text: (...paths: readonly string[]) => string) => boolean>>,
): readonly string[] {
  const text = (...paths: readonly string[]): string => {
    const found = paths.map((path) => join(dir, path)).find((path) => existsSync(path));
    return found === undefined ? '' : readFileSync(found, 'latin1');
  };
  const says = text('monitor_says').split('\n');
  return Object.entries(messages).flatMap(([line, isDone]) => {
    const shown = line.includes(' ') ? `to="${line}"` : `to=${line}`;
    const answers = says.filter((each) => / (answer|refused) - /.test(each) && each.includes(shown));
    if (answers.length !== 1) return [`${line} was answered ${answers.length} times: ${answers.join(' | ')}`];
    if (answers[0]?.includes(' refused ')) return [];
    return isDone(text) ? [] : [`${line} was answered, and is not done`];
  });
}

function onlyOne(text: string, pattern: RegExp): boolean {
  return text.match(pattern)?.length === 1;
}

const folder = mkdtempSync(join(tmpdir(), 'sjq-crash-'));
let roots = 0;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function playground(scenario: Scenario): Playground {
  roots += 1;
  const dir = join(folder, String(roots));
  for (const queue of queueNames) mkdirSync(join(dir, queue), { recursive: true });
  writeFileSync(join(dir, 'config.yaml'), `sleep: 20s\nstatus: off\n${scenario.config ?? ''}\n`);
  const guardians = fakeGuardians(
    (name) => scenario.behaviour?.[name] ?? 'ends-at-once',
    (name) => scenario.exit?.[name] ?? 0,
  );
  const path = (place: readonly [QueueName, string]): string => join(dir, ...place);
  return {
    dir,
    guardians,
    drop: (queue, name, id, ...header) =>
      writeFileSync(join(dir, queue, name), uowText(`label :: ${id}`, 'command :: true', ...header)),
    move: (from, to) => renameSync(path(from), path(to)),
    message: (text) => writeFileSync(join(dir, 'monitor_reads'), `${text}\n`, { flag: 'a' }),
    async quiet() {
      await live(dir, guardians);
    },
  };
}

/** Makes a UOW that has ended one of a backup that was taken while it ran: a file of its own, its STATUS still running. */
function restoreAsRunning({ dir }: Playground, name: string): void {
  const text = readFileSync(join(dir, 'done-q', name), 'latin1');
  rmSync(join(dir, 'done-q', name));
  const running = text.replace(/done exit=0 #1 (\S+) \S+/, (whole, at: string) =>
    `running #1 ${at}`.padEnd(whole.length),
  );
  writeFileSync(join(dir, 'currently-executing', name), running, 'latin1');
}

/** Lets a monitor live until its job runs, and die then. */
async function untilRunning({ dir, guardians }: Playground): Promise<void> {
  await live(dir, guardians, { kind: 'none' }, () => guardians.alive > 0);
}

/** Gives everything that is broken after monitors with these faults, one life each, and one without. */
async function broken(scenario: Scenario, faults: readonly Fault[]): Promise<readonly string[]> {
  const root = playground(scenario);
  await scenario.prepare(root);
  const met: string[] = [];
  const deleted: string[] = [];
  let end = '';
  for (const fault of faults) {
    const life = await live(root.dir, root.guardians, fault);
    end = life.end;
    met.push(`${life.files.met ?? 'nothing'} (${end})`);
    deleted.push(...life.files.deleted);
  }
  if (end !== 'quiet') deleted.push(...(await live(root.dir, root.guardians)).files.deleted);
  // Promise 10.
  const problems = [...problemsOf(scenario, root), ...deleted.map((path) => `${path} was deleted`)];
  rmSync(root.dir, { recursive: true });
  return problems.length === 0 ? [] : [`fault at: ${met.join(', ')}`, ...problems];
}

function problemsOf(scenario: Scenario, root: Playground): readonly string[] {
  const { dir, guardians } = root;
  return [
    ...brokenInvariants(dir, scenario.expected, guardians.starts, scenario.mayHave),
    ...(scenario.problems?.(root) ?? []),
  ];
}

/** Gives how many calls a fault of this kind can come at. */
async function callsOf(scenario: Scenario, fault: Fault): Promise<number> {
  const root = playground(scenario);
  await scenario.prepare(root);
  const { files } = await live(root.dir, root.guardians, fault);
  expect(problemsOf(scenario, root), 'without any fault').toEqual([]);
  return files.calls;
}

/** Tries faults one after another until the time is over, at least three; gives what each broke. */
async function tried(
  faults: readonly (readonly Fault[])[],
  budgetMs: number,
  scenario: Scenario,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, readonly string[]> = {};
  const startedAt = performance.now();
  for (const [count, fault] of faults.entries()) {
    if (!isTorture && count >= 3 && performance.now() - startedAt > budgetMs) break;
    const problems = await broken(scenario, fault);
    if (problems.length > 0) found[JSON.stringify(fault)] = problems;
  }
  return found;
}

const kinds = [
  ['a crash', 900, (at: number): Fault => ({ kind: 'crash', at })],
  ['a crash in a write', 400, (at: number): Fault => ({ kind: 'torn', at })],
  ['ENOSPC', 400, (at: number): Fault => ({ kind: 'errno', at, code: 'ENOSPC' })],
  ['EIO', 600, (at: number): Fault => ({ kind: 'errno', at, code: 'EIO' })],
] as const;

describe.each(scenarios.map((scenario, salt) => [scenario.title, scenario, salt] as const))(
  '%s',
  (_, scenario, salt) => {
    it.each(kinds)(
      'comes to its one end, %s at whatever call',
      async (_what, budgetMs, faultAt) => {
        const calls = await callsOf(scenario, faultAt(0));
        const faults = shuffled(calls, salt).map((at) => [faultAt(at)]);
        expect(await tried(faults, budgetMs, scenario)).toEqual({});
      },
      isTorture ? 600_000 : 60_000,
    );

    it(
      'comes to its one end when the monitor that recovers from a crash crashes too',
      async () => {
        const calls = await callsOf(scenario, { kind: 'crash', at: 0 });
        const first = shuffled(calls, salt + 100);
        const second = shuffled(calls, salt + 200);
        const faults = first.map((at, index) => [
          { kind: 'crash', at } as const,
          { kind: 'crash', at: second[index] ?? 1 } as const,
        ]);
        expect(await tried(faults, 600, scenario)).toEqual({});
      },
      isTorture ? 600_000 : 60_000,
    );
  },
);

it('promise 1: a UOW whose submit returned its name is there once, one whose submit died at most once', async () => {
  const scenario: Scenario = { title: '', prepare: () => undefined, expected: [] };
  const text = uowText('label :: A', 'command :: true');
  for (let at = 1; at <= 20; at++) {
    for (const kind of ['crash', 'torn'] as const) {
      const root = playground(scenario);
      const name = submitted(root.dir, 'a', text, { kind, at });
      await root.quiet();
      const isThere = name !== undefined || root.guardians.starts.length > 0;
      const problems = brokenInvariants(root.dir, isThere ? [done('A')] : [], root.guardians.starts);
      expect(problems, `${kind} at ${at}`).toEqual([]);
    }
  }
});

it('promise 9: an idle monitor writes nothing, whatever stands in its root and waits', async () => {
  const scenario: Scenario = { title: '', prepare: () => undefined, expected: [] };
  const root = playground(scenario);
  root.drop('wait-q', 'a', 'A');
  await root.quiet();
  root.message('PAUSE');
  root.drop('wait-q', 'b', 'B');
  await root.quiet();
  const { files, lastChangeMs } = await live(root.dir, root.guardians);
  // Its start is told: who holds the root, and a line in monitor_says and in history.
  expect(lastChangeMs).toBe(0);
  expect(files.changes).toBeLessThan(15);
});

it('promise 10: nothing of anybody’s is deleted when thousands of bytes of it are taken in, run, and trashed', async () => {
  const scenario: Scenario = { title: '', prepare: () => undefined, expected: [] };
  const root = playground(scenario);
  root.drop('wait-q', 'a', 'A');
  writeFileSync(join(root.dir, 'wait-q/bad'), 'no UOW\n');
  writeFileSync(join(root.dir, 'done-q/by-hand'), 'no UOW\n');
  writeFileSync(join(root.dir, 'trash/old'), 'no UOW\n');
  const { files } = await live(root.dir, root.guardians);
  expect(files.deleted).toEqual([]);
  expect(readdirSync(join(root.dir, 'trash')).sort()).toContain('bad');
});
