// What a wake concludes about a claimed UOW: each row of the table in docs/internals.md (protocol.md), made on disk by hand, all in
// one root, and one start of the real monitor that must conclude rightly about all of them at once.
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { afterwards, beforeSuite } from '../support/afterwards.ts';
import { type Claim, type ClaimState, makeClaim, printed } from '../support/claims.ts';
import { eventually } from '../support/eventually.ts';
import { brokenInvariants, type ExpectedUow } from '../support/invariants.ts';
import { type QueueName, type TestRoot, testRoot, uowText } from '../support/root.ts';
import { aWitness, type Witness } from '../support/witness.ts';

/** A row: the state, and what comes of it. */
interface Row {
  readonly title: string;
  readonly name: string;
  readonly state: Omit<ClaimState, 'command'>;
  readonly queue: QueueName;
  readonly status: RegExp;
  /** How many jobs are started after the monitor is. */
  readonly starts: number;
  readonly log?: RegExp;
}

const executing = 'currently-executing';
const interrupted = /^fail interrupted #1 /;
const out = (attempt: number): RegExp => new RegExp(`^out ${attempt}\\n$`);

const rows: readonly Row[] = [
  {
    title: 'no record, STATUS names no attempt (a person put it there, or a crash before the record): next in line',
    name: 'by-hand',
    state: { record: 'none', hasSecondLink: false, status: { word: 'waiting', attempt: 0 } },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'no record, STATUS running (a root restored or copied without .sjq): interrupted',
    name: 'restored',
    state: { record: 'none', hasSecondLink: false },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'no record, STATUS running, idempotent: the next attempt',
    name: 'restored-again',
    state: { record: 'none', hasSecondLink: false, header: ['idempotent :: yes'] },
    ...{ queue: 'done-q', status: /^done exit=0 #2 /, starts: 1 },
  },
  {
    title: 'record, no started, no result, no guardian, same boot: launched again, the same attempt',
    name: 'never-ran',
    state: {},
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'record, STATUS still waiting, no started: launched as the attempt of the record, running before it starts',
    name: 'cut-short',
    state: { status: { word: 'waiting', attempt: 0 }, places: ['wait-q'] },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'record, no started, other boot: its started may have been lost with the power, interrupted',
    name: 'other-boot',
    state: { boot: 'other' },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'record, no started, same boot, the file system mounted anew: the same',
    name: 'other-mount',
    state: { mount: 'other' },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'record of an older version, which says nothing of the mount, no started, same boot: launched again',
    name: 'unsaid-mount',
    state: { mount: 'unsaid' },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'record, started withdrawn: back to its queue, and the attempt did not count',
    name: 'withdrawn',
    state: { started: 'withdrawn' },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'record, started withdrawn, other boot: back to its queue all the same',
    name: 'withdrawn-before',
    state: { started: 'withdrawn', boot: 'other' },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1 },
  },
  {
    title: 'record, started withdrawn because it was to be killed: cancelled',
    name: 'withdrawn-killed',
    state: { started: 'withdrawn', isEndAsked: true },
    ...{ queue: 'fail-q', status: /^fail killed #1 /, starts: 0 },
  },
  {
    title: 'record, started, result: finished with the code of the result',
    name: 'ended',
    state: { started: 'dead', result: { code: 3 } },
    ...{ queue: 'error-q', status: /^error exit=3 #1 /, starts: 0 },
  },
  {
    title: 'record, started, result, other boot: finished all the same',
    name: 'ended-before',
    state: { started: 'dead', result: { code: 0 }, boot: 'other' },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 0 },
  },
  {
    title: 'record, started, no result, no guardian, same boot: the guardian was killed, interrupted',
    name: 'orphaned',
    state: { started: 'dead' },
    ...{ queue: 'fail-q', status: interrupted, starts: 0, log: /^printed\n$/ },
  },
  {
    title: 'record, a FIFO for its started, no guardian: somebody owned the attempt, interrupted',
    name: 'fifo-started',
    state: { started: 'fifo' },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'record, a symlink for its started, no guardian: the same',
    name: 'link-started',
    state: { started: 'link' },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'record, started, no result, no guardian, idempotent: the next attempt, behind the log of the first',
    name: 'orphaned-again',
    state: { started: 'dead', header: ['idempotent :: yes'] },
    ...{ queue: 'done-q', status: /^done exit=0 #2 /, starts: 1, log: /^printed\n\n==== ATTEMPT 2 .*\nout 2\n$/ },
  },
  {
    title: 'record, started, no result, other boot: the host restarted, interrupted',
    name: 'power-cut',
    state: { started: 'dead', boot: 'other' },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'a torn record, its UOW in its queue: never ran, claimed anew',
    name: 'torn',
    state: { record: 'torn', status: { word: 'waiting', attempt: 0 }, places: ['wait-q'] },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'a torn record, its UOW running: interrupted',
    name: 'torn-running',
    state: { record: 'torn' },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'a record without a second link, which came before it: never ran, claimed anew',
    name: 'no-link',
    state: { hasSecondLink: false, status: { word: 'waiting', attempt: 0 }, places: ['wait-q'] },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'two names, a crash in the claim: in its queue and in currently-executing, that one stays',
    name: 'two-claimed',
    state: { places: ['wait-q', executing] },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'two names, a crash in the finish: in currently-executing and in done-q, that one stays',
    name: 'two-finished',
    state: {
      places: [executing, 'done-q'],
      ...{ status: { word: 'done', reason: { kind: 'exit', code: 0 } }, started: 'dead', result: {} },
      destination: { queue: 'done', suffix: 1 },
    },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 0 },
  },
  {
    title: 'two names, a crash in the finish under a suffixed name: that one stays',
    name: 'two-suffixed',
    state: {
      places: [executing, ['done-q', 'two-suffixed~2']],
      ...{ status: { word: 'done', reason: { kind: 'exit', code: 0 } }, started: 'dead', result: {} },
      destination: { queue: 'done', suffix: 2 },
    },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 0 },
  },
  {
    title: 'its destination reached, its record still there: only that is dropped, and history has its line',
    name: 'finished',
    state: {
      places: ['error-q'],
      ...{ status: { word: 'error', reason: { kind: 'exit', code: 4 } }, started: 'dead', result: { code: 4 } },
      destination: { queue: 'error', suffix: 1 },
    },
    ...{ queue: 'error-q', status: /^error exit=4 #1 /, starts: 0 },
  },
  {
    title: 'its destination reached, a note of its running time not: a power cut took it, and it is written again',
    name: 'noted',
    state: {
      places: ['done-q'],
      ...{ status: { word: 'done', reason: { kind: 'exit', code: 0 } }, started: 'dead', result: { code: 0 } },
      ...{ destination: { queue: 'done', suffix: 1 }, notes: '\n==== NOTE 2026-11-24T22:00:00Z - a word\n' },
    },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 0, log: /^\n==== NOTE 2026-11-24T22:00:00Z - a word\n$/ },
  },
  {
    title: 'two names, a crash while it was given back: in currently-executing and in its queue, it runs once',
    name: 'two-returned',
    state: {
      places: [executing, 'wait-q'],
      ...{ status: { word: 'waiting', attempt: 0 }, started: 'withdrawn', destination: { queue: 'wait', suffix: 1 } },
    },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1, log: out(1) },
  },
  {
    title: 'two names without a record, in wait-q and done-q: no rerun, the later one stays',
    name: 'two-ended',
    state: {
      places: ['wait-q', 'done-q'],
      ...{ record: 'none', hasSecondLink: false, status: { word: 'done', reason: { kind: 'exit', code: 0 } } },
    },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 0 },
  },
  {
    title: 'two names without a record, in currently-executing and fail-q, still running: interrupted',
    name: 'two-interrupted',
    state: { places: [executing, 'fail-q'], record: 'none', hasSecondLink: false },
    ...{ queue: 'fail-q', status: interrupted, starts: 0 },
  },
  {
    title: 'two names in one queue, a crash while one was made unique: it runs once',
    name: 'two-waiting',
    state: {
      places: ['wait-q', ['wait-q', 'two-waiting~2']],
      ...{ record: 'none', hasSecondLink: false, status: { word: 'waiting', attempt: 0 } },
    },
    ...{ queue: 'done-q', status: /^done exit=0 #1 /, starts: 1 },
  },
];

