import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, uowText } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = scratchFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

it('check names file and line of every problem and exits 65', async () => {
  const cwd = folderOf({
    good: uowText('command :: true'),
    bad: uowText('command :: true', 'timeout :: soon', 'nonsense'),
    'odd name': 'hello\n',
  });
  const { code, stdout } = await run(['check', 'good', 'bad', 'odd name'], { cwd });
  expect(code).toBe(65);
  expect(stdout.split('\n')).toEqual([
    'good: ok',
    'bad:4: bad content of timeout: "soon": write a duration such as 90, 90s, 15m, 2h, 1d or 1h30m',
    expect.stringMatching(/^bad:5: not a header line: "nonsense": write NAME :: CONTENT/),
    expect.stringMatching(/^"odd name": there is no ==== UNIT OF WORK title/),
    '',
  ]);
});

it('check warns of fields that are not acted on yet and of names that are nearly right, and exits 0', async () => {
  const cwd = folderOf({ uow: uowText('command :: true', 'hosts :: all', 'tiemout :: 2h', 'customer :: 7') });
  const { code, stdout } = await run(['check', 'uow'], { cwd });
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'uow:4: warning: hosts is not acted on by this version: it is kept; do not rely on it yet',
    'uow:5: warning: unknown field tiemout: did you mean timeout? As it stands, the job gets it as SJQ_TIEMOUT',
    'uow:6: warning: unknown field customer: the job gets it as SJQ_CUSTOMER',
    'uow: ok',
    '',
  ]);
});

it('check says which files it cannot read and exits 66, and passes over what the monitor does not look at', async () => {
  const cwd = folderOf({ README: 'words', 'uow~': 'half', uow: uowText('command :: true') });
  mkdirSync(join(cwd, 'dir'));
  const ignored = await run(['check', 'README', 'uow~', 'uow'], { cwd });
  expect(ignored.code).toBe(0);
  expect(ignored.stdout).toBe(
    'README: ignored: the monitor does not look at a file of this name\n' +
      'uow~: ignored: the monitor does not look at a file of this name\nuow: ok\n',
  );
  const absent = await run(['check', 'absent', 'dir', 'uow'], { cwd });
  expect(absent.code).toBe(66);
  expect(absent.stdout).toBe(
    'absent: no such file: name a plain text file\ndir: not a regular file: name a plain text file\nuow: ok\n',
  );
});

it('check knows a schedule by what it says of its times, or by where it stands', async () => {
  const cwd = folderOf({
    bad: uowText('schedule :: 61 * * * *', 'command :: true'),
    good: uowText('every :: 1h', 'overlap :: allow', 'colour :: red', 'command :: true'),
  });
  mkdirSync(join(cwd, 'schedules'));
  writeFileSync(join(cwd, 'schedules/never'), uowText('command :: true'));
  const { code, stdout } = await run(['check', 'bad', 'good', 'schedules/never'], { cwd });
  expect(code).toBe(65);
  expect(stdout).toMatch(/^bad:\d+: not a cron expression: /m);
  expect(stdout).toMatch(/^good:\d+: warning: unknown field colour: .*\ngood: ok, a schedule$/m);
  expect(stdout).not.toMatch(/field (overlap|every)/);
  expect(stdout).toMatch(/^schedules\/never:\d*:? ?/m);
  expect(stdout).not.toMatch(/schedules\/never: ok/);
});

it('check --json says the same to programs', async () => {
  const cwd = folderOf({ bad: uowText('priority :: 1'), good: uowText('command :: true', 'hosts :: all') });
  const { code, stdout } = await run(['check', '--json', 'bad', 'good'], { cwd });
  expect(code).toBe(65);
  expect(JSON.parse(stdout)).toEqual({
    schema: 'sjq.check/1',
    files: [
      {
        file: 'bad',
        kind: 'invalid',
        problems: [{ line: 1, message: 'there is neither a command nor a job', remedy: expect.any(String) as string }],
        warnings: [],
      },
      { file: 'good', kind: 'uow', problems: [], warnings: [expect.objectContaining({ line: 4 })] },
    ],
  });
});
