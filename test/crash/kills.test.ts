// kill -9 of the launcher at chosen moments, and what goes on while no monitor runs. Any moment: kill-storm.test.ts.
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { claimOf, isThere, launcherOf, launchersOf, runningClaim } from '../support/crashes.ts';
import { eventually } from '../support/eventually.ts';
import { testRoot, type TestRoot } from '../support/root.ts';
import { killIfThere } from '../support/scratch.ts';

const witness = 'echo "$SJQ_NAME $SJQ_ATTEMPT" >> ran; sync ran';

function runs(root: TestRoot): readonly string[] {
  return existsSync(root.path('ran')) ? readFileSync(root.path('ran'), 'utf8').trimEnd().split('\n') : [];
}

it('a launcher that is killed disturbs no running job, and the next UOW gets another', async () => {
  const root = testRoot('sleep: 1s\n');
  await root.monitor();
  root.drop('long', [`command :: ${witness}; echo begun; sleep 1.5; echo finished`]);
  await runningClaim(root, 'long');
  const launcher = await launcherOf(root);
  killIfThere(launcher);
  root.drop('next', [`command :: ${witness}`]);
  await root.arrival('done-q', 'long');
  await root.arrival('done-q', 'next');
  expect(root.log('done-q', 'long')).toBe('begun\nfinished\n');
  expect(runs(root)).toEqual(['long 1', 'next 1']);
  expect(launchersOf(root)).not.toContain(launcher);
  expect(root.says()).toMatch(/ attention - the launcher ended/);
});

it('a launcher killed between request and start: asked again, the same attempt, started once', async () => {
  const root = testRoot('sleep: 1s\n');
  await root.monitor();
  root.drop('first', ['command :: true']);
  await root.arrival('done-q', 'first');
  const launcher = await launcherOf(root);
  process.kill(launcher, 'SIGSTOP');
  root.drop('job', [`command :: ${witness}`]);
  await eventually(() => root.says().includes('started job'), { what: 'the launcher was asked' });
  killIfThere(launcher);
  await root.arrival('done-q', 'job');
  expect(root.status('done-q', 'job')).toMatch(/^done exit=0 #1 /);
  expect(runs(root)).toEqual(['job 1']);
});

it('timeout and grace hold while no monitor runs', async () => {
  const root = testRoot('sleep: 1s\n');
  const monitor = await root.monitor();
  root.drop('job', ['timeout :: 1s', 'grace :: 1s', `command :: trap '' TERM; ${witness}; while :; do sleep 1; done`]);
  const { guardian, job } = await runningClaim(root);
  await monitor.crash();
  await eventually(() => !isThere(guardian) && !isThere(job), { withinMs: 20_000, what: 'the guardian ended it' });
  await root.monitor();
  await root.arrival('fail-q', 'job');
  expect(root.status('fail-q', 'job')).toMatch(/^fail timeout #1 /);
});

it('SHUTDOWN leaves a job to the next monitor, which can kill it; PAUSE and SLOTS outlive the restart', async () => {
  const root = testRoot('sleep: 1s\n');
  const first = await root.monitor();
  root.drop('job', [`command :: ${witness}; sleep 600`]);
  const { job } = await runningClaim(root);
  for (const line of ['PAUSE', 'SLOTS 3', 'SHUTDOWN']) root.message(line);
  expect(await first.ended).toBe(0);
  expect(isThere(job)).toBe(true);
  await root.monitor();
  root.drop('paused', [`command :: ${witness}`]);
  root.message('STATUS');
  await eventually(() => /answer - to=STATUS paused, 1 running, 3 slots/.test(root.says()), {
    what: 'it is still paused',
  });
  root.message('KILL JOB job');
  await root.arrival('fail-q', 'job');
  expect(root.status('fail-q', 'job')).toMatch(/^fail killed #1 /);
  expect(isThere(job)).toBe(false);
  expect(root.list('wait-q')).toEqual(['paused']);
  root.message('RESUME');
  await root.arrival('done-q', 'paused');
});

it('FINISH starts nothing more and ends after the running job; TERM ends at once with 0', async () => {
  const root = testRoot('sleep: 1s\n');
  const monitor = await root.monitor();
  root.drop('job', [`command :: ${witness}; sleep 1.5`]);
  await runningClaim(root);
  root.drop('later', [`command :: ${witness}`]);
  root.message('FINISH');
  expect(await monitor.ended).toBe(0);
  expect(root.where('job')).toEqual(['done-q']);
  expect(root.list('wait-q')).toEqual(['later']);
  const second = await root.monitor();
  await root.arrival('done-q', 'later');
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(() => claimOf(root)).toThrow('nothing is claimed');
});
