import { expect, it } from 'vitest';
import { testRoot } from '../support/root.ts';
import { storedUow } from '../support/sjq.ts';

it('show without a monitor tells state, times, header, size of the log, path and what to do next', async () => {
  const root = testRoot();
  const header = ['command :: make report', 'timeout :: 2h'];
  root.drop('report', storedUow('error exit=3 #2 2026-11-22T04:31:06Z 12.3s', 'hello\n', ...header), 'error-q');
  const { code, stdout, stderr } = await root.sjq('show', 'report');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replace(/Z {2}\S+ ago/g, 'Z  AGO').split('\n')).toEqual([
    'report',
    '  state     error: it ended with exit code 3',
    '  queue     error-q',
    '  enqueued  2026-11-22T06:31:06Z  AGO',
    '  ended     2026-11-22T04:31:06Z  AGO',
    '  took      12.3s',
    '  attempts  2',
    '  log       6 bytes',
    `  path      ${root.path('error-q/report')}`,
    '  header    command  make report',
    '            timeout  2h',
    '  next      sjq log report',
    `            mv ${root.path('error-q/report')} ${root.path('wait-q/')}   to run it again`,
    '',
  ]);
});

it('show --json is one document for all names, with everything that the text has', async () => {
  const root = testRoot('slots: 1\n');
  root.drop('two words', storedUow('fail timeout log! #1 2026-11-22T04:31:06Z 2.0s', 'x'), 'fail-q');
  root.drop('new', ['command :: true']);
  const { code, stdout } = await root.sjq('show', '--json', '"two words"', 'new');
  expect(code).toBe(0);
  const { schema, uows } = JSON.parse(stdout) as { schema: string; uows: readonly object[] };
  expect(schema).toBe('sjq.show/1');
  expect(uows[0]).toEqual({
    name: 'two words',
    state: 'fail',
    queue: 'fail-q',
    reason: 'timeout',
    flags: ['log!'],
    exit_code: 124,
    enqueued_at: '2026-11-22T06:31:06Z',
    since: '2026-11-22T04:31:06Z',
    duration_ms: 2000,
    attempts: 1,
    log_bytes: 1,
    path: root.path('fail-q/two words'),
    header: [{ field: 'command', content: 'true' }],
    is_uow: true,
    problems: [],
    monitor: false,
  });
  expect(uows[1]).toMatchObject({
    name: 'new',
    state: 'waiting',
    attempts: 0,
    monitor: false,
    why: 'it is not taken in yet',
  });
});

it('show under a monitor tells why a UOW waits and that another runs', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('long', ['env.MODE :: fast', 'command :: sleep 60']);
  await expect.poll(() => root.says()).toContain(' started long ');
  await root.sjq('submit', '-n', 'next', 'true');
  await expect
    .poll(async () => (await root.sjq('show', 'long', 'next')).stdout, { timeout: 20_000 })
    .toMatch(
      /^long\n {2}state {5}runs, attempt 1\n[^]* {2}PATH {6}\S+\n {2}with {6}MODE=fast\n[^]*sjq kill long\n\nnext\n {2}state {5}waits in wait-q: all 1 slot is taken\n/,
    );
});

it('show of a file that is no UOW tells what is wrong with it', async () => {
  const root = testRoot();
  root.drop('typo', 'comand :: make\n');
  const { code, stdout } = await root.sjq('show', 'typo');
  expect(code).toBe(0);
  expect(stdout).toMatch(/state {5}not a valid UOW\n[^]*problem {3}there is no ==== UNIT OF WORK title[^]*sjq check /);
});

it('a name that is not there exits 66 with the nearest ones, in every verb that takes one', async () => {
  const root = testRoot();
  root.drop('report-2026', storedUow('done exit=0 #1 2026-11-22T04:31:06Z', ''), 'done-q');
  const verbs = [['show'], ['log'], ['follow'], ['wait'], ['kill']];
  const all = await Promise.all(verbs.map((verb) => root.sjq(...verb, 'reprot-2026')));
  for (const { code, stdout, stderr } of all) {
    expect({ code, stdout }).toEqual({ code: 66, stdout: '' });
    expect(stderr).toBe(`sjq: there is no UOW reprot-2026 in ${root.dir}: did you mean report-2026?\n`);
  }
  expect((await root.sjq('show', '../config.yaml')).code).toBe(66);
});

it('a path into one of the queues names the UOW, a path elsewhere does not', async () => {
  const root = testRoot();
  root.drop('job', storedUow('done exit=0 #1 2026-11-22T04:31:06Z', 'out'), 'done-q');
  expect(await root.sjq('log', root.path('done-q/job'))).toMatchObject({ code: 0, stdout: 'out' });
  expect(await root.sjq('log', '/tmp/job')).toMatchObject({ code: 66 });
});
