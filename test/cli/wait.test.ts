import { readdirSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';
import { startSjq, storedUow } from '../support/sjq.ts';

const at = '#1 2026-11-22T04:31:06Z 0.1s';

it('wait on one UOW ends with its job’s exit code and prints its end', async () => {
  const root = testRoot();
  await root.monitor();
  await root.sjq('submit', '-n', 'job', 'sleep 0.3; exit 9');
  expect(await root.sjq('wait', 'job')).toEqual({ code: 9, stdout: 'job error exit=9\n', stderr: '' });
});

it.for([
  [['a', 'b'], 0],
  [['a', 'c'], 1],
] as const)('wait on %j, a and b done and c not, ends with %i', async ([names, code]) => {
  const root = testRoot();
  root.drop('a', storedUow(`done exit=0 ${at}`, ''), 'done-q');
  root.drop('b', storedUow(`done exit=3 ${at}`, ''), 'done-q');
  root.drop('c', storedUow(`fail killed ${at}`, ''), 'fail-q');
  expect((await root.sjq('wait', ...names)).code).toBe(code);
});

it('wait prints each as it ends, not as they were named', async () => {
  const root = testRoot('slots: 2\n');
  await root.monitor();
  const go = root.path('go');
  await root.sjq('submit', '-n', 'late', `while [ ! -e ${go} ]; do sleep 0.02; done`);
  await root.sjq('submit', '-n', 'two words', 'exit 1');
  const wait = startSjq(root, ['wait', 'late', '"two words"']);
  await eventually(() => wait.stdout().toString() === '"two words" error exit=1\n', {
    withinMs: 20_000,
    what: 'the first',
  });
  writeFileSync(go, '');
  expect(await wait.ended).toBe(1);
  expect(wait.stdout().toString()).toBe('"two words" error exit=1\nlate done exit=0\n');
});

it('wait without a name ends when nothing waits or runs, and prints what ended meanwhile', async () => {
  const root = testRoot();
  expect(await root.sjq('wait')).toEqual({ code: 0, stdout: '', stderr: '' });
  await root.monitor();
  const go = root.path('go');
  await root.sjq('submit', '-n', 'first', `while [ ! -e ${go} ]; do sleep 0.02; done; exit 1`);
  await root.sjq('submit', '-n', 'second', 'true');
  const wait = startSjq(root, ['wait']);
  await eventually(() => watches(wait.child.pid ?? 0), { withinMs: 20_000, what: 'it waits' });
  writeFileSync(go, '');
  expect(await wait.ended).toBe(0);
  expect(wait.stdout().toString()).toBe('first error exit=1\nsecond done exit=0\n');
});

/** A command that waits has looked, and then set watches on the queues. */
function watches(pid: number): boolean {
  const fds = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  return fds.includes('anon_inode:inotify');
}

it('wait --timeout ends with 124 and names what has not ended', async () => {
  const root = testRoot();
  root.drop('job', ['command :: true']);
  expect(await root.sjq('wait', '--timeout', '0.3s', 'job')).toEqual({
    code: 124,
    stdout: '',
    stderr: 'sjq: the time is over: job has not ended\n',
  });
  expect((await root.sjq('wait', '--timeout', '0')).code).toBe(124);
  expect(await root.sjq('wait', '--timeout', 'soon', 'job')).toMatchObject({ code: 64 });
});

it('wait --json tells all that ended and what has not', async () => {
  const root = testRoot();
  root.drop('a', storedUow(`fail signal=TERM ${at}`, ''), 'fail-q');
  root.drop('b', ['command :: true']);
  const { code, stdout } = await root.sjq('wait', '--json', '--timeout', '0', 'a', 'b');
  expect(code).toBe(124);
  expect(JSON.parse(stdout)).toEqual({
    schema: 'sjq.wait/1',
    timed_out: true,
    ended: [{ name: 'a', outcome: 'fail', reason: 'signal=TERM', attempt: 1, exit_code: 143 }],
    pending: ['b'],
  });
  expect(JSON.parse((await root.sjq('wait', '--json', 'a')).stdout)).toMatchObject({ timed_out: false, pending: [] });
});

it('wait takes names with a leading dash, a newline and bytes that are not UTF-8', async () => {
  const root = testRoot();
  root.drop('-dash', storedUow(`done exit=0 ${at}`, ''), 'done-q');
  const odd = Buffer.concat([Buffer.from(`${root.dir}/done-q/line\n`), Buffer.from([0xff])]);
  writeFileSync(root.path('odd'), storedUow(`done exit=0 ${at}`, ''));
  renameSync(root.path('odd'), odd);
  const { code, stdout } = await root.sjq('wait', '--', '-dash', String.raw`"line\n\xff"`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '-dash done exit=0\n"line\\n\\xff" done exit=0\n' });
});

it('a wait of two seconds costs hardly any CPU', async () => {
  const root = testRoot();
  root.drop('job', ['command :: true']);
  const wait = startSjq(root, ['wait', '--timeout', '4s', 'job']);
  const ticks = async (): Promise<number> => {
    const { readFile } = await import('node:fs/promises');
    const fields = (await readFile(`/proc/${wait.child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const startedAt = performance.now();
  await eventually(() => performance.now() - startedAt > 1500, { what: 'it has started' });
  const before = await ticks();
  await eventually(() => performance.now() - startedAt > 3500, { what: 'two seconds are over' });
  // Of 200 ticks; a busy loop takes all of them.
  expect((await ticks()) - before).toBeLessThan(10);
});
