import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { schedulesFromCrontab } from '../../src/format/crontab.ts';
import { run, testRoot, uowText } from '../support/root.ts';
import { schemaFaults } from '../support/schema.ts';

const crontab = [
  'MAILTO=ops@example.com',
  'CRON_TZ=Europe/Berlin',
  'PATH="/usr/local/bin:/usr/bin"',
  '# a comment',
  '0 7 * * mon-fri root /usr/local/bin/backup --all',
  '@daily nobody mail -s \\%d ops%one%it’s two',
  '@reboot root start',
  '5/10 * * * * root x',
  '0 0 */2 * 1 root /usr/local/bin/backup',
].join('\n');

it('a file of /etc/cron.d becomes schedules, and what is different is said by its line', () => {
  const { schedules, remarks } = schedulesFromCrontab(crontab, { isSystem: true });
  expect(schedules.map(({ name }) => name)).toEqual(['backup', 'mail', 'backup-2']);
  expect(schedules[0]?.text).toBe(
    uowText(
      'schedule :: 0 7 * * mon-fri',
      'timezone :: Europe/Berlin',
      'user :: root',
      'env.PATH :: /usr/local/bin:/usr/bin',
      'command :: /usr/local/bin/backup --all',
    ),
  );
  expect(schedules[1]?.text).toContain(`command :: printf '%s\\n' 'one' 'it’s two' | { mail -s %d ops; }`);
  expect(remarks.map(({ line, text }) => `${line} ${text.split(' ', 3).join(' ')}`)).toEqual([
    '1 MAILTO is not',
    '5 runs as root',
    '6 runs as nobody',
    '7 @reboot is no',
    '8 not a cron',
    '9 cron wants both',
    '9 runs as root',
  ]);
});

it('says where a line of cron is fired on other days, or has no zone', () => {
  const days = ['0 9 1-7 * */7 a', '0 9 */2 * */2 b', '0 9 1-7 * mon c', '0 9 */2 * * d', '0 9 * * */2 e'];
  const zones = ['CRON_TZ=Nowhere/X', '@daily f', 'CRON_TZ=', '@daily g'];
  const { schedules, remarks } = schedulesFromCrontab([...days, ...zones].join('\n'), { isSystem: false });
  const both = 'cron wants both the day and the day of the week here; a schedule is fired on either';
  expect(remarks).toEqual([
    { line: 1, text: both },
    { line: 2, text: both },
    { line: 7, text: 'no zone Nowhere/X: write one such as Europe/Berlin in CRON_TZ' },
  ]);
  expect(schedules.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'g']);
  expect(schedules.at(-1)?.text).toBe(uowText('schedule :: @daily', 'command :: g'));
});

it('an export says what cron cannot, and has no line of what would not be the same job', async () => {
  const root = testRoot();
  mkdirSync(root.path('schedules'));
  const write = (name: string, ...lines: readonly string[]): void =>
    writeFileSync(root.path(`schedules/${name}`), uowText('schedule :: 0 5 * * *', 'timezone :: UTC', ...lines));
  write('job', 'job :: backup');
  write('limited', 'directory :: /srv', 'timeout :: 5m', 'command :: ./go');
  write('off', 'enabled :: no', 'command :: echo off');
  write('script', 'command :: cd /srv', 'command :: ./go');
  expect((await run(['schedule', 'export', '--root', root.dir])).stdout.split('\n')).toEqual([
    '# job: a job type is not for cron',
    '# limited',
    '# limited: not for cron: directory, timeout',
    'CRON_TZ=UTC',
    '0 5 * * * ./go',
    '# off: enabled :: no',
    '# script: a command of several lines is not for cron',
    '',
  ]);
});

