import { mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { rootOf } from '../../src/cli/root-of.ts';
import { run } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';

const start = process.cwd();
const sjqRoot = process.env['SJQ_ROOT'];
afterEach(() => {
  process.chdir(start);
  if (sjqRoot === undefined) delete process.env['SJQ_ROOT'];
  else process.env['SJQ_ROOT'] = sjqRoot;
});

function makeRoot(folder: string, name: string): void {
  for (const queue of ['wait-q', 'done-q']) mkdirSync(join(folder, name, queue), { recursive: true });
}

it('the root is --root, else SJQ_ROOT, else the nearest one upward, else ./queue-root', () => {
  const folder = realpathSync(scratchFolder());
  for (const root of ['named', 'env', 'outer', 'outer/inner', 'outer/inner/beside/queue-root', 'below/queue-root'])
    makeRoot(folder, root);
  const found = (cwd: string, named?: string, env = ''): string => {
    process.chdir(join(folder, cwd));
    process.env['SJQ_ROOT'] = env;
    return rootOf(named).replace(`${folder}/`, '');
  };
  expect(found('outer/inner', join(folder, 'named'), join(folder, 'env'))).toBe('named');
  expect(found('outer/inner', undefined, join(folder, 'env'))).toBe('env');
  expect(found('outer/inner/beside')).toBe('outer/inner');
  expect(found('outer/wait-q')).toBe('outer');
  expect(found('below')).toBe('below/queue-root');
  expect(found('', 'named')).toBe('named');
});

it('--root may stand before or behind the verb, and is stronger than SJQ_ROOT', async () => {
  const folder = scratchFolder();
  makeRoot(folder, 'named');
  const env = { ...process.env, SJQ_ROOT: join(folder, 'absent') };
  for (const args of [
    ['--root', 'named', 'submit', 'true'],
    ['submit', '--root', 'named', 'true'],
  ])
    expect(await run(args, { cwd: folder, env })).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(join(folder, 'named/wait-q'))).toEqual(['true', 'true~2']);
});

it('a directory that is no root is never made one by accident', async () => {
  const folder = scratchFolder();
  for (const verb of [['monitor'], ['once'], ['status'], ['submit', 'true']]) {
    const { code, stderr } = await run([...verb, '--root', join(folder, 'typo')], { cwd: folder });
    expect({ verb, code, stderr }).toEqual({
      verb,
      code: 73,
      stderr:
        `sjq: ${folder}/typo is no queue root: make it one with sjq init ${folder}/typo, ` +
        'or name another with --root or SJQ_ROOT\n',
    });
  }
  expect(readdirSync(folder)).toEqual([]);
});
