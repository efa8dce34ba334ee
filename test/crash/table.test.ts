// protocol.md, "What a wake concludes about a claimed UOW": each row reached by the real program, and the title names the row.
// The witness is the job itself: it appends a line to `ran` and syncs it, so that a second start cannot hide.
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ageBoot, claimOf, isThere, killAll, launcherOf, runningClaim } from '../support/crashes.ts';
import { eventually } from '../support/eventually.ts';
import { type TestRoot, testRoot } from '../support/root.ts';
import { killAfterTest, killIfThere } from '../support/scratch.ts';

const quick = 'sleep: 1s\n';
const witness = 'echo "$SJQ_NAME $SJQ_ATTEMPT" >> ran; sync ran';
/** Goes on when the file `go` is there, for a minute at most. */
const untilGo = 'echo begun; i=0; while [ ! -e go ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done; echo finished';

function runs(root: TestRoot): readonly string[] {
  return existsSync(root.path('ran')) ? readFileSync(root.path('ran'), 'utf8').trimEnd().split('\n') : [];
}

function go(root: TestRoot): void {
  writeFileSync(root.path('go'), '');
}

/** The end of every crash: the UOW stands once, and nothing of it is left in .sjq. */
async function expectQuiet(
  root: TestRoot,
  name: string,
  queue: 'done-q' | 'error-q' | 'fail-q',
  attempts = 1,
): Promise<void> {
  await root.arrival(queue, name);
  await eventually(() => root.where(name).length === 1, { what: 'it has left currently-executing' });
  await eventually(() => !existsSync(root.path('.sjq/runs')) || leftovers(root, name).length === 0, {
    what: `nothing is left: ${leftovers(root, name).join(' ')}`,
  });
  expect(root.history().filter((entry) => entry['kind'] === 'attempt' && entry['name'] === name)).toHaveLength(
    attempts,
  );
}

function leftovers(root: TestRoot, name: string): readonly string[] {
  try {
    return [claimOf(root, name).id];
  } catch {
    return [];
  }
}