it('a schedule is named after the program that its line is about, not after the test before it', () => {
  const commands = [
    'test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }',
    '[ -d /srv ] && /opt/x/sweep',
    'cd /srv && ./clean.sh',
    '{ true; }',
  ];
  const { schedules } = schedulesFromCrontab(commands.map((command) => `@daily ${command}`).join('\n'), {
    isSystem: false,
  });
  expect(schedules.map(({ name }) => name)).toEqual(['run-parts', 'sweep', 'clean.sh', 'true']);
});
it('sjq schedule next counts what repeat leaves, and says where it stops', async () => {
  const root = testRoot();
  mkdirSync(root.path('schedules'));
  const put = (name: string, ...lines: readonly string[]): void =>
    writeFileSync(root.path('schedules', name), `==== UNIT OF WORK\n\n${lines.join('\n')}\ncommand :: true\n`);
  put('thrice', 'every :: 1d', 'repeat :: 3');
  const few = await run(['schedule', 'next', '--days', '30', '--root', root.dir]);
  expect(few.stdout.trim().split('\n')).toHaveLength(3);
  expect(few.stderr).toBe('');
  mkdirSync(root.path('.sjq/fired'), { recursive: true });
  const fired = { rule: '', after: 0, count: 2, isDisabled: false, firing: [] };
  writeFileSync(root.path('.sjq/fired/thrice'), JSON.stringify(fired));
  expect((await run(['schedule', 'next', '--root', root.dir])).stdout.trim().split('\n')).toHaveLength(1);
  put('often', 'every :: 1m');
  const many = await run(['schedule', 'next', '--days', '30', '--root', root.dir]);
  expect(many.stdout.trim().split('\n')).toHaveLength(1001);
  expect(many.stderr).toMatch(/often: only its first 1000 times are shown/);
});

it('sjq schedule imports a crontab, lists it, tells what comes next and exports it', async () => {
  const root = testRoot();
  mkdirSync(root.path('schedules'));
  const sjq = async (...args: readonly string[]): ReturnType<typeof run> =>
    run(['schedule', ...args, '--root', root.dir]);
  const file = root.path('tab');
  writeFileSync(file, 'CRON_TZ=Europe/Berlin\n30 2 * * * /bin/nightly\n');
  expect(await sjq('import', file)).toEqual({ code: 0, stdout: 'nightly\n', stderr: '' });
  expect(readdirSync(root.path('schedules'))).toEqual(['nightly']);
  expect(readFileSync(root.path('schedules/nightly'), 'utf8')).toContain('schedule :: 30 2 * * *');
  expect((await sjq('import', file)).code).toBe(1);
  expect((await sjq('ls')).stdout).toBe('nightly  30 2 * * *  \n');
  const next = await sjq('next', '--days', '3');
  expect(next.stdout).toMatch(/^(20\d\d-\d\d-\d\dT0[23]:[03]0:00\+0[12]:00 {2}nightly\n){2,4}$/);
  const changes = JSON.parse((await sjq('next', '--days', '366', '--dst', '--json')).stdout) as { times: unknown[] };
  expect(changes.times).toHaveLength(2);
  expect(schemaFaults('schedule-next', changes)).toEqual([]);
  expect(schemaFaults('schedule-next', { ...changes, times: [{ name: 'x', at: 'now', local: '' }] })).toHaveLength(2);
  expect((await sjq('export')).stdout).toBe(
    '# nightly\n# nightly: not for cron: directory\nCRON_TZ=Europe/Berlin\n30 2 * * * /bin/nightly\n',
  );
  const flow = '==== UNIT OF WORK a\ncommand :: true\nevery :: 1h\n==== UNIT OF WORK b\ncommand :: true\n';
  writeFileSync(root.path('schedules/of-two'), flow);
  expect((await sjq('export')).stdout).toContain('# of-two: a flow is not for cron\n');
  writeFileSync(root.path('schedules/bad'), uowText('schedule :: 61 * * * *', 'command :: true'));
  const listed = JSON.parse((await sjq('ls', '--json')).stdout) as { schedules: readonly object[] };
  expect(schemaFaults('schedules', listed)).toEqual([]);
  expect(listed.schedules).toMatchObject([
    { name: 'bad', problems: [expect.stringMatching(/^line 3: not a cron expression/) as string] },
    { name: 'nightly', crons: ['30 2 * * *'], every_ms: [], timezone: 'Europe/Berlin', command: '/bin/nightly' },
    { name: 'of-two', crons: [], every_ms: [3_600_000], flow: true },
  ]);
  const bare = { ...listed.schedules[1], crons: undefined };
  expect(schemaFaults('schedules', JSON.parse(JSON.stringify({ ...listed, schedules: [bare] })))).not.toEqual([]);
  writeFileSync(root.path('schedules/often'), uowText('every :: 10m', 'timezone :: Europe/Berlin', 'command :: true'));
  const { stdout } = await sjq('next', '--days', '366', '--dst');
  expect(stdout.match(/often/g)).toHaveLength(2);
  expect((await sjq('fire', 'nightly')).code).toBe(69);
});
