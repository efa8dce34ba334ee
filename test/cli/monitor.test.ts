import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { lockRoot } from '../../src/system/lock.ts';
import { bytes } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { run, testRoot } from '../support/root.ts';

it('the monitor greets with what to type next, says its notices on stderr too, and ends with 0 at TERM', async () => {
  const root = testRoot();
  const monitor = await root.monitor();
  await eventually(() => monitor.stderr().includes('Ctrl-C'), { what: 'the greeting is there' });
  expect(monitor.stderr()).toContain(`The monitor serves ${root.dir}. In another terminal:\n`);
  // What it says can be typed: each line of it but tail -f, which stays.
  const lines = [...monitor.stderr().matchAll(/^ {2}(\S.*?) {3}/gm)].map(([, line]) => line ?? '');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['cp', 'tail', 'cat', 'echo']);
  expect(lines[0]).toBe(`cp examples/hello ${root.dir}/wait-q/`);
  root.drop('hello', ['command :: true']);
  await eventually(() => /Z ended hello outcome=done/.test(monitor.stderr()), { withinMs: 20_000, what: 'hello ends' });
  monitor.child.kill('SIGTERM');
  expect(await monitor.ended).toBe(0);
  // stderr holds what monitor_says holds.
  expect(
    monitor
      .stderr()
      .split('\n')
      .filter((line) => /^\d{4}-.*Z /.test(line)),
  ).toEqual(root.says().trimEnd().split('\n'));
});

it('elsewhere than in the repository it greets with a command that needs no example, and -q says nothing', async () => {
  const root = testRoot();
  const cwd = dirname(root.dir);
  writeFileSync(root.path('monitor_reads'), 'SHUTDOWN\n');
  const greeted = await run(['monitor', '--root', 'root'], { cwd });
  expect(greeted.code).toBe(0);
  expect(greeted.stdout).toBe('');
  expect(greeted.stderr).toContain(
    [
      'The monitor serves root. In another terminal:',
      "  sjq submit --root root -n hello 'echo hello'   drop a job",
      '  tail -f root/monitor_says                      watch what happens',
      '  cat root/done-q/hello                          read how it went',
      '  echo HELP >> root/monitor_reads                ask what it can do',
      '',
    ].join('\n'),
  );
  writeFileSync(root.path('monitor_reads'), 'SHUTDOWN\n');
  expect(await run(['monitor', '-q'], { cwd: root.path('wait-q') })).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('a bad config.yaml is refused at the start with file, line and exit 78', async () => {
  const root = testRoot('sleep: 30s\nslots: many\nslotz: 2\n');
  for (const [verb = '', ...args] of [['monitor'], ['submit', 'true']]) {
    const { code, stderr } = await root.sjq(verb, ...args);
    expect({ verb, code }).toEqual({ verb, code: 78 });
    expect(stderr).toMatch(/config\.yaml.*2.*slots[^]*config\.yaml.*3.*slotz/);
  }
  expect(root.list('wait-q')).toEqual([]);
});

it('a status directory that is one of its queues is refused at the start, also by its whole path and through a symlink', async () => {
  const root = testRoot();
  writeFileSync(root.path('config.yaml'), `slots: 2\nstatus: {dir: ${root.path('done-q')}}\n`);
  const link = `${root.dir}-link`;
  symlinkSync(root.dir, link);
  for (const dir of [root.dir, link]) {
    const { code, stderr } = await run(['monitor', '--root', dir]);
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /config\.yaml: line 2: status\.dir is named ".*\/done-q", which is the name of queues\.done/,
    );
  }
  expect(root.list('done-q')).toEqual([]);
});

it('while a monitor holds the root, another one and once exit 75 and say how to end the first', async () => {
  const root = testRoot();
  const first = await root.monitor();
  for (const verb of ['monitor', 'once']) {
    const { code, stdout, stderr } = await root.sjq(verb);
    expect({ verb, code, stdout }).toEqual({ verb, code: 75, stdout: '' });
    expect(stderr).toContain(`is held by the monitor with pid ${first.pid} `);
    expect(stderr).toContain(`echo SHUTDOWN >> ${root.dir}/monitor_reads`);
  }
});

it('while another program holds the root, once does not name the monitor that was there last', async () => {
  const root = testRoot();
  await root.sjq('once', '-q');
  const lock = await lockRoot(bytes(root.dir));
  const { code, stderr } = await root.sjq('once');
  if (lock.kind === 'held') lock.release();
  expect(code).toBe(75);
  expect(stderr).toContain('is held by no monitor, but by another program (sjq doctor --fix?): try again');
});

it('once serves the queue, retries nothing, ends by itself, and a paused queue stays as it is', async () => {
  const root = testRoot();
  mkdirSync(join(root.dir, 'job-types'));
  root.drop('good', ['command :: echo hi']);
  root.drop('bad', ['command :: exit 3']);
  root.drop('urgent', ['command :: true'], 'priority-q');
  const { code, stdout, stderr } = await root.sjq('once');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect([...stderr.matchAll(/ started (\S+)/g)].map(([, name]) => name)[0]).toBe('urgent');
  expect(root.list('done-q')).toEqual(['good', 'urgent']);
  expect(root.status('error-q', 'bad')).toMatch(/^error exit=3 #1 /);
  root.message('PAUSE');
  root.drop('later', ['command :: true']);
  expect(await root.sjq('once', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(root.list('wait-q')).toEqual(['later']);
});