/** A claim whose launcher never heard of it: the launcher is stopped before, then it and the monitor are killed. */
async function claimWithoutStart(...header: readonly string[]): Promise<TestRoot> {
  const root = testRoot(quick);
  const monitor = await root.monitor();
  root.drop('first', ['command :: true']);
  await root.arrival('done-q', 'first');
  const launcher = await launcherOf(root);
  killAfterTest(launcher);
  process.kill(launcher, 'SIGSTOP');
  root.drop('job', [...header, `command :: ${witness}`]);
  await eventually(() => root.where('job').includes('currently-executing') && root.says().includes('started job'), {
    what: 'the UOW is claimed',
  });
  expect(root.status('currently-executing', 'job')).toMatch(/^running #1 /);
  await monitor.crash();
  killIfThere(launcher);
  await eventually(() => !isThere(launcher), { what: 'the launcher is gone' });
  expect(runs(root)).toEqual([]);
  return root;
}

/** A job that runs, and whose monitor was killed. */
async function crashedWhileRunning(...header: readonly string[]): Promise<TestRoot> {
  const root = testRoot(quick);
  const monitor = await root.monitor();
  root.drop('job', [...header, `command :: ${witness}; ${untilGo}; exit 7`]);
  await runningClaim(root);
  await eventually(() => root.log('currently-executing', 'job') === 'begun\n', { what: 'the job has begun' });
  await monitor.crash();
  return root;
}

it('no record, no attempt named: put there by a person, it is next in line', async () => {
  const root = testRoot('slots: 1\n');
  root.drop('waiting', [`command :: ${witness}`]);
  root.drop('job', [`command :: ${witness}`], 'currently-executing');
  await root.monitor();
  await expectQuiet(root, 'job', 'done-q');
  await expectQuiet(root, 'waiting', 'done-q');
  expect(runs(root)).toEqual(['job 1', 'waiting 1']);
});

it('no record, STATUS running: a root restored or copied without .sjq is not run again (promise 2)', async () => {
  const root = await crashedWhileRunning();
  const copy = testRoot(quick);
  cpSync(root.path('currently-executing/job'), copy.path('currently-executing/job'));
  await copy.monitor();
  await copy.arrival('fail-q', 'job');
  expect(copy.status('fail-q', 'job')).toMatch(/^fail interrupted #1 /);
  expect(
    readFileSync(copy.path('history.jsonl'), 'utf8').match(/"attempt":1,"outcome":"fail","reason":"interrupted"/g),
  ).toHaveLength(1);
  expect(runs(copy)).toEqual([]);
  go(root);
  await root.monitor();
  await expectQuiet(root, 'job', 'error-q');
});

it('record, not started, no guardian, same boot: never ran, launched again as the same attempt', async () => {
  const root = await claimWithoutStart();
  await root.monitor();
  await expectQuiet(root, 'job', 'done-q');
  expect(root.status('done-q', 'job')).toMatch(/^done exit=0 #1 /);
  expect(runs(root)).toEqual(['job 1']);
});

it('record, not started, no guardian, other boot: its start may have been lost with the power, interrupted', async () => {
  const root = await claimWithoutStart();
  ageBoot(claimOf(root));
  await root.monitor();
  await expectQuiet(root, 'job', 'fail-q');
  expect(root.status('fail-q', 'job')).toMatch(/^fail interrupted #1 /);
  expect(runs(root)).toEqual([]);
});

it('record, withdrawn: never ran, back to its queue and run from there', async () => {
  const root = await claimWithoutStart();
  writeFileSync(claimOf(root).started, 'withdrawn\n', { flag: 'wx' });
  await root.monitor();
  await expectQuiet(root, 'job', 'done-q');
  expect(root.says()).toMatch(/ returned job to=wait-q attempts=0 reason=withdrawn/);
  expect(root.status('done-q', 'job')).toMatch(/^done exit=0 #1 /);
  expect(runs(root)).toEqual(['job 1']);
});

it('record, started, guardian alive: running; output and exit code arrive though the monitor died (promise 4)', async () => {
  const root = await crashedWhileRunning();
  const { guardian } = claimOf(root);
  await root.monitor();
  expect(root.where('job')).toEqual(['currently-executing']);
  expect(isThere(guardian)).toBe(true);
  go(root);
  await expectQuiet(root, 'job', 'error-q');
  expect(root.status('error-q', 'job')).toMatch(/^error exit=7 #1 /);
  expect(root.log('error-q', 'job')).toBe('begun\nfinished\n');
  expect(runs(root)).toEqual(['job 1']);
});

it('record, started, guardian alive, its started file removed: still running, never run again', async () => {
  const root = await crashedWhileRunning();
  rmSync(claimOf(root).started);
  const second = await root.monitor();
  go(root);
  await expectQuiet(root, 'job', 'error-q');
  expect(runs(root)).toEqual(['job 1']);
  await second.stop();
});

it('record, result: ended while no monitor ran, finished with its own times', async () => {
  const root = await crashedWhileRunning();
  const claim = claimOf(root);
  go(root);
  await eventually(() => readFileSync(claim.record, 'latin1').includes('result code='), {
    what: 'the result is written',
  });
  const endedAt = Date.now();
  await eventually(() => !isThere(claim.guardian), { what: 'the guardian is gone' });
  await root.monitor();
  await expectQuiet(root, 'job', 'error-q');
  expect(root.status('error-q', 'job')).toMatch(/^error exit=7 #1 /);
  expect(root.log('error-q', 'job')).toBe('begun\nfinished\n');
  const entry = root.history().find(({ kind }) => kind === 'attempt');
  expect(Date.parse(String(entry?.['ended_at']))).toBeLessThanOrEqual(endedAt);
});

it('record, started, no result, guardian killed, same boot: its tree is ended, interrupted', async () => {
  const root = testRoot(quick);
  await root.monitor();
  root.drop('job', [`command :: ${witness}; setsid sleep 600 & echo $! > daemon; ${untilGo}`]);
  const { guardian, job } = await runningClaim(root);
  await eventually(() => existsSync(root.path('daemon')) && readFileSync(root.path('daemon'), 'utf8').trim() !== '', {
    what: 'the daemon runs',
  });
  const daemon = Number(readFileSync(root.path('daemon'), 'utf8'));
  killAfterTest(daemon);
  killIfThere(guardian);
  await expectQuiet(root, 'job', 'fail-q');
  expect(root.status('fail-q', 'job')).toMatch(/^fail interrupted #1 /);
  expect([isThere(job), isThere(daemon)]).toEqual([false, false]);
  expect(runs(root)).toEqual(['job 1']);
});

it('record, started, no result, no guardian, other boot: the host restarted, interrupted', async () => {
  const root = await crashedWhileRunning();
  const claim = claimOf(root);
  await killAll(claim);
  ageBoot(claim);
  await root.monitor();
  await expectQuiet(root, 'job', 'fail-q');
  expect(root.status('fail-q', 'job')).toMatch(/^fail interrupted #1 /);
  expect(runs(root)).toEqual(['job 1']);
});

it('an interrupted UOW that says idempotent is started again, as the next attempt', async () => {
  const root = await crashedWhileRunning('idempotent :: yes');
  await killAll(claimOf(root));
  go(root);
  await root.monitor();
  await expectQuiet(root, 'job', 'error-q', 2);
  expect(root.status('error-q', 'job')).toMatch(/^error exit=7 #2 /);
  expect(root.log('error-q', 'job')).toMatch(/^begun\n\n==== ATTEMPT 2 \S+\nbegun\nfinished\n$/);
  expect(runs(root)).toEqual(['job 1', 'job 2']);
});
