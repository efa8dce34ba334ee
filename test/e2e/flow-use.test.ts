import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('a flow that uses another one is refused with the line, or taken in with all of it, over a kill and a changed template', async () => {
  const root = testRoot('slots: 4\n');
  const section = (name: string, ...lines: readonly string[]): string =>
    ['', `==== UNIT OF WORK ${name}`, '', ...lines, ''].join('\n');
  const job = (name: string, ...lines: readonly string[]): string =>
    section(name, `directory :: ${root.dir}`, `command :: echo ${name} >> seen`, ...lines);
  mkdirSync(root.path('schedules'), { recursive: true });
  const template = `${job('x', 'enabled :: no')}${job('y', 'array :: 1-40', 'after :: x')}${job('never', 'after-not-ok :: x')}`;
  writeFileSync(root.path('schedules/inner'), template);
  const outer = `${job('a')}${section('in', 'use :: inner', 'after :: a')}${job('z', 'after :: in')}`;
  writeFileSync(root.path('bad'), outer.replace('use :: inner', 'use :: nosuch'));
  writeFileSync(root.path('f'), outer);
  for (const args of [['check'], ['submit', '-f']]) {
    const refused = await root.sjq(...args, root.path('bad'));
    expect(refused.code).toBe(65);
    expect(refused.stdout + refused.stderr).toMatch(/bad:9: there is no schedules\/nosuch to use/);
  }
  expect((await root.sjq('check', root.path('f'))).code).toBe(0);
  const killed = await root.monitor();
  expect((await root.sjq('submit', '-f', root.path('f'))).stdout).toBe('f\n');
  await eventually(() => existsSync(root.path('flows/f')), { what: 'it is being taken in' });
  await killed.crash();
  writeFileSync(root.path('schedules/inner'), job('other', 'enabled :: no'));
  await root.monitor();
  await eventually(() => root.list('done-q').includes('f.z'), {
    withinMs: 60_000,
    what: 'all that was needed is done',
  });
  const seen = readFileSync(root.path('seen'), 'utf8').trim().split('\n');
  expect([seen.slice(0, 2), seen.slice(2, -1).join(' '), seen.at(-1)]).toEqual([
    ['a', 'x'],
    Array.from({ length: 40 }, () => 'y').join(' '),
    'z',
  ]);
  const { stdout } = await root.sjq('flow', 'f');
  expect(stdout).toMatch(/^f {2}done, 43 of 44 done$/m);
  expect(stdout).toMatch(/└─ in +41 of 42 done {2}\(after in\.never\)\n[ │]+└─ z +done exit=0$/m);
});
