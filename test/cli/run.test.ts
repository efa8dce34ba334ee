import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { run, testRoot, uowText } from '../support/root.ts';
import { startSjq, storedUow } from '../support/sjq.ts';

it('run prints on stdout what the job prints, tells the rest on stderr, and ends with its code', async () => {
  const root = testRoot();
  await root.monitor();
  expect(await root.sjq('run', '-n', 'job', '--', 'sh', '-c', 'echo out; echo err >&2; exit 5')).toEqual({
    code: 5,
    stdout: 'out\nerr\n',
    stderr: 'sjq: job submitted\nsjq: job error exit=5\n',
  });
  expect(await root.sjq('run', '--quiet', 'echo "$SJQ_NAME"')).toEqual({ code: 0, stdout: 'echo\n', stderr: '' });
});

it.for([
  ['exit 0', [], 0],
  ['exit 3', ['--field', 'done-exit=3'], 3],
  ['exit 255', ['--field', 'fail-exit=255'], 255],
  ['kill -TERM $$', [], 143],
  ['sleep 60', ['--field', 'timeout=0.2s'], 124],
  ['no-such-program-here', [], 126],
  ['echo bad', ['--field', 'error-when=bad'], 1],
] as const)('run of "%s" with %j ends with %i', async ([command, options, code]) => {
  const root = testRoot();
  await root.monitor();
  expect((await root.sjq('run', ...options, '--', command)).code).toBe(code);
});

it('run takes a UOW file, and refuses a bad one with 65', async () => {
  const root = testRoot();
  await root.monitor();
  writeFileSync(root.path('file'), uowText('command :: echo from file'));
  expect(await root.sjq('run', '-q', '-f', root.path('file'))).toEqual({ code: 0, stdout: 'from file\n', stderr: '' });
  writeFileSync(root.path('bad'), 'comand :: make\n');
  expect(await root.sjq('run', '-f', root.path('bad'))).toMatchObject({ code: 65, stdout: '' });
  expect(await root.sjq('run')).toMatchObject({ code: 64 });
});

it('run of a UOW with an old log prints the new attempt only', async () => {
  const root = testRoot();
  await root.monitor();
  writeFileSync(root.path('again'), storedUow('waiting #0 2026-11-22T04:31:06Z', 'old\n', 'command :: echo new'));
  expect((await root.sjq('run', '-q', '-f', root.path('again'))).stdout).toBe('new\n');
});

it('run prints every byte of 50 MB, and lines that look like the monitor’s', async () => {
  const root = testRoot();
  await root.monitor();
  const source = root.path('source');
  const separators = '\n==== RESULT {"mine":1}\n\n==== NOTE x\n\n==== ATTEMPT 2\nmore\n==== JOB LOG\n';
  const bytes = Buffer.concat([
    Buffer.alloc(50_000_000, 'not all the same \n\xff\0 '),
    Buffer.from(separators.repeat(1000)),
    Buffer.from('\n==== RESULT {"mine":2}\n'),
  ]);
  writeFileSync(source, bytes);
  const copy = root.path('copy');
  const ran = startSjq(root, ['run', '-q', '--', 'cat', source], { stdoutFile: copy });
  expect(await ran.ended).toBe(0);
  const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
  expect(digest(readFileSync(copy))).toBe(digest(bytes));
});

it('run does not print the result that the monitor appends', async () => {
  const root = testRoot();
  await root.monitor();
  const ran = await root.sjq(
    'run',
    '-q',
    '-n',
    'job',
    `echo out; echo '{"x": 1}' > "$SJQ_RESULT"; printf '\n==== tail'`,
  );
  expect(root.log('done-q', 'job')).toMatch(/\n==== RESULT {"x": 1}\n$/);
  expect(ran).toEqual({ code: 0, stdout: 'out\n\n==== tail', stderr: '' });
});

it('run prints lines as they come', async () => {
  const root = testRoot();
  await root.monitor();
  const go = root.path('go');
  const ran = startSjq(root, [
    'run',
    '-q',
    '-n',
    'job',
    `echo begin; while [ ! -e ${go} ]; do sleep 0.02; done; echo end`,
  ]);
  await eventually(() => ran.stdout().toString() === 'begin\n', { withinMs: 20_000, what: 'the first line is there' });
  writeFileSync(go, '');
  expect(await ran.ended).toBe(0);
  expect(ran.stdout().toString()).toBe('begin\nend\n');
});

