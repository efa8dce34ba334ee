import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';
import { startSjq, storedUow } from '../support/sjq.ts';

it('follow prints what comes while the job runs, and ends with its exit code', async () => {
  const root = testRoot();
  await root.monitor();
  const go = root.path('go');
  await root.sjq(
    'submit',
    '-n',
    'job',
    `echo begin; while [ ! -e ${go} ]; do sleep 0.02; done; printf 'end\\377'; exit 3`,
  );
  const follow = startSjq(root, ['follow', 'job']);
  await eventually(() => follow.stdout().toString() === 'begin\n', {
    withinMs: 20_000,
    what: 'the first line is there',
  });
  writeFileSync(go, '');
  expect(await follow.ended).toBe(3);
  expect(follow.stdout().toString('latin1')).toBe('begin\nend\xff');
  expect(follow.stderr()).toBe('sjq: job error exit=3\n');
});

it('follow of what has ended prints the log and ends with its code', async () => {
  const root = testRoot();
  root.drop('late', storedUow('fail timeout #1 2026-11-22T04:31:06Z 2.0s', 'out\n'), 'fail-q');
  expect(await root.sjq('follow', 'late')).toEqual({ code: 124, stdout: 'out\n', stderr: 'sjq: late fail timeout\n' });
  expect(await root.sjq('log', '-f', '-n', '1', 'late')).toMatchObject({ code: 124, stdout: 'out\n' });
});

it('follow of what waits says why, then that it runs, and goes on', async () => {
  const root = testRoot();
  await root.monitor();
  root.message('PAUSE');
  await eventually(() => root.says().includes('paused'), { what: 'it is paused' });
  await root.sjq('submit', '-n', 'job', 'echo out');
  const follow = startSjq(root, ['follow', 'job']);
  await follow.told('sjq: job waits in wait-q: the queue is paused');
  root.message('RESUME');
  expect(await follow.ended).toBe(0);
  expect(follow.stdout().toString()).toBe('out\n');
});

it('follow without a monitor says so, and sees the UOW cancelled when a person takes it away', async () => {
  const root = testRoot();
  root.drop('job', ['command :: true']);
  const follow = startSjq(root, ['follow', 'job']);
  await follow.told('sjq: no monitor runs: job starts when one does (sjq monitor --root ');
  renameSync(root.path('wait-q/job'), root.path('archive/job'));
  expect(await follow.ended).toBe(1);
  expect(follow.stderr()).toMatch(/sjq: job cancelled\n$/);
});

it('follow sees a UOW removed that waited', async () => {
  const root = testRoot();
  root.drop('job', ['command :: true']);
  const follow = startSjq(root, ['follow', 'job']);
  await follow.told('no monitor');
  rmSync(root.path('wait-q/job'));
  expect(await follow.ended).toBe(1);
});

it('follow outlives an editor that saves the waiting UOW anew, and the monitor taking it in by a copy', async () => {
  const root = testRoot();
  root.drop('job', ['command :: echo first']);
  const follow = startSjq(root, ['follow', 'job']);
  await follow.told('no monitor');
  renameSync(root.path('wait-q/job'), root.path('wait-q/job~'));
  root.drop('job', ['command :: echo second']);
  await root.monitor();
  expect(await follow.ended).toBe(0);
  expect(follow.stdout().toString()).toBe('second\n');
});

it('follow outlives an editor that saves the running UOW anew, and loses nothing the job prints', async () => {
  const root = testRoot();
  await root.monitor();
  const go = root.path('go');
  await root.sjq('submit', '-n', 'job', `echo begin; while [ ! -e ${go} ]; do sleep 0.02; done; echo end`);
  const follow = startSjq(root, ['follow', 'job']);
  await eventually(() => follow.stdout().toString() === 'begin\n', {
    withinMs: 20_000,
    what: 'the first line is there',
  });
  copyFileSync(root.path('currently-executing/job'), root.path('edited'));
  renameSync(root.path('edited'), root.path('currently-executing/job'));
  writeFileSync(go, '');
  expect(await follow.ended).toBe(0);
  expect(follow.stdout().toString()).toBe('begin\nend\n');
});

it('follow ends at the end of the attempt it saw, though a person lets the UOW run again at once', async () => {
  const root = testRoot();
  await root.monitor();
  const go = root.path('go');
  await root.sjq(
    'submit',
    '-n',
    'job',
    `echo "attempt $SJQ_ATTEMPT"; while [ ! -e ${go} ]; do sleep 0.02; done; exit 4`,
  );
  const follow = startSjq(root, ['follow', 'job']);
  await eventually(() => follow.stdout().toString() === 'attempt 1\n', { withinMs: 20_000, what: 'it runs' });
  // Stopped, so that it sees nothing of the end and the new beginning.
  follow.signal('SIGSTOP');
  writeFileSync(go, '');
  await root.arrival('error-q', 'job');
  rmSync(go);
  renameSync(root.path('error-q/job'), root.path('wait-q/job'));
  await eventually(
    () =>
      root.where('job')[0] === 'currently-executing' && root.read('currently-executing', 'job').includes('attempt 2'),
    {
      withinMs: 20_000,
      what: 'it runs again',
    },
  );
  follow.signal('SIGCONT');
  expect(await follow.ended).toBe(4);
});

it('follow --json tells the log, what happens and the end, one JSON text a line', async () => {
  const root = testRoot();
  await root.monitor();
  await root.sjq('submit', '-n', 'job', String.raw`printf 'gr\303'; sleep 0.3; printf '\274n \377'; exit 2`);
  const follow = startSjq(root, ['follow', '--json', 'job']);
  expect(await follow.ended).toBe(2);
  const events = follow
    .stdout()
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events[0]).toMatchObject({ schema: 'sjq.follow/1', name: 'job' });
  const logs = events.filter(({ event }) => event === 'log');
  expect(logs.map(({ text }) => text).join('')).toBe('grün \ufffd');
  expect(logs.at(-1)).toHaveProperty('base64');
  expect(events.at(-1)).toEqual({ event: 'ended', outcome: 'error', reason: 'exit=2', attempt: 1, exit_code: 2 });
  expect(follow.stderr()).toBe('');
});

it('follow goes on behind a log that somebody cuts off', async () => {
  const root = testRoot();
  await root.monitor();
  await root.sjq('submit', '-n', 'job', 'echo begin; sleep 60');
  const follow = startSjq(root, ['follow', 'job']);
  await eventually(() => follow.stdout().toString() === 'begin\n', {
    withinMs: 20_000,
    what: 'the first line is there',
  });
  const path = root.path('currently-executing/job');
  writeFileSync(path, readFileSync(path, 'latin1').replace('begin\n', ''), 'latin1');
  appendFileSync(path, 'anew\n');
  root.message('KILL JOB job');
  expect(await follow.ended).toBe(137);
});
