import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('a second UOW with the key of one that waits or runs is refused by submit, and goes to trash if it is dropped', async () => {
  const root = testRoot();
  await root.monitor();
  const submit = ['submit', '--field', 'unique=report', '--name'];
  const wait = 'until [ -e go ]; do sleep 0.05; done';
  expect((await root.sjq(...submit, 'one', '--', wait)).code).toBe(0);
  await eventually(() => root.where('one').includes('currently-executing'), { what: 'it runs' });
  const second = await root.sjq(...submit, 'two', '--', 'true');
  expect([second.code, second.stdout]).toEqual([1, '']);
  expect(second.stderr).toContain('duplicate of one');
  root.drop('three', ['command :: true', 'unique :: report']);
  await root.arrival('trash', 'three');
  await eventually(() => / trashed three .*duplicate of one/.test(root.says()), { what: 'it is said' });
  await root.sjq('kill', 'one');
  await root.arrival('fail-q', 'one');
  expect((await root.sjq(...submit, 'four', '--', 'true')).code).toBe(0);
  await root.arrival('done-q', 'four');
});
