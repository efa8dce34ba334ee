import {
  existsSync,
  appendFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/model/bytes.ts';
import type { Queue } from '../../../src/model/queue.ts';
import type { Seen } from '../../../src/model/seen.ts';
import { moveToTrash } from '../../../src/monitor/apply/trash.ts';
import { enlistStamped } from '../../../src/monitor/survey/enlist.ts';
import { hint } from '../../../src/monitor/survey/picture.ts';
import { survey } from '../../../src/monitor/survey/survey.ts';
import { observe } from '../../../src/monitor/observe.ts';
import { realFiles } from '../../../src/system/files.ts';
import { aJobType, aWaiting, bytes } from '../../support/builders.ts';
import { brokenFiles, type Given, sorted, testContext } from '../../support/context.ts';

const plain = '==== UNIT OF WORK\n\ncommand :: true\n';

/** A UOW that the program stamped, with these header lines. */
function stamped(ordinal: number, ...header: readonly string[]): string {
  const lines = ['command :: true', ...header].join('\n');
  return `timestamp: 1700000000-${ordinal} enqueued\n\n==== UNIT OF WORK\n\n${lines}\n\n==== STATUS\n\n${'waiting #0 2026-11-22T04:31:06Z'.padEnd(63)}\n\n==== JOB LOG\n\n`;
}

function rig(given: Given = {}) {
  // An hour ahead, so that every directory was changed long ago; a test that needs the tick says so.
  const test = testContext({ now: Date.now() + 3_600_000, ...given });
  const look = (isPoll = true): Seen => survey(test.context, [], isPoll);
  return {
    ...test,
    look,
    /** Looks, and takes everything stamped for waiting, as a wake that accepts it does. */
    accept: (): Seen => {
      look();
      enlistStamped(test.context);
      return look(false);
    },
    hint: (queue: Queue, name?: string) => hint(test.context.picture, queue, name as Bytes | undefined),
  };
}

const arrivalsOf = (seen: Seen): readonly string[] =>
  sorted(seen.arrivals.map(({ queue, name, is }) => `${queue}/${name} ${is.kind}`));
const namesOf = (uows: Iterable<{ readonly name: Bytes }>): readonly string[] => [...uows].map(({ name }) => name);

it('promise 10: READMEs in trash are left alone, however many, also by whoever would move them there once more', () => {
  const { context, write, path } = testContext();
  for (const name of ['README', 'README.md', 'README~2']) write(`trash/${name}`, name);
  expect(survey(context, [], true).arrivals.filter(({ queue }) => queue === 'trash')).toEqual([]);
  const { ino } = statSync(path('trash/README'));
  moveToTrash(context, `${context.paths.queue.trash}/README` as Bytes, 'README' as Bytes, ino);
  expect(existsSync(path('trash/README'))).toBe(true);
});

describe('the first look', () => {
  it('finds everything in the queues where something may start, and tells what it is', () => {
    const { write, path, look } = rig();
    write('wait-q/good', plain);
    write('wait-q/bad', 'nonsense\n');
    write('wait-q/README', 'read me');
    write('wait-q/.hidden', plain);
    write('wait-q/a.swp', plain);
    write('wait-q/odd \xff\n', plain);
    write('priority-q/urgent', plain);
    write('currently-executing/by-hand', plain);
    mkdirSync(path('wait-q/dir'));
    symlinkSync('good', path('wait-q/link'));
    expect(arrivalsOf(look())).toEqual(
      [
        ...['executing/by-hand unstamped', 'priority/urgent unstamped', 'wait/README readme', 'wait/bad invalid'],
        ...['wait/good unstamped', 'wait/link special', `wait/odd ${bytes('\xff')}\n unstamped`],
      ].sort(),
    );
  });

  it('counts what has ended and reads none of it', () => {
    const reads: string[] = [];
    const { write, look } = rig({
      files: {
        read: (file, offset, length) => {
          reads.push(file);
          return realFiles.read(file, offset, length);
        },
      },
    });
    for (let number = 0; number < 20; number++) write(`done-q/f${number}`, stamped(number));
    write('done-q/README', '');
    write('trash/x', '');
    // The last history line is as young as the moves that it tells of.
    write('history.jsonl', '');
    expect(look().counts).toMatchObject({ done: 20, error: 0, fail: 0, trash: 1, archive: 0 });
    expect(reads.filter((file) => file.includes('done-q'))).toEqual([]);
  });

  it('says once that a directory stands in a queue, and leaves it alone', () => {
    const { path, look, notices } = rig();
    mkdirSync(path('wait-q/dir'));
    for (let looks = 0; looks < 3; looks++) expect(look().arrivals).toEqual([]);
    expect(notices).toMatchObject([{ event: 'attention', name: 'dir' }]);
  });
});

describe('what waits', () => {
  it('stands in its order, with what the gates need', () => {
    const { write, accept } = rig({ config: { defaults: { slots: '2' } } });
    write('wait-q/late', stamped(9));
    write('wait-q/early', stamped(1, 'slots :: 3', 'job-note :: x'));
    write('wait-q/important', stamped(5, 'priority :: 7'));
    const { waiting, arrivals, counts } = accept();
    expect(namesOf(waiting.wait)).toEqual(['important', 'early', 'late']);
    expect([...waiting.wait]).toMatchObject([{ priority: 7, slots: 2, attempts: 0 }, { slots: 3 }, { held: false }]);
    expect(arrivals).toEqual([]);
    expect(counts.wait).toBe(3);
  });

  it('is not read again while it is unchanged', () => {
    let reads = 0;
    const {
      write,
      accept,
      look,
      hint: hinted,
    } = rig({
      files: {
        read: (...args) => {
          reads += 1;
          return realFiles.read(...args);
        },
      },
    });
    for (let number = 0; number < 10; number++) write(`wait-q/f${number}`, stamped(number));
    accept();
    reads = 0;
    for (let number = 0; number < 10; number++) hinted('wait', `f${number}`);
    hinted('wait');
    look();
    expect(reads).toBe(0);
  });

  it('and whose name is that of another file by now is found out though no hint came, and only when its directory changed', () => {
    const stats: string[] = [];
    const { write, path, accept, look, context } = rig({
      files: {
        stat(file) {
          if (file.includes('/wait-q/')) stats.push(file.replace(/.*\//, ''));
          return realFiles.stat(file);
        },
      },
    });
    for (let number = 0; number < 10; number++) write(`wait-q/f${number}`, stamped(number));
    accept();
    look();
    stats.splice(0);
    for (let polls = 0; polls < 3; polls++) look();
    expect(stats).toEqual([]);
    unlinkSync(path('wait-q/f7'));
    write('wait-q/f7', stamped(70));
    expect(arrivalsOf(look())).toEqual(['wait/f7 uow']);
    enlistStamped(context);
    look();
    stats.splice(0);
    for (let polls = 0; polls < 3; polls++) look();
    expect(stats).toEqual([]);
  });

  it('and is edited is an arrival again', () => {
    const { write, accept, look, hint: hinted } = rig();
    write('wait-q/a', stamped(1));
    accept();
    write('wait-q/a', stamped(1, 'priority :: 3'));
    hinted('wait', 'a');
    const seen = look(false);
    expect(namesOf(seen.waiting.wait)).toEqual([]);
    expect(arrivalsOf(seen)).toEqual(['wait/a uow']);
  });

  it.each([
    ['its queue is listed as well', false],
    ['its queue could not be read then', true],
  ])('and is edited is an arrival again, also if %s', (_, isRefused) => {
    const broken = { isOn: false };
    const refuse = (): void => {
      if (broken.isOn) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    const {
      write,
      accept,
      look,
      hint: hinted,
    } = rig({
      files: {
        list(path) {
          refuse();
          return realFiles.list(path);
        },
      },
    });
    write('wait-q/a', stamped(1));
    accept();
    write('wait-q/a', stamped(1, 'priority :: 3'));
    hinted('wait', 'a');
    hinted('wait');
    broken.isOn = isRefused;
    look(false);
    broken.isOn = false;
    hinted('wait');
    expect(arrivalsOf(look(false))).toEqual(['wait/a uow']);
  });

  it('and was taken away is told with where it is now', () => {
    const { write, path, accept, look, hint: hinted } = rig();
    for (const name of ['removed', 'cancelled', 'skipped']) write(`wait-q/${name}`, stamped(1));
    accept();
    unlinkSync(path('wait-q/removed'));
    renameSync(path('wait-q/cancelled'), path('archive/cancelled'));
    renameSync(path('wait-q/skipped'), path('done-q/skipped'));
    for (const name of ['removed', 'cancelled', 'skipped']) hinted('wait', name);
    const gone = look(false).vanished.map(({ uow, now }) => `${uow.name} ${String(now)}`);
    expect(sorted(gone)).toEqual(['cancelled archive', 'removed undefined', 'skipped done']);
  });

  it('and was moved to the other waiting queue, or renamed, is found there and not missed', () => {
    const { write, path, accept, look } = rig();
    write('wait-q/a', stamped(1));
    write('wait-q/b', stamped(2));
    accept();
    renameSync(path('wait-q/a'), path('priority-q/a'));
    renameSync(path('wait-q/b'), path('wait-q/c'));
    const seen = look();
    expect(seen.vanished).toEqual([]);
    expect(arrivalsOf(seen)).toEqual(['priority/a uow', 'wait/c uow']);
  });

  it('is not taken for cancelled when its whole queue is gone or cannot be read', () => {
    let isBroken = false;
    const {
      write,
      path,
      accept,
      look,
      notices,
      hint: hinted,
    } = rig({
      files: brokenFiles('EIO', ['list'], () => isBroken),
    });
    write('wait-q/a', stamped(1));
    accept();
    renameSync(path('wait-q'), path('away'));
    for (let looks = 0; looks < 3; looks++) expect(look()).toMatchObject({ vanished: [], counts: { wait: 1 } });
    expect(notices).toMatchObject([{ event: 'fault', text: expect.stringContaining('wait-q is gone') as string }]);
    renameSync(path('away'), path('wait-q'));
    isBroken = true;
    hinted('wait');
    expect(look()).toMatchObject({ vanished: [], counts: { wait: 1 } });
    isBroken = false;
    expect(look()).toMatchObject({ vanished: [], counts: { wait: 1 } });
  });
});

describe('a hint', () => {
  it('names what to look at: nothing else is', () => {
    const { write, look, hint: hinted } = rig();
    look();
    write('wait-q/named', plain);
    write('wait-q/other', plain);
    hinted('wait', 'named');
    expect(arrivalsOf(look(false))).toEqual(['wait/named unstamped']);
    // The poll finds what no hint told of.
    expect(arrivalsOf(look())).toEqual(['wait/named unstamped', 'wait/other unstamped']);
  });

  it('of a file that has come and gone leaves nothing', () => {
    const { write, path, look, hint: hinted } = rig();
    look();
    write('wait-q/a', plain);
    hinted('wait', 'a');
    look(false);
    unlinkSync(path('wait-q/a'));
    hinted('wait', 'a');
    const seen = look(false);
    expect([seen.arrivals, seen.vanished]).toEqual([[], []]);
  });

  it('lets a growing file begin its quiet anew at each change, and one at rest keep it', () => {
    const { write, path, look, clock, hint: hinted } = rig();
    write('wait-q/a', plain);
    const [first] = look().arrivals;
    clock.pass(400);
    hinted('wait', 'a');
    expect(look(false).arrivals).toEqual([first]);
    appendFileSync(path('wait-q/a'), 'label :: x\n');
    hinted('wait', 'a');
    expect(look(false).arrivals[0]?.unchangedSince).toBe(clock.now());
  });
});

describe('a first look at many', () => {
  const many = (write: (path: string, text: string) => void): void => {
    for (let number = 0; number < 1500; number++) write(`wait-q/f${number}`, stamped(number));
    for (let number = 0; number < 1500; number++) write(`wait-q/p${number}`, plain);
    write('priority-q/urgent', stamped(9999));
  };

  it('goes on over several wakes; until it is over nobody is first in line, and no unstamped one is judged', () => {
    const { write, context } = rig();
    many(write);
    let wakes = 0;
    const counts: number[] = [];
    for (; context.picture.unlooked.size > 0 && wakes < 10; wakes++) {
      const seen = survey(context, [], wakes === 0);
      expect(seen.isPartial).toBe(true);
      const plains = seen.arrivals.filter(({ is }) => is.kind === 'unstamped').length;
      expect(plains > 0).toBe(context.picture.unlooked.size === 0);
      enlistStamped(context);
      counts.push(context.picture.waiting.wait.size);
    }
    expect([wakes, counts.at(-1), context.picture.waiting.priority.size]).toEqual([3, 1500, 1]);
    expect(counts[0]).toBeLessThan(1100);
    expect(survey(context, [], false).isPartial).toBe(false);
  });

  it('is one for who looks from outside', () => {
    const { write, context } = rig();
    many(write);
    const seen = observe(context, context.picture.control);
    expect([seen.counts.wait, seen.counts.priority, seen.arrivals.length]).toEqual([1500, 1, 1500]);
    expect(seen.isPartial).toBe(false);
  });

  it('of a queue that cannot be read holds up no other', () => {
    const isDenied = (dir: string): boolean => dir.endsWith('/priority-q');
    const { write, look } = rig({
      files: {
        list: (dir) => {
          if (isDenied(dir)) throw Object.assign(new Error('EACCES: injected, list'), { code: 'EACCES' });
          return realFiles.list(dir);
        },
      },
    });
    write('wait-q/a', stamped(1));
    expect([look().isPartial, look(false).isPartial]).toEqual([true, false]);
  });
});

it('what is gone from a listed directory is told when all names are looked at: one renamed may be among those', () => {
  const { write, path, accept, look, hint: hinted } = rig();
  write('wait-q/a', stamped(1));
  accept();
  renameSync(path('wait-q/a'), path('wait-q/z'));
  hinted('wait', 'a');
  for (let number = 0; number < 1100; number++) {
    write(`wait-q/f${number}`, stamped(number));
    hinted('wait', `f${number}`);
  }
  hinted('wait', 'z');
  expect(look(false).vanished).toEqual([]);
  const { vanished, arrivals } = look(false);
  expect([vanished, arrivals.some(({ name }) => name === 'z')]).toEqual([[], true]);
});

describe('the poll', () => {
  it('lists a directory only when its mtime changed', () => {
    let lists = 0;
    const { write, look } = rig({
      files: {
        list: (dir) => {
          lists += 1;
          return realFiles.list(dir);
        },
      },
    });
    look();
    lists = 0;
    for (let polls = 0; polls < 3; polls++) look();
    expect(lists).toBe(0);
    write('wait-q/a', plain);
    look();
    expect(lists).toBe(1);
  });

  it('lists again what changed within the tick of the clock before its listing', () => {
    const { write, path, look, clock } = rig();
    write('wait-q/a', plain);
    const at = new Date(clock.now() - 10);
    utimesSync(path('wait-q'), at, at);
    look();
    // A second name within the same tick leaves the same mtime.
    write('wait-q/b', plain);
    utimesSync(path('wait-q'), at, at);
    expect(arrivalsOf(look())).toEqual(['wait/a unstamped', 'wait/b unstamped']);
  });
});

describe('a copy and an original', () => {
  it('are told from each other by the stamp, and a rerun by mv from both', () => {
    const { write, path, look } = rig();
    const ended = stamped(1).replace('waiting #0', 'done exit=0 #1'.padEnd(10));
    write('done-q/kept', ended);
    cpSync(path('done-q/kept'), path('wait-q/kept'));
    write('wait-q/moved', ended.replace('-1 enqueued', '-7 enqueued'));
    const byName = new Map(look().arrivals.map((arrival) => [String(arrival.name), arrival.hasOriginal]));
    expect(byName.get('kept')).toBe(true);
    expect(byName.get('moved')).toBe(false);
  });

  it('are told from each other whatever gives the original its priority: its group, or its job type', () => {
    const {
      write,
      path,
      look,
      accept,
      hint: hinted,
    } = rig({
      config: { groups: { g: { priority: 3 } } },
      jobTypes: [aJobType('copy', { defaults: { priority: '4' } })],
    });
    write('wait-q/grouped', stamped(1, 'group :: g'));
    write('wait-q/typed', stamped(2).replace('command :: true', 'job :: copy'));
    expect(accept().arrivals).toEqual([]);
    for (const name of ['grouped', 'typed']) {
      cpSync(path('wait-q', name), path('wait-q', `${name}-copy`));
      hinted('wait', `${name}-copy`);
    }
    expect(look(false).arrivals.map(({ hasOriginal }) => hasOriginal)).toEqual([true, true]);
  });

  it('that share an inode are seen as one file with a later place', () => {
    const { write, path, look } = rig();
    write('wait-q/a', stamped(1));
    linkSync(path('wait-q/a'), path('done-q/a'));
    const found = look().arrivals.find(({ queue }) => queue === 'wait');
    expect(found).toMatchObject({ name: 'a', canKeepFile: false, standsIn: 'done' });
  });
});

it('counts are made anew where a person had a hand in', () => {
  const { write, path, look, hint: hinted } = rig();
  write('done-q/a', stamped(1));
  write('done-q/b', stamped(2));
  write('history.jsonl', '');
  expect(look().counts.done).toBe(2);
  rmSync(path('done-q/a'));
  hinted('done', 'a');
  expect(look(false).counts.done).toBe(1);
});

it('what the monitor itself moved to trash is counted without looking through it', () => {
  let isUnreadable = false;
  const { context, write, path, look, hint: hinted } = rig({ files: brokenFiles('EIO', ['list'], () => isUnreadable) });
  write('wait-q/a', plain);
  write('trash/b', plain);
  expect(look().counts.trash).toBe(1);
  isUnreadable = true;
  const { ino } = statSync(path('wait-q/a'));
  expect(moveToTrash(context, bytes(path('wait-q/a')), bytes('a'), ino)).toBe('a');
  hinted('trash', 'a');
  expect(look(false).counts.trash).toBe(2);
});

it('a clock that was set back holds nothing up', () => {
  const { context, write, look, clock } = rig();
  write('wait-q/a', plain);
  look();
  context.picture.readyCommand = { at: clock.now(), isOk: true, text: '' };
  context.picture.trouble = { until: clock.now() + 5000, text: 'full' };
  context.picture.waiting.wait.add(aWaiting('b', { refused: { until: clock.now() + 5000, text: 'immutable' } }));
  clock.set(clock.now() - 3_000_000);
  const seen = look();
  expect(seen.machine).not.toHaveProperty('readyCommand');
  expect(seen.machine).not.toHaveProperty('trouble');
  expect(context.picture.waiting.wait.get('b')).not.toHaveProperty('refused');
  expect(seen.arrivals[0]?.unchangedSince).toBe(clock.now());
});

it('a directory that was changed before the clock was set back is not listed at each poll until that time has come again', () => {
  const listed: string[] = [];
  const list = (dir: Bytes): readonly Bytes[] | undefined => {
    listed.push(dir);
    return realFiles.list(dir);
  };
  const { look, clock } = rig({ files: { list }, now: Date.now() - 86_400_000 });
  look();
  clock.pass(15_000);
  look();
  listed.length = 0;
  clock.pass(15_000);
  look();
  expect(listed).toEqual([]);
});

it('what a person puts into done-q after the clock was set back is looked at', () => {
  const { look, clock, write } = rig({ now: Date.now() + 86_400_000 });
  write('done-q/a', stamped(1));
  look();
  clock.set(Date.now() - 1000);
  write('done-q/b', 'no UOW');
  expect(look().arrivals.map(({ name }) => name)).toEqual(['a', 'b']);
});

it('gauges are read only where a limit asks for them', () => {
  expect(rig().look().machine).toMatchObject({ load: 0, freeMemoryBytes: Infinity, freeDiskBytes: Infinity });
  const { machine } = rig({ config: { ready: { load: 1 } } }).look();
  expect(machine.freeMemoryBytes).toBeLessThan(Infinity);
  expect(machine.freeDiskBytes).toBeLessThan(Infinity);
});

it('looking changes nothing on disk', () => {
  const { write, path, accept } = rig();
  write('wait-q/a', stamped(1));
  writeFileSync(path('wait-q/bad'), 'x');
  const before = [...sorted(realFiles.list(bytes(path('wait-q'))) ?? []), realFiles.stat(bytes(path('wait-q/a')))];
  accept();
  expect([...sorted(realFiles.list(bytes(path('wait-q'))) ?? []), realFiles.stat(bytes(path('wait-q/a')))]).toEqual(
    before,
  );
});
