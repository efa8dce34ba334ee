import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { testRoot, type TestRoot } from '../support/root.ts';

async function running(root: TestRoot, name: string): Promise<void> {
  await root.sjq('submit', '-n', name, 'sleep 60');
  await expect
    .poll(() => root.where(name)[0] === 'currently-executing' && root.status('currently-executing', name), {
      timeout: 20_000,
    })
    .toMatch(/^running/);
}

it('kill prints the answer, and --wait the end', async () => {
  const root = testRoot();
  await root.monitor();
  await running(root, 'two words');
  expect(await root.sjq('kill', '--wait', '"two words"')).toEqual({
    code: 0,
    stdout: 'ending "two words" and all its processes\n"two words" fail killed\n',
    stderr: '',
  });
  expect(root.where('two words')).toEqual(['fail-q']);
  expect(root.says()).toContain(`by=${userInfo().username} ending`);
});

it('kill without a name ends the only job that runs', async () => {
  const root = testRoot();
  await root.monitor();
  await running(root, 'job');
  expect(await root.sjq('kill', '--wait')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\njob fail killed\n$/),
  });
});

it('kill without a name where two run, or of what does not run, is refused with 1', async () => {
  const root = testRoot('slots: 2\n');
  await root.monitor();
  await running(root, 'a');
  await running(root, 'b');
  await root.sjq('submit', '-n', 'c', 'true');
  expect(await root.sjq('kill')).toMatchObject({ code: 1, stdout: '2 jobs run: write KILL JOB and the name of one\n' });
  expect(await root.sjq('kill', 'c')).toMatchObject({ code: 1, stdout: 'c does not run\n' });
});

it('kill without a monitor exits 69 and leaves no message', async () => {
  const root = testRoot();
  root.drop('job', ['command :: true']);
  const { code, stderr } = await root.sjq('kill', 'job');
  expect(code).toBe(69);
  expect(stderr).toMatch(/^sjq: no monitor runs on /);
  expect(existsSync(root.path('monitor_reads')) && readFileSync(root.path('monitor_reads'), 'utf8')).toBeFalsy();
});
