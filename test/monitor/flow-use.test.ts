// Flows in flows, in played worlds: the real monitor on real files, its jobs played.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Playground, playground, removePlaygrounds } from '../support/calls/playground.ts';
import { queueNames } from '../support/root.ts';

afterAll(removePlaygrounds);

const section = (name: string, ...lines: readonly string[]): string =>
  ['', `==== UNIT OF WORK ${name}`, '', ...lines, ''].join('\n');
const job = (name: string, ...lines: readonly string[]): string => section(name, 'command :: true', ...lines);

const inner = `${job('x', 'enabled :: no')}${job('y', 'after :: x')}${job('tell', 'after-not-ok :: y')}`;
const outer = `${job('a')}${section('in', 'use :: inner', 'after :: a')}${job('z', 'after :: in')}${job('mourn', 'after-not-ok :: in')}`;

interface World extends Playground {
  readonly exit: Record<string, number>;
  readonly put: (place: string, text: string) => void;
  readonly status: (flow: string) => string;
  readonly started: () => readonly string[];
  readonly where: (name: string) => string | undefined;
}

function world(): World {
  const exit: Record<string, number> = {};
  const root = playground({ config: 'slots: 3\ndurability: process', exit });
  mkdirSync(root.path('schedules'), { recursive: true });
  const put = (place: string, text: string): void => writeFileSync(root.path(place), text);
  put('schedules/inner', inner);
  return {
    ...{ ...root, exit, put },
    status: (flow) =>
      /^==== STATUS\n\n(\S+ .*? done) \S+ *$/m.exec(readFileSync(root.path('flows', flow), 'latin1'))?.[1] ?? 'none',
    started: () => root.guardians.starts.map(({ name }) => name),
    where: (name) => queueNames.find((queue) => existsSync(join(root.dir, queue, name))),
  };
}

it('a flow in a flow runs when that comes to it, and is over for those that wait for it though one of it was not needed', async () => {
  const root = world();
  root.put('wait-q/f', outer);
  await root.quiet();
  expect(root.started()).toEqual(['f.a', 'f.in.x', 'f.in.y', 'f.z']);
  // Neither the one that was to tell of an error nor the one that was to mourn was needed.
  expect(root.status('f')).toBe('done 4 of 6 done');
  expect(readFileSync(root.path('done-q/f.in.y'), 'utf8')).toContain('after :: in.x\nflow :: f\n');
});

it('one that cannot go on because one of it ended badly has ended badly, until that is run again', async () => {
  const root = world();
  root.exit['f.in.x'] = 1;
  root.put('wait-q/f', outer.replace('after :: in', 'after :: in\nretries :: 0'));
  root.put('schedules/inner', inner.replace('after-not-ok :: y', 'after :: y'));
  await root.quiet();
  expect(root.started()).toEqual(['f.a', 'f.in.x', 'f.mourn']);
  expect(root.status('f')).toBe('blocked 2 of 6 done');
  delete root.exit['f.in.x'];
  root.message('RETRY f.in.x');
  await root.quiet();
  expect(root.started().slice(3)).toEqual(['f.in.x', 'f.in.y', 'f.in.tell', 'f.z']);
  expect(root.status('f')).toBe('done 6 of 6 done');
});

it('a flow whose inner one is held is blocked; both go on over a restart, without the template that was used', async () => {
  const root = world();
  root.message('PAUSE');
  root.put('wait-q/f', outer);
  root.drop('wait-q', 'outside', 'O', 'after-any :: f.in');
  await root.quiet();
  root.message('HOLD f.in.x');
  root.message('RESUME');
  await root.quiet();
  expect(root.started()).toEqual(['f.a']);
  expect(root.status('f')).toBe('blocked 1 of 6 done');
  rmSync(root.path('schedules/inner'));
  // Its name is its own, though no file has it.
  root.drop('wait-q', 'f.in', 'X', 'after-any :: f.in');
  root.message('RELEASE f.in.x');
  await root.quiet();
  expect(root.started().toSorted()).toEqual(['f.a', 'f.in.x', 'f.in.y', 'f.in~2', 'f.z', 'outside'].toSorted());
  expect(root.status('f')).toBe('done 4 of 6 done');
});

it('refuses one that uses what is not there, and names the line', async () => {
  const root = world();
  root.put('wait-q/f', outer.replace('use :: inner', 'use :: nosuch'));
  root.put('schedules/self', section('again', 'use :: self'));
  root.put('wait-q/g', section('in', 'use :: self'));
  await root.quiet();
  const said = readFileSync(root.path('monitor_says'), 'utf8');
  expect(said).toMatch(/ trashed f .*line 8: there is no schedules\/nosuch to use/);
  expect(said).toMatch(/ trashed g .*line 4: schedules\/self: a circle: self uses self/);
  // A template that says that it is off need not say when.
  expect(said).not.toContain(' refused inner ');
  expect(root.where('f')).toBe('trash');
});
