import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { everything } from '../support/everything.ts';
import { testRoot, type TestRoot } from '../support/root.ts';
import { schemaFaults } from '../support/schema.ts';

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

it('status of very many that wait is the one that the monitor posted, and with --json all of them', async ({
  skip,
}) => {
  const root = testRoot();
  await root.monitor();
  await root.sjq('say', 'PAUSE');
  for (let number = 0; number < 1500; number++) {
    const name = `${String(number)}-`.padEnd(240, 'x');
    writeFileSync(join(root.dir, 'job'), '==== UNIT OF WORK\n\ncommand :: true\n');
    renameSync(join(root.dir, 'job'), join(root.dir, 'wait-q', name));
  }
  skip(
    statSync(join(root.dir, 'wait-q')).size <= 256 * 1024,
    'this file system does not tell how large a directory is',
  );
  const posted = (): string => readFileSync(join(root.dir, 'status/status.txt'), 'utf8');
  await eventually(() => posted().includes('wait-q 1500'), { withinMs: 60_000, what: 'all are taken in and posted' });
  expect((await root.sjq('status')).stdout).toBe(posted());
  const { waiting, waiting_total: total } = JSON.parse((await root.sjq('status', '--json')).stdout);
  expect([waiting.length, total]).toEqual([1500, 1500]);
  // What the monitor before it posted is not its own.
  const json = join(root.dir, 'status/status.json');
  writeFileSync(json, readFileSync(json, 'utf8').replace(/"pid": \d+/, '"pid": 1'));
  writeFileSync(join(root.dir, 'status/status.txt'), 'of an earlier life');
  expect((await root.sjq('status')).stdout).toMatch(/^paused/);
}, 120_000);

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

/** What the monitor posted last. */
function posted(root: TestRoot): ReturnType<typeof JSON.parse> {
  return JSON.parse(readFileSync(root.path('status/status.json'), 'utf8'));
}

/** Waits until what was posted is what `status --json` says, times of looking aside; gives it. Both are as the schema says. */
async function agreed(
  root: TestRoot,
  isReached: (document: ReturnType<typeof JSON.parse>) => unknown,
): Promise<unknown> {
  return eventually(
    async () => {
      const document = JSON.parse((await root.sjq('status', '--json')).stdout);
      expect([...schemaFaults('status', document), ...schemaFaults('status', posted(root))]).toEqual([]);
      const both = [document, posted(root)].map(({ at: _at, ...rest }): unknown => rest);
      return isReached(document) && isDeepStrictEqual(both[0], both[1]) ? (document as unknown) : undefined;
    },
    { withinMs: 20_000, what: 'the posted status and the command say the same' },
  );
}

it('what a monitor posts is what status says, as the schema says, from an empty root to the monitor’s end', async () => {
  const root = testRoot('slots: 1\nsleep: 500ms\n');
  const monitor = await root.monitor();
  await agreed(root, ({ state, ended }) => state === 'serving' && ended.length === 0);
  root.drop('bad', ['command :: exit 3']);
  root.drop('two words', ['command :: true']);
  root.drop('"quoted"', ['command :: true', 'timeout :: 1h']);
  writeFileSync(root.path('odd'), '==== UNIT OF WORK\n\ncommand :: true\n');
  renameSync(root.path('odd'), Buffer.from(root.path('wait-q/caf\xe9'), 'latin1'));
  const ended = await agreed(root, (document) => document.ended.length === 4);
  expect(ended).toMatchObject({ counts: { 'done-q': 3, 'error-q': 1 }, running: [], waiting: [] });
  const names = (ended as { ended: { name: string }[] }).ended.map(({ name }) => name);
  expect(names.sort()).toEqual(['"\\"quoted\\""', '"caf\\xe9"', 'bad', 'two words']);
  root.drop('long', ['command :: echo 10 begun > "$SJQ_PROGRESS"; exec sleep 60', 'directory :: /']);
  await agreed(root, ({ running }) => running[0]?.progress?.percent === 10);
  root.drop('next', ['command :: true', 'priority :: 3']);
  root.message('PAUSE');
  const paused = await agreed(root, ({ state, waiting_total: total }) => state === 'paused' && total === 1);
  expect(paused).toMatchObject({
    ...{ alive: true, slots: 1, slots_taken: 1, monitor: { pid: monitor.pid } },
    running: [{ name: 'long', state: 'running', directory: '/', progress: { percent: 10, note: 'begun' } }],
    waiting: [{ name: 'next', queue: 'wait-q', priority: 3, held: false }],
  });
  await monitor.stop();
  expect(await agreed(root, ({ state }) => state === 'not-running')).toMatchObject({ alive: false, paused: true });
}, 60_000);

it('the posted status follows a person’s hands and a job’s progress, and nothing is written where nothing happens', async () => {
  const root = testRoot('sleep: 200ms\n');
  await root.monitor();
  root.drop('bad', ['command :: exit 3']);
  root.drop('long', [
    'command :: until [ -e go ]; do sleep 0.1; done; echo 70 nearly > "$SJQ_PROGRESS"; exec sleep 60',
  ]);
  const reached = (what: string, check: (document: ReturnType<typeof JSON.parse>) => unknown): Promise<unknown> =>
    eventually(() => check(posted(root)), { withinMs: 10_000, what });
  await reached(
    'it runs, by the posted status',
    ({ running }) => running[0]?.name === 'long' && running[0].state === 'running',
  );
  renameSync(root.path('error-q/bad'), root.path('archive/bad'));
  await reached(
    'the UOW is seen where it was moved',
    ({ counts, ended }) => counts['error-q'] === 0 && counts.archive === 1 && ended[0].queue === 'archive',
  );
  rmSync(root.path('archive/bad'));
  await reached(
    'it is seen that the UOW is gone',
    ({ counts, ended }) => counts.archive === 0 && !('queue' in ended[0]),
  );
  writeFileSync(root.path('go'), '');
  await reached('the progress is seen', ({ running }) => running[0].progress?.percent === 70);
  await eventually(() => Date.now() - statSync(root.path('status/index.html')).mtimeMs > 2000, {
    withinMs: 10_000,
    what: 'ten polls go by and nothing is written',
  });
}, 60_000);

it('the posted status says that a job runs, also when it was written before the job had started', async () => {
  const root = testRoot();
  await root.monitor();
  for (const name of ['first', 'second', 'third']) {
    // So long that the next change is posted at once, while the job is being started.
    await eventually(() => Date.now() - statSync(root.path('status/status.json')).mtimeMs > 1200, {
      withinMs: 20_000,
      what: 'the last post is more than a second old',
    });
    root.drop(name, ['command :: exec sleep 60']);
    await eventually(() => posted(root).running[0]?.state === 'running', { withinMs: 10_000, what: `${name} runs` });
    root.message(`KILL JOB ${name}`);
    await root.arrival('fail-q', name);
  }
}, 60_000);