describe('a wake concludes', () => {
  let root: TestRoot;
  let witness: Witness;
  let leftover: ChildProcess;
  let lost: Claim;

  beforeSuite(async () => {
    root = testRoot('slots: 50');
    witness = aWitness();
    for (const { name, state } of rows) {
      const claim = makeClaim(root, name, { ...state, command: witness.tell });
      if (name.startsWith('orphaned')) printed(root, claim, 'printed\n');
      if (name === 'orphaned') leftover = aProcessOf(claim);
    }
    lost = makeClaim(root, 'lost', { record: 'torn', places: ['archive'], command: witness.tell });
    // Its name in the archive goes: only the second link is left of it.
    rmSync(root.path('archive/lost'));
    leaveIntake(root, witness);
    await root.monitor();
    await eventually(() => waiting(root) === 0, {
      withinMs: 30_000,
      what: `nothing waits or runs any more: ${root.says()}`,
    });
    // Records are dropped when their logs are synced.
    await eventually(() => readdirSync(root.path('.sjq/claimed')).length === 0, { what: 'all records are dropped' });
  });

  it.each(rows.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const name = witnessName(row);
    expect(root.where(name)).toEqual([row.queue]);
    expect(root.status(row.queue, name)).toMatch(row.status);
    expect(witness.startsOf(row.name) + (name === row.name ? 0 : witness.startsOf(name))).toBe(row.starts);
    if (row.log) expect(root.log(row.queue, name)).toMatch(row.log);
  });

  it('the processes of a guardian that was killed are ended before its UOW is finished', async () => {
    await eventually(() => leftover.exitCode !== null || leftover.signalCode !== null, { what: 'it is ended' });
    expect(leftover.signalCode).toBe('SIGTERM');
  });

  it('a torn record whose second link is the only name of its UOW: kept in fail-q under the id of the attempt', () => {
    expect(root.where(lost.id)).toEqual(['fail-q']);
    expect(root.status('fail-q', lost.id)).toMatch(interrupted);
  });

  it('an intake cut short before the copy was in its queue: the original has its name again and runs once', () => {
    expect(witness.startsOf('aside')).toBe(1);
    expect(root.status('done-q', 'aside')).toMatch(/^done exit=0 #1 /);
  });

  it('an intake cut short after the copy was in its queue: the original is dropped, and the copy runs once', () => {
    expect(witness.startsOf('aside-linked')).toBe(1);
    expect(root.where('aside-linked')).toEqual(['done-q']);
    expect(root.where('aside-linked~2')).toEqual([]);
  });

  it('promise 3: after any crash every UOW is in one queue, and its STATUS is true', () => {
    const others = ['LOST', 'ASIDE', 'ASIDE-LINKED'].map((id): ExpectedUow => ({ id, queues: ['done-q', 'fail-q'] }));
    const expected = rows.map(({ name, queue }): ExpectedUow => ({ id: name.toUpperCase(), queues: [queue] }));
    expect(brokenInvariants(root.dir, [...expected, ...others], witness.starts)).toEqual([]);
  });
});

