import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('what waits for its time says so, is passed by others, and starts when it has come', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('soon', ['command :: true', 'not-before :: +2s'], 'priority-q');
  root.drop('later', ['command :: true', 'not-before :: +2h'], 'priority-q');
  root.drop('other', ['command :: true']);
  await root.arrival('done-q', 'other');
  const { stdout } = await root.sjq('show', 'later');
  expect(stdout).toMatch(/not before .*\d\d:\d\d/);
  const attempts = (): readonly Record<string, unknown>[] => root.history().filter(({ name }) => name === 'soon');
  await eventually(() => attempts().length === 1, { what: `it has run: ${root.says()}` });
  const [attempt] = attempts();
  const { enqueued_at: enqueuedAt, started_at: startedAt } = attempt ?? {};
  expect(Date.parse(String(startedAt)) - Date.parse(String(enqueuedAt))).toBeGreaterThanOrEqual(2000);
  expect(root.where('later')).toEqual(['priority-q']);
});

it('a time that cannot be read is no valid UOW, and says what to write', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('bad', ['command :: true', 'not-before :: soon', 'window :: 22-06']);
  await eventually(() => root.says().includes(' trashed bad '), { withinMs: 40_000, what: 'it is trashed' });
  expect(root.says()).toMatch(/bad content of not-before: "soon".*write \+2h.*bad content of window: "22-06"/);
});
