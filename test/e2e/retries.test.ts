import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';
import { startSjq } from '../support/sjq.ts';

const retried = ['retries :: 2', 'retry-delay :: 0'] as const;

it('what ends badly is tried again, each attempt behind its line, each with a line of history', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('job', ['command :: echo "try $SJQ_ATTEMPT"; [ "$SJQ_ATTEMPT" = 3 ]', ...retried]);
  await eventually(() => root.says().includes(' ended job '), { what: 'it has ended' });
  expect(root.status('done-q', 'job')).toMatch(/^done exit=0 #3 /);
  expect(root.log('done-q', 'job')).toMatch(/^try 1\n\n==== ATTEMPT 2 \S+\ntry 2\n\n==== ATTEMPT 3 \S+\ntry 3\n$/);
  expect(root.says().match(/ (retried|ended) job .*/g)).toEqual([
    expect.stringMatching(/ retried job outcome=error reason=exit=1 attempt=1 .*next=20\S+Z to=wait-q/),
    expect.stringMatching(/ retried job outcome=error reason=exit=1 attempt=2 /),
    expect.stringMatching(/ ended job outcome=done reason=exit=0 attempt=3 /),
  ]);
  const attempts = root.history().filter(({ kind }) => kind === 'attempt');
  expect(attempts.map(({ attempt, outcome, retry_at: at }) => [attempt, outcome, typeof at])).toEqual([
    [1, 'error', 'string'],
    [2, 'error', 'string'],
    [3, 'done', 'undefined'],
  ]);
});

it('run stays with a UOW over its retries, and ends with the code of the last attempt', async () => {
  const root = testRoot();
  await root.monitor();
  const fields = ['--field', 'retries=1', '--field', 'retry-delay=0'];
  const run = startSjq(root, [
    'run',
    '-q',
    '-n',
    'job',
    ...fields,
    '--',
    'sh',
    '-c',
    'echo out; exit $((SJQ_ATTEMPT + 2))',
  ]);
  expect(await run.ended).toBe(4);
  expect(run.stdout().toString()).toMatch(/out\n$/);
});

it('a retry waits in its queue over a restart, says so, lets others pass, and RETRY has it tried now and anew', async () => {
  const root = testRoot();
  const first = await root.monitor();
  root.drop('job', ['command :: exit 3', 'retries :: 3', 'retry-delay :: 2h']);
  await eventually(() => root.says().includes(' retried job '), { what: 'it is to be tried again' });
  expect(root.status('wait-q', 'job')).toMatch(/^waiting retry #2 20\S+Z$/);
  await first.crash();
  await root.monitor();
  root.drop('other', ['command :: true']);
  await root.arrival('done-q', 'other');
  expect(root.status('wait-q', 'job')).toMatch(/^waiting retry #2 /);
  const { stdout } = await root.sjq('show', 'job');
  expect(stdout).toMatch(/next try at .*\d\d:\d\d \(attempt 2 of 4\)/);
  expect(readFileSync(root.path('history.jsonl'), 'utf8').match(/"retry_at"/g)).toHaveLength(1);
  root.message('RETRY job');
  // Its retries count anew: the first of them is attempt 3. (A crash may have the first `retried` said twice.)
  const isAgain = (): boolean =>
    root.where('job').join() === 'wait-q' && root.status('wait-q', 'job').startsWith('waiting retry=1 #3 ');
  await eventually(isAgain, { what: 'it was tried' });
  expect((await root.sjq('show', 'job')).stdout).toContain('(attempt 3 of 5)');
});

it('a person’s mv has it run anew, with all its retries', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('job', ['command :: exit 3', 'retries :: 1', 'retry-delay :: 0']);
  await root.arrival('error-q', 'job');
  expect(root.status('error-q', 'job')).toMatch(/^error exit=3 #2 /);
  renameSync(root.path('error-q/job'), root.path('wait-q/job'));
  await eventually(() => root.where('job').includes('error-q') && root.status('error-q', 'job').includes(' #4 '), {
    what: `it was tried twice more: ${root.says()}`,
  });
});

it('what a person killed, and what ends otherwise than retry-on says, is not tried again', async () => {
  const root = testRoot('slots: 2\n');
  await root.monitor();
  root.drop('long', ['command :: echo begun; sleep 600', ...retried]);
  root.drop('other', ['command :: exit 3', ...retried, 'retry-on :: timeout, exit=75']);
  await root.arrival('error-q', 'other');
  expect(root.status('error-q', 'other')).toMatch(/ #1 /);
  await eventually(() => root.read('currently-executing', 'long').includes('\nbegun\n'), { what: 'it runs' });
  root.message('KILL JOB long');
  await root.arrival('fail-q', 'long');
  expect(root.status('fail-q', 'long')).toMatch(/^fail killed #1 /);
});

it("a parent's retry that succeeds releases its children, one by itself as one that a person asks for", async () => {
  const root = testRoot();
  await root.monitor();
  const command = 'command :: test -e "$SJQ_ROOT/mended"';
  root.drop('by-itself', ['retries :: 50', 'retry-delay :: 1s', command]);
  root.drop('by-hand', [command]);
  root.drop('child', ['after :: by-itself by-hand', 'command :: true']);
  await root.arrival('error-q', 'by-hand');
  await eventually(() => / retried by-itself /.test(root.says()), { what: `it is tried again: ${root.says()}` });
  await eventually(() => root.where('child').join() === 'wait-q', { what: 'the child is taken in' });
  const why = async (): Promise<string> => (await root.sjq('why', 'child')).stdout;
  expect(await why()).toMatch(/^child {2}waits in wait-q: .*(waits for by-itself|by-hand ended badly)/);
  writeFileSync(root.path('mended'), '');
  await root.arrival('done-q', 'by-itself');
  expect(await why()).toContain('waits in wait-q: by-hand ended badly');
  root.message('RETRY by-hand');
  await root.arrival('done-q', 'child');
  expect(root.status('done-q', 'by-hand')).toMatch(/^done exit=0 #2 /);
  expect(root.status('done-q', 'child')).toMatch(/^done exit=0 #1 /);
});
