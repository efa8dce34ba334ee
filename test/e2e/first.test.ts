import { expect, it } from 'vitest';
import { testRoot } from '../support/root.ts';

it('a dropped file runs, and the file tells the story', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('hello', ['command :: echo hi']);
  await root.arrival('done-q', 'hello');
  expect(root.status('done-q', 'hello')).toMatch(/^done exit=0 #1 /);
  expect(root.log('done-q', 'hello')).toBe('hi\n');
});

it('two monitors on one root: the second says who holds it and exits 75', async () => {
  const root = testRoot();
  const first = await root.monitor();
  const second = await root.sjq('monitor');
  expect(second.code).toBe(75);
  expect(second.stderr).toContain(`pid ${first.pid}`);
});
