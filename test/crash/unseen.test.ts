// What people did while nobody looked: no hint came, no monitor lived, or the clock went back. Found by the model
// (test/crash/model.test.ts), each here as the state that it leaves.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Behaviour, type FakeGuardians, fakeGuardians } from '../support/fake-guardians.ts';
import { type QueueName, queueNames, uowText } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type Session, startSession } from '../support/session.ts';

interface Playground {
  readonly guardians: FakeGuardians;
  readonly session: Session;
  readonly drop: (queue: QueueName, name: string) => void;
  readonly move: (from: string, to: string) => void;
  /** Sets its mtime. */
  readonly date: (path: string, ms: number) => void;
  /** As `cp -p`. */
  readonly copy: (from: string, to: string) => void;
  readonly read: (path: string) => string;
  readonly write: (path: string, text: string) => void;
  /** Everything in the queues, as `queue/name`. */
  readonly places: () => readonly string[];
}

function playground(behaviour: Behaviour): Playground {
  const dir = scratchFolder();
  for (const queue of queueNames) mkdirSync(join(dir, queue));
  writeFileSync(join(dir, 'config.yaml'), 'sleep: 20s\nstatus: off\n');
  const guardians = fakeGuardians(() => behaviour);
  return {
    guardians,
    session: startSession(dir, guardians),
    drop: (queue, name) => writeFileSync(join(dir, queue, name), uowText(`label :: ${name}`, 'command :: true')),
    move: (from, to) => renameSync(join(dir, from), join(dir, to)),
    date: (path, ms) => utimesSync(join(dir, path), ms / 1000, ms / 1000),
    copy: (from, to) => cpSync(join(dir, from), join(dir, to), { preserveTimestamps: true }),
    read: (path) => readFileSync(join(dir, path), 'latin1'),
    write: (path, text) => writeFileSync(join(dir, path), text, 'latin1'),
    places: () => queueNames.flatMap((queue) => readdirSync(join(dir, queue)).map((name) => `${queue}/${name}`)),
  };
}

it('a running UOW that was moved under another name, and has ended before anybody looked, is one UOW and does not run again', async () => {
  const { guardians, session, drop, move, places } = playground('ends-later');
  drop('wait-q', 'a');
  session.start();
  await session.tick(0);
  move('currently-executing/a', 'wait-q/b');
  guardians.end(0, 0);
  await session.quiet();
  expect(places()).toEqual(['done-q/a']);
  expect(guardians.starts).toHaveLength(1);
});

it('a running UOW that was moved to archive under another name is put back', async () => {
  const { guardians, session, drop, move, places } = playground('ends-later');
  drop('wait-q', 'a');
  session.start();
  await session.tick(0);
  move('currently-executing/a', 'archive/b');
  await session.tick(3000);
  expect(places()).toEqual(['currently-executing/a']);
  expect(guardians.alive).toBe(1);
  expect(session.said).toContain('it is back in its place, its job goes on');
});

it('a start that the launcher lost is taken back after 30 s, though the clock was set back a day', async () => {
  const { guardians, session, drop, places } = playground('never-asked-first');
  drop('wait-q', 'a');
  session.start();
  await session.tick(1000);
  session.stepClock(-86_400_000);
  await session.tick(45_000);
  expect(places()).toEqual(['done-q/a']);
  expect(guardians.starts.map(({ attempt }) => attempt)).toEqual([1]);
});

it('two UOWs that got one name while no monitor lived get two when one is started', async () => {
  const { session, drop, move, write, places } = playground('ends-later');
  write('monitor_reads', 'PAUSE\n');
  drop('wait-q', 'a');
  drop('wait-q', 'b');
  await session.quiet();
  session.crashAt(0);
  move('wait-q/b', 'priority-q/a');
  session.start();
  await session.tick(0);
  const names = places().map((place) => place.replace(/.*\//, ''));
  expect(new Set(names).size).toBe(2);
});

it('a rerun keeps its log though what an editor made of it while it ran lies in trash', async () => {
  const { guardians, session, drop, move, read, write, places } = playground('ends-later');
  drop('wait-q', 'a');
  session.start();
  await session.tick(0);
  const path = 'currently-executing/a';
  write(path, read(path).replace('command', '# edited\ncommand'));
  guardians.end(0, 0);
  await session.tick(21_000);
  expect(places()).toEqual(['done-q/a', 'trash/a']);
  move('done-q/a', 'wait-q/a');
  await session.quiet();
  expect(read('done-q/a')).toMatch(/==== JOB LOG\n\nout 1\nend 1\n\n==== ATTEMPT 2 .*\nout 2\nend 2\n$/);
});

/** The line of its stamp. */
const stampIn = (text: string): string | undefined => /^timestamp: \S+/.exec(text)?.[0];

it('a rerun that was copied before anybody looked is one, and its copy a new UOW', async () => {
  const { guardians, session, drop, move, copy, read, places } = playground('ends-at-once');
  drop('wait-q', 'a');
  await session.quiet();
  session.crashAt(0);
  move('done-q/a', 'wait-q/c');
  copy('wait-q/c', 'wait-q/b');
  await session.quiet();
  expect(places()).toEqual(['done-q/b', 'done-q/c']);
  expect(guardians.starts.map(({ name, attempt }) => `${name} #${attempt}`).slice(1)).toEqual(['c #2', 'b #1']);
  expect(stampIn(read('done-q/b'))).not.toBe(stampIn(read('done-q/c')));
  expect(read('done-q/b')).toMatch(/==== JOB LOG\n+out 1\nend 1\n$/);
});

it.each(['is looked at with it', 'is taken in while the copy settles', 'is known to wait', 'runs'])(
  'a copy of a UOW that waits is another one, with a stamp of its own, if the original %s',
  async (original) => {
    const { session, drop, copy, date, read, write } = playground('ends-later');
    write('monitor_reads', 'PAUSE\n');
    drop('wait-q', 'a');
    await session.quiet();
    if (original.includes('the copy') || original.includes('with it')) session.crashAt(0);
    copy('wait-q/a', 'wait-q/b');
    if (original.includes('the copy')) date('wait-q/b', Date.now() + 86_400_000);
    if (original === 'runs') write('monitor_reads', 'RESUME\n');
    await session.quiet();
    write('monitor_reads', 'RESUME\n');
    await session.quiet();
    expect(stampIn(read('done-q/b'))).not.toBe(stampIn(read('done-q/a')));
  },
);
