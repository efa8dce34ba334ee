// Many files dropped at once, in the ways people drop them: each runs exactly once, whole, and in the documented order.
import { execFile } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type QueueName, type TestRoot, testRoot, uowText } from '../support/root.ts';

const execFileAsync = promisify(execFile);
const waitingQueues = ['wait-q', 'priority-q'] as const;

/** Gives `cp-001` … `cp-083` for the numbers from 1 to `count`. */
function names(way: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_each, at) => `${way}-${String(at + 1).padStart(3, '0')}`);
}

function ranNames(root: TestRoot): readonly string[] {
  return readFileSync(root.path('ran'), 'utf8').split('\n').slice(0, -1);
}

/** Writes UOW files in a folder beside the queues and gives their paths. */
function makeFiles(root: TestRoot, folder: string, files: readonly string[], header: readonly string[]): string[] {
  mkdirSync(root.path(folder));
  return files.map((name) => {
    const path = root.path(folder, name);
    writeFileSync(path, uowText(...header));
    return path;
  });
}

it('500 UOWs that arrive at once by cp, by mv and by a slow writer run once each, whole and in order', async () => {
  const root = testRoot('slots: 4\ndurability: process\n');
  writeFileSync(root.path('ran'), '');
  // What a slow writer has written at first is a valid UOW by itself: it is the rest that tells its name.
  const firstHalf = uowText('command :: true');
  const rest = 'command :: echo "$SJQ_NAME" >> ran\n';
  const whole = ['command :: true', rest.trim()];
  const drops: Record<QueueName, string[]> = Object.fromEntries(waitingQueues.map((queue) => [queue, []])) as never;
  await root.monitor();

  const copiersAndMovers = waitingQueues.flatMap((queue) =>
    (['cp', 'mv'] as const).map(async (way) => {
      const files = makeFiles(root, `${way} to ${queue}`, names(`${way}-${queue}`, 83), whole);
      drops[queue].push(...files.map((path) => basename(path)));
      await execFileAsync(way, ['-t', root.path(queue), ...files]);
    }),
  );
  const writers = waitingQueues.map(async (queue) => {
    const files = names(`writer-${queue}`, 84);
    drops[queue].push(...files);
    const handles = await Promise.all(
      files.map(async (name) => {
        const handle = await open(root.path(queue, name), 'wx');
        await handle.write(firstHalf);
        return handle;
      }),
    );
    // A file that came later has stood long enough to be taken in; so have the halves, but for their open writer.
    const [later = ''] = makeFiles(root, `later to ${queue}`, [`later-${queue}`], whole);
    await execFileAsync('cp', ['-t', root.path(queue), later]);
    drops[queue].push(basename(later));
    await root.arrival('done-q', basename(later), 60_000);
    for (const handle of handles) {
      await handle.write(rest);
      await handle.close();
    }
  });
  await Promise.all([...copiersAndMovers, ...writers]);

  const all = Object.values(drops).flat();
  expect(all).toHaveLength(502);
  await eventually(() => root.list('done-q').length === all.length, {
    withinMs: 60_000,
    what: `all ${all.length} are done`,
  });
  expect([...ranNames(root)].sort()).toEqual([...all].sort());
  expect(all.filter((name) => !/^done exit=0 #1 /.test(root.status('done-q', name)))).toEqual([]);
  for (const queue of waitingQueues) expect(root.list(queue)).toEqual([]);

  const told = root
    .says()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, event = '', name = '', ...fields]) => ({ event, name, fields }));
  for (const queue of waitingQueues) {
    const started = told.filter(({ event, name }) => event === 'started' && drops[queue].includes(name));
    const stamps = started.map(({ name }) => /^timestamp: (\d+)-(\d+)/.exec(root.read('done-q', name))!);
    const inMicros = stamps.map(([, seconds, ordinal]) => Number(seconds) * 1e6 + Number(ordinal));
    expect(inMicros).toEqual(inMicros.toSorted((a, b) => a - b));
  }
  // Ended jobs are told first in a wake and newcomers second: who was told before an end stood in the picture that all later
  // claims were made from.
  const overtaken: string[] = [];
  const known = new Set<string>();
  const fresh = new Set<string>();
  for (const { event, name, fields } of told) {
    if (event === 'taken-in' && fields[0] === 'queue=priority-q') fresh.add(name);
    if (event === 'ended') {
      for (const each of fresh) known.add(each);
      fresh.clear();
    }
    if (event !== 'started') continue;
    if (drops['wait-q'].includes(name) && known.size > 0) overtaken.push(`${name} before ${[...known].join(', ')}`);
    known.delete(name);
    fresh.delete(name);
  }
  expect(overtaken).toEqual([]);
}, 120_000);

it('what waits before the monitor starts runs by queue, priority and stamp, and what has no stamp by ctime, mtime and name', async () => {
  const root = testRoot('durability: process\n');
  writeFileSync(root.path('ran'), '');
  const old = Date.now() / 1000 - 3600;
  const expected: string[] = [];
  for (const queue of ['priority-q', 'wait-q'] as const) {
    mkdirSync(root.path(`for ${queue}`));
    const make = (name: string, at: number, ...header: readonly string[]): string => {
      const path = root.path(`for ${queue}`, `${name}-${queue}`);
      const stamp = /^stamped-(\d+)/.exec(name)?.[1];
      const text = uowText(...header, 'command :: echo "$SJQ_NAME" >> ran');
      writeFileSync(path, stamp === undefined ? text : `timestamp: 1700000000-${stamp}\n\n${text}`);
      utimesSync(path, old + at, old + at);
      return path;
    };
    // Names and mtimes run against each other and against the order of the drops, so that no two orders look alike.
    const plain = Array.from({ length: 24 }, (_each, at) => make(`plain-${(at * 7) % 24}`, (at * 11) % 5));
    const later = [make('low', 0, 'priority :: -1')];
    const first = [make('urgent', 90, 'priority :: 5'), make('stamped-30', 91, 'priority :: 5')];
    const stamped = [make('stamped-9', 92), make('stamped-10', 93), make('stamped-8', 94)];
    await execFileAsync('mv', ['-t', root.path(queue), ...later, ...first, ...plain.slice(0, 12)]);
    await execFileAsync('cp', ['-p', '-t', root.path(queue), ...plain.slice(12), ...stamped]);
    const inQueue = (paths: readonly string[]): string[] => paths.map((path) => basename(path));
    const byAge = inQueue(plain)
      .map((name) => ({ name, stat: lstatSync(join(root.path(queue), name), { bigint: true }) }))
      .toSorted((a, b) => {
        const order = a.stat.ctimeNs - b.stat.ctimeNs || a.stat.mtimeNs - b.stat.mtimeNs;
        return order === 0n ? (a.name < b.name ? -1 : 1) : order < 0n ? -1 : 1;
      })
      .map(({ name }) => name);
    const byStamp = ['stamped-8', 'stamped-9', 'stamped-10'].map((name) => `${name}-${queue}`);
    expected.push(`stamped-30-${queue}`, `urgent-${queue}`, ...byStamp, ...byAge, ...inQueue(later));
  }
  expect((await root.sjq('once')).code).toBe(0);
  expect(ranNames(root)).toEqual(expected);
  expect(root.list('done-q')).toHaveLength(expected.length);
});
