import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';

const places = [
  ...['archive', 'currently-executing', 'done-q', 'error-q', 'fail-q', 'flows', 'job-types', 'priority-q'],
  ...['schedules', 'trash', 'wait-q'],
];

it('init makes every directory with its README and says what to type next', async () => {
  const folder = scratchFolder();
  const { code, stdout, stderr } = await run(['init', 'jobs'], { cwd: folder });
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: `${folder}/jobs is a queue root now\n`,
    stderr: 'start its monitor with: sjq monitor --root jobs\n',
  });
  for (const place of places) {
    const packaged = join(import.meta.dirname, '../../queue-root', place, 'README');
    expect(readFileSync(join(folder, 'jobs', place, 'README'), 'utf8')).toBe(readFileSync(packaged, 'utf8'));
  }
});

it('init again keeps what is there and brings back what is missing', async () => {
  const folder = scratchFolder();
  const at = (...parts: string[]): string => join(folder, ...parts);
  await run(['init', folder]);
  writeFileSync(at('wait-q', 'mine'), 'my file');
  writeFileSync(at('wait-q', 'README'), 'my words');
  writeFileSync(at('config.yaml'), 'slots: 3\n');
  rmSync(at('error-q'), { recursive: true });
  const again = await run(['init', folder]);
  expect(again).toMatchObject({ code: 0, stdout: `${folder} is a queue root now\n` });
  expect(readFileSync(at('wait-q', 'mine'), 'utf8')).toBe('my file');
  expect(readFileSync(at('wait-q', 'README'), 'utf8')).toBe('my words');
  expect(readFileSync(at('config.yaml'), 'utf8')).toBe('slots: 3\n');
  expect(readdirSync(at('error-q'))).toEqual(['README']);
  expect(await run(['init', folder])).toMatchObject({ code: 0, stdout: `${folder} was a queue root already\n` });
});

it('init takes the names of the queues from a config.yaml that is there', async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'config.yaml'), 'queues: {wait: todo}\n');
  expect(await run(['init', folder])).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, 'todo/README'))).toBe(true);
  expect(existsSync(join(folder, 'wait-q'))).toBe(false);
});

it('init where no root can be says why, without a stack trace', async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'file'), '');
  const onFile = await run(['init', join(folder, 'file')]);
  expect(onFile.code).toBe(73);
  expect(onFile.stderr).toMatch(/^sjq: .*\/file.*: a part of the path is no directory \(ENOTDIR\): check the path\n$/);
  writeFileSync(join(folder, 'config.yaml'), 'slots: many\n');
  const badConfig = await run(['init', folder]);
  expect(badConfig.code).toBe(78);
  expect(badConfig.stderr).toContain('config.yaml');
  mkdirSync(join(folder, 'empty'));
  expect((await run(['init'], { cwd: join(folder, 'empty') })).code).toBe(64);
  expect(readdirSync(join(folder, 'empty'))).toEqual([]);
});
