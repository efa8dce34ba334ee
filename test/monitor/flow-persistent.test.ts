// Flows that others join, in played worlds: the real monitor on real files, its jobs played.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { type Playground, playground, removePlaygrounds } from '../support/calls/playground.ts';

afterAll(removePlaygrounds);

const open = '==== UNIT OF WORK own\n\npersistent :: yes\ncommand :: true\n';

interface World extends Playground {
  readonly exit: Record<string, number>;
  readonly status: () => string;
  readonly started: () => readonly string[];
}

/** Each `quiet` is a life of its own. */
function world(): World {
  const exit: Record<string, number> = {};
  const root = playground({ config: 'slots: 3\ndurability: process', exit });
  writeFileSync(root.path('wait-q/f'), open);
  return {
    ...{ ...root, exit },
    status: () =>
      /^==== STATUS\n\n(\S+ .*? done) \S+ *$/m.exec(readFileSync(root.path('flows/f'), 'latin1'))?.[1] ?? 'none',
    started: () => root.guardians.starts.map(({ name }) => name),
  };
}

it('a persistent flow is open until it is closed, over restarts; those that have joined have ended by then', async () => {
  const root = world();
  root.drop('wait-q', 'behind', 'B', 'after :: f');
  await root.quiet();
  expect(root.status()).toBe('running 1 of 1 done');
  root.drop('wait-q', 'one', 'ONE', 'flow :: f', 'after :: own');
  await root.quiet();
  expect(root.started()).toEqual(['f.own', 'one']);
  // Ended well, it counts no more.
  expect(root.status()).toBe('running 1 of 1 done');
  root.message('CLOSE FLOW f');
  await root.quiet();
  expect(root.status()).toBe('done closed 1 of 1 done');
  expect(root.started().at(-1)).toBe('behind');
  expect(readFileSync(root.path('monitor_says'), 'utf8')).toMatch(/ flow f is=done done=1 of=1/);
});

it('what joined and waits is waited for when the flow is closed, under another name too; what comes then does not join', async () => {
  const root = world();
  root.drop('wait-q', 'early', 'E', 'flow :: f');
  root.drop('wait-q', 'behind', 'B', 'after :: f');
  root.message('PAUSE');
  await root.quiet();
  expect(root.status()).toBe('running 0 of 2 done');
  root.message('HOLD early');
  root.message('RESUME');
  await root.quiet();
  expect(root.status()).toBe('blocked 1 of 2 done');
  root.message('CLOSE FLOW f');
  await root.quiet();
  expect(root.status()).toBe('blocked closed 1 of 2 done');
  renameSync(root.path('wait-q/early'), root.path('wait-q/renamed'));
  root.drop('wait-q', 'late', 'L', 'flow :: f', 'after :: nobody');
  await root.quiet();
  expect(root.status()).toBe('blocked closed 1 of 2 done');
  root.message('RELEASE renamed');
  await root.quiet();
  expect(root.status()).toBe('done closed 1 of 1 done');
  expect(root.started()).toEqual(['f.own', 'renamed', 'behind']);
});

it('one that joined and ended badly counts until it is run again, or cancelled before it runs', async () => {
  const root = world();
  root.exit['bad'] = 1;
  await root.quiet();
  root.drop('wait-q', 'bad', 'BAD', 'flow :: f');
  root.drop('wait-q', 'never', 'N', 'flow :: f', 'after :: bad');
  await root.quiet();
  expect(root.status()).toBe('blocked 1 of 3 done');
  root.message('CLOSE FLOW f');
  root.message('CANCEL never');
  await root.quiet();
  expect(root.status()).toBe('blocked closed 1 of 2 done');
  delete root.exit['bad'];
  root.message('RETRY bad');
  await root.quiet();
  expect(root.status()).toBe('done closed 1 of 1 done');
});

it('closes no flow that is not persistent, and none that is not there', async () => {
  const root = world();
  writeFileSync(
    root.path('wait-q/f'),
    '==== UNIT OF WORK own\n\ncommand :: true\nafter-any :: x\n\n==== UNIT OF WORK x\n\ncommand :: true\n',
  );
  root.message('PAUSE');
  await root.quiet();
  root.message('CLOSE FLOW f');
  root.message('CLOSE FLOW g');
  await root.quiet();
  const said = readFileSync(root.path('monitor_says'), 'utf8');
  expect(said).toContain('f is not persistent: it is done when its UOWs are');
  expect(said).toContain('there is no flow named g that is not done');
});

it('persistent in another section than the first is refused with the line', async () => {
  const root = world();
  writeFileSync(root.path('wait-q/f'), `==== UNIT OF WORK a\n\ncommand :: true\n\n${open}`);
  await root.quiet();
  expect(readFileSync(root.path('monitor_says'), 'utf8')).toMatch(
    / trashed f .*line 7: persistent in another section than the first/,
  );
});
