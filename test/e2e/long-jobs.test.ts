import { expect, it } from 'vitest';
import { testRoot } from '../support/root.ts';

it('a job that is silent for too long ends as idle, and of much output the middle is left out', async () => {
  const root = testRoot('slots: 2\noutput: append');
  await root.monitor();
  root.drop('silent', ['command :: echo up; sleep 60', 'idle-timeout :: 1s', 'grace :: 1s']);
  root.drop('loud', ['command :: seq 1 100000', 'log-max :: 10KB']);
  await root.arrival('done-q', 'loud');
  const log = root.log('done-q', 'loud');
  expect(log).toMatch(/^1\n2\n3\n[^]*\n==== LEFT OUT \d+ bytes\n[^]*\n99999\n100000\n$/);
  expect(log.length).toBeGreaterThan(10_000);
  expect(log.length).toBeLessThan(11_100);
  await root.arrival('fail-q', 'silent');
  expect(root.status('fail-q', 'silent')).toMatch(/^fail idle #1 /);
  expect(root.log('fail-q', 'silent')).toBe('up\n');
  expect(root.history().find(({ name }) => name === 'loud')).toMatchObject({ log_bytes: log.length });
}, 40_000);