/** The name that a row's UOW ends with. */
function witnessName({ name }: Row): string {
  return name === 'two-suffixed' || name === 'two-waiting' ? `${name}~2` : name;
}

function waiting(root: TestRoot): number {
  return (['wait-q', 'priority-q', executing] as const).reduce((sum, queue) => sum + root.list(queue).length, 0);
}

/** A process that carries the token of an attempt, as those of its job do. */
function aProcessOf({ token }: Claim): ChildProcess {
  const child = spawn('sleep', ['300'], { env: { ...process.env, SJQ_TOKEN: token }, detached: true, stdio: 'ignore' });
  afterwards(() => child.kill('SIGKILL'));
  return child;
}

/** Leaves what a monitor leaves that dies in the midst of taking in, with and without the copy in its queue. */
function leaveIntake(root: TestRoot, witness: Witness): void {
  for (const dir of ['wait', 'new']) mkdirSync(root.path('.sjq/intake', dir), { recursive: true });
  for (const name of ['aside', 'aside-linked']) {
    const aside = root.path('.sjq/intake/wait', name);
    writeFileSync(aside, uowText(`label :: ${name.toUpperCase()}`, `command :: ${witness.tell}`));
    // The copy is known by its original's inode.
    const copy = root.path('.sjq/intake/new', `wait.${statSync(aside).ino}`);
    copyFileSync(aside, copy);
    if (name === 'aside-linked') linkSync(copy, root.path('wait-q', name));
  }
}
