import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testRoot } from '../support/root.ts';

it('what has waited longer than its ttl ends without having begun, where on-expire says; a rerun waits anew', async () => {
  const root = testRoot();
  await root.monitor();
  root.message('PAUSE');
  root.drop('late', ['command :: touch ran', 'ttl :: 1s', 'on-fail :: touch told']);
  root.drop('unneeded', ['command :: touch ran', 'ttl :: 1s', 'on-expire :: skip', 'finally :: touch ran']);
  root.drop('worthless', ['command :: touch ran', 'ttl :: 1s', 'on-expire :: trash']);
  await root.arrival('fail-q', 'late');
  await root.arrival('done-q', 'unneeded');
  await root.arrival('trash', 'worthless');
  expect(root.status('fail-q', 'late')).toMatch(/^fail expired #1 \S+$/);
  expect(root.status('done-q', 'unneeded')).toMatch(/^skipped expired #1 \S+$/);
  expect(root.status('trash', 'worthless')).toMatch(/^cancelled expired #1 \S+$/);
  const told = root.history().find(({ name }) => name === 'late');
  expect(told).toMatchObject({ kind: 'attempt', outcome: 'fail', reason: 'expired' });
  expect(told).not.toHaveProperty('started_at');
  expect([existsSync(root.path('told')), existsSync(root.path('ran'))]).toEqual([true, false]);
  root.message('RESUME');
  root.message('RETRY late');
  await root.arrival('done-q', 'late');
});