it('run goes on over an interrupted attempt of an idempotent job, without the line between the two', async () => {
  const root = testRoot();
  const first = await root.monitor();
  const go = root.path('go');
  const job = `echo "attempt $SJQ_ATTEMPT"; while [ ! -e ${go} ]; do sleep 0.02; done`;
  const ran = startSjq(root, ['run', '-n', 'job', '--field', 'idempotent=yes', job]);
  await eventually(() => ran.stdout().toString() === 'attempt 1\n', { withinMs: 20_000, what: 'it runs' });
  const id = root.says().length > 0 ? root.list('currently-executing')[0] : undefined;
  expect(id).toBe('job');
  await first.crash();
  const { readdirSync } = await import('node:fs');
  const runId = readdirSync(root.path('.sjq/runs')).find((name) => !name.endsWith('.run')) ?? '';
  const guardian = parseInt(readFileSync(root.path('.sjq/runs', runId, 'started'), 'utf8'), 10);
  process.kill(guardian, 'SIGKILL');
  await root.monitor();
  await eventually(() => ran.stdout().toString().includes('attempt 2'), { withinMs: 20_000, what: 'it runs again' });
  writeFileSync(go, '');
  expect(await ran.ended).toBe(0);
  expect(ran.stdout().toString()).toBe('attempt 1\nattempt 2\n');
});

it('the first Ctrl-C ends the running job, and run ends with 137', async () => {
  const root = testRoot();
  await root.monitor();
  const ran = startSjq(root, ['run', '-n', 'two words', 'echo begin; sleep 60']);
  await eventually(() => ran.stdout().toString() === 'begin\n', { withinMs: 20_000, what: 'it runs' });
  ran.signal('SIGINT');
  expect(await ran.ended).toBe(137);
  expect(ran.stderr()).toContain('sjq: ending "two words" and all its processes\n');
  expect(root.status('fail-q', 'two words')).toMatch(/^fail killed/);
  expect(root.says()).toContain(`by=${userInfo().username}`);
});

it('the first Ctrl-C cancels a UOW that still waits, and run ends with 1', async () => {
  const root = testRoot();
  await root.monitor();
  root.message('PAUSE');
  await eventually(() => root.says().includes(' answer - to=PAUSE '), { what: 'it is paused' });
  const ran = startSjq(root, ['run', '-n', 'two words', 'true']);
  await eventually(() => root.says().includes(' taken-in "two words" '), { withinMs: 20_000, what: 'it waits' });
  ran.signal('SIGINT');
  expect(await ran.ended).toBe(1);
  expect(root.status('archive', 'two words')).toMatch(/^cancelled #0 /);
});

it('a second Ctrl-C leaves the UOW to the queue and ends with 130, also where no monitor runs', async () => {
  const root = testRoot();
  const ran = startSjq(root, ['run', '-n', 'job', 'true']);
  await ran.told('no monitor runs');
  ran.signal('SIGINT');
  await ran.told('the message is acted upon when one starts');
  ran.signal('SIGINT');
  expect(await ran.ended).toBe(130);
  expect(ran.stderr()).toMatch(/sjq: job is left to the queue: sjq follow shows it again\n$/);
  expect(root.where('job')).toEqual(['wait-q']);
  expect(readFileSync(root.path('monitor_reads'), 'utf8')).toBe(`CANCEL job by=${userInfo().username}\n`);
});

it.for([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s leaves the job to the queue, where it goes on, and run ends with %i', async ([signal, code]) => {
  const root = testRoot();
  await root.monitor();
  const go = root.path('go');
  const ran = startSjq(root, ['run', '-n', 'job', `echo begin; while [ ! -e ${go} ]; do sleep 0.02; done`]);
  await eventually(() => ran.stdout().toString() === 'begin\n', { withinMs: 20_000, what: 'it runs' });
  ran.signal(signal);
  expect(await ran.ended).toBe(code);
  expect(root.where('job')).toEqual(['currently-executing']);
  writeFileSync(go, '');
  await root.arrival('done-q', 'job');
});

it('run without a monitor says so, and goes on when one starts', async () => {
  const root = testRoot();
  const ran = startSjq(root, ['run', '-n', 'job', 'echo out']);
  await ran.told('sjq: no monitor runs: job starts when one does (sjq monitor --root ');
  await root.monitor();
  expect(await ran.ended).toBe(0);
  expect(ran.stdout().toString()).toBe('out\n');
});

it('run of what a person takes out of the queue ends with 1', async () => {
  const root = testRoot();
  const ran = startSjq(root, ['run', '-n', 'job', 'true']);
  await ran.told('no monitor runs');
  renameSync(root.path('wait-q/job'), root.path('trash/job'));
  expect(await ran.ended).toBe(1);
});

it('run ends quietly when nobody reads what the job prints', async () => {
  const root = testRoot();
  await root.monitor();
  const ran = startSjq(root, ['run', '-q', '-n', 'job', 'yes']);
  ran.child.stdout?.once('data', () => ran.child.stdout?.destroy());
  expect(await ran.ended).toBe(141);
  expect(ran.stderr()).toBe('');
  await root.sjq('kill', '--wait', 'job');
});

it('run works from any directory under the root, and its job runs where it was called', async () => {
  const root = testRoot();
  await root.monitor();
  expect(existsSync(root.path('done-q'))).toBe(true);
  const ran = await run(['run', '-q', 'pwd'], { cwd: root.path('done-q'), env: { ...process.env, SJQ_ROOT: '' } });
  expect(ran).toEqual({ code: 0, stdout: `${root.path('done-q')}\n`, stderr: '' });
});
