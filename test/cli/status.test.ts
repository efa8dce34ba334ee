import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

/** Everything that a look must not change: names, contents, times. */
function everything(dir: string): readonly unknown[] {
  return ['', ...readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
    const { mtimeMs, ctimeMs, ino, mode } = lstatSync(join(dir, name));
    const isFile = lstatSync(join(dir, name)).isFile();
    return { name, mtimeMs, ctimeMs, ino, mode, text: isFile ? readFileSync(join(dir, name), 'latin1') : '' };
  });
}

it('status without a monitor tells what stands where and why it waits, and changes nothing on disk', async () => {
  const root = testRoot('slots: 2\n');
  await root.sjq('submit', '-n', 'first', 'true');
  await root.sjq('submit', '-n', 'urgent', '-p', 'true');
  await root.sjq('submit', '-n', 'two words', '--field', 'priority=7', 'true');
  const before = everything(root.dir);
  const text = await root.sjq('status');
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(
    /^no monitor runs {3}0 of 2 slots taken {3}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n\nwait-q 2 {3}/,
  );
  expect(text.stdout).toContain('wait-q 2   priority-q 1   currently-executing 0   done-q 0   error-q 0   fail-q 0');
  // In the order in which they will start.
  expect([...text.stdout.matchAll(/^waiting +("[^"]+"|\S+)/gm)].map(([, name]) => name)).toEqual([
    'urgent',
    '"two words"',
    'first',
  ]);
  expect(text.stdout).not.toMatch(/\x1b/);
  const json = JSON.parse((await root.sjq('status', '--json')).stdout);
  expect(json).toMatchObject({ schema: 'sjq.status/1', alive: false, paused: false, slots: 2, running: [] });
  expect(json.counts).toEqual({
    ...{ 'wait-q': 2, 'priority-q': 1, 'currently-executing': 0 },
    ...{ 'done-q': 0, 'error-q': 0, 'fail-q': 0, archive: 0, trash: 0 },
  });
  expect(json.waiting[1]).toMatchObject({ name: 'two words', queue: 'wait-q', priority: 7, attempts: 0 });
  expect(everything(root.dir)).toEqual(before);
});

it('status with a monitor tells what runs and what it waits for, and changes nothing on disk', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('long', ['command :: sleep 60']);
  root.drop('next', ['command :: true']);
  const status = async (): Promise<string> => (await root.sjq('status')).stdout;
  await eventually(async () => /^running +long/m.test(await status()) && /^waiting +next/m.test(await status()), {
    withinMs: 20_000,
    what: 'status shows long as running and next as waiting',
  });
  const text = await status();
  expect(text).toMatch(/^serving {3}1 of 1 slot taken {3}/);
  expect(text).toMatch(/^waiting +next +wait-q +\S+ +all 1 slot is taken$/m);
  // The monitor may still have something to post; a look that changed the root would change it each time.
  await eventually(
    async () => {
      const before = everything(root.dir);
      const json = JSON.parse((await root.sjq('status', '--json')).stdout);
      expect(json).toMatchObject({ alive: true, running: [{ name: 'long', attempt: 1, state: 'running' }] });
      expect(json.waiting).toMatchObject([{ name: 'next', why: 'all 1 slot is taken' }]);
      return isDeepStrictEqual(everything(root.dir), before);
    },
    { withinMs: 20_000, what: 'a look at the root leaves it as it is' },
  );
  root.message('PAUSE');
  await eventually(async () => (await status()).startsWith('paused'), { withinMs: 20_000, what: 'it says paused' });
});
