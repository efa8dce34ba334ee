import { expect, it } from 'vitest';
import { testRoot } from '../support/root.ts';

it('a result stands in log, history and show; one that is no JSON makes an error and is kept as it was', async () => {
  const root = testRoot('slots: 3');
  await root.monitor();
  root.drop('good', ['command :: echo out; echo \'{"rows": [3, "two"]}\' > "$SJQ_RESULT"']);
  root.drop('bad', ['command :: printf "{no\\0 JSON\\n" > "$SJQ_RESULT"']);
  root.drop('latin', ['command :: printf \'"\\344"\' > "$SJQ_RESULT"']);
  root.drop('long', [`command :: printf '"%5000s"' x > "$SJQ_RESULT"`]);
  await root.arrival('done-q', 'good');
  await root.arrival('error-q', 'bad');
  await root.arrival('error-q', 'latin');
  await root.arrival('done-q', 'long');
  expect(root.status('error-q', 'bad')).toMatch(/^error bad-result #1 /);
  expect(root.log('error-q', 'bad')).toBe('\n==== BAD RESULT 10 bytes\n{no\0 JSON\n');
  expect(root.log('error-q', 'latin')).toMatch(/^\n==== BAD RESULT 3 bytes\n/);
  await expect.poll(() => root.history().filter(({ kind }) => kind === 'attempt').length).toBe(4);
  const resultOf = (of: string): unknown => root.history().find(({ name }) => name === of)?.['result'];
  expect(resultOf('good')).toMatchObject({ rows: [3, 'two'] });
  expect([resultOf('bad'), resultOf('long')]).toEqual([undefined, undefined]);
  expect(root.log('done-q', 'long')).toMatch(/^\n==== RESULT " {4999}x"\n$/);
  expect((await root.sjq('show', 'good')).stdout).toMatch(/\n {2}result {4}\{"rows":\[3,"two"\]\}\n/);
}, 40_000);
