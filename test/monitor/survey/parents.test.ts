// UOWs that wait for others, in played worlds: the real monitor on real files, its jobs played.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { whyNotStarted } from '../../../src/cli/uow/why.ts';
import { bytesFromUtf8 } from '../../../src/model/bytes.ts';
import type { WaitingUow } from '../../../src/model/seen.ts';
import type { Stamp } from '../../../src/model/stamp.ts';
import type { HeaderLine } from '../../../src/model/uow.ts';
import { enlist } from '../../../src/monitor/survey/enlist.ts';
import { lookAtParents, touchParent } from '../../../src/monitor/survey/parents.ts';
import { promote } from '../../../src/plan/rules/promote.ts';
import { aConfig, aSeen, aStampedHead, aStatus } from '../../support/builders.ts';
import { testContext } from '../../support/context.ts';
import { rootPaths } from '../../../src/model/paths.ts';
import { readConfig } from '../../../src/monitor/read-config.ts';
import { type Files, realFiles } from '../../../src/system/files.ts';
import { type Playground, playground, removePlaygrounds } from '../../support/calls/playground.ts';
import { type QueueName, queueNames } from '../../support/root.ts';

afterAll(removePlaygrounds);

interface World extends Playground {
  /** Exit codes by name; may be changed. */
  readonly exit: Record<string, number>;
  /** Drops and takes in, so that it comes behind all that were dropped before. */
  readonly put: (name: string, ...header: readonly string[]) => Promise<void>;
  readonly where: (name: string) => QueueName | undefined;
  readonly why: (name: string) => string | undefined;
  readonly started: () => readonly string[];
}

function world(meanwhile?: (root: Playground) => void): World {
  const exit: Record<string, number> = {};
  const root = playground({ config: 'slots: 50\ndurability: process', exit, ...(meanwhile && { meanwhile }) });
  const config = readConfig(realFiles, bytesFromUtf8(root.dir));
  const opened = { config, paths: rootPaths(bytesFromUtf8(root.dir), config) };
  return {
    ...root,
    exit,
    async put(name, ...header) {
      root.drop('wait-q', name, name, ...header);
      await root.quiet();
    },
    where: (name) => queueNames.find((queue) => existsSync(join(root.dir, queue, name))),
    why: (name) =>
      whyNotStarted(opened as Parameters<typeof whyNotStarted>[0], bytesFromUtf8(name), { isServed: false }),
    started: () => root.guardians.starts.map(({ name }) => name),
  };
}

const text = (root: Playground, path: string): string => readFileSync(root.path(path), 'latin1');

describe('after', () => {
  it('keeps a UOW until its parent is in done-q, says for whom it waits, and lets others pass', async () => {
    const { put, why, where, started, exit, move } = world();
    exit['a'] = 3;
    await put('a');
    await put('b', 'after :: a');
    expect(why('b')).toBe('a ended badly');
    await put('other');
    expect(where('other')).toBe('done-q');
    exit['a'] = 0;
    move(['error-q', 'a'], ['wait-q', 'a']);
    await put('x');
    expect(where('b')).toBe('done-q');
    expect(started().indexOf('b')).toBeGreaterThan(started().lastIndexOf('a'));
  });

  it('in priority-q lets wait-q pass, but not where priority is strict', async () => {
    const { drop, quiet, where, path } = world();
    drop('priority-q', 'b', 'b', 'after :: absent');
    drop('wait-q', 'c', 'c');
    await quiet();
    expect(where('c')).toBe('done-q');
    writeFileSync(path('config.yaml'), 'sleep: 20s\nstatus: off\npriority: strict\n');
    drop('wait-q', 'd', 'd');
    await quiet();
    expect(where('d')).toBe('wait-q');
  });

  it('an absent name blocks and is no error; the first UOW of that name that comes lets it go', async () => {
    const { put, why, where } = world();
    await put('b', 'after :: "a b"');
    expect(why('b')).toBe('no UOW named "a b"');
    await put('a b');
    expect(where('b')).toBe('done-q');
  });

  it('means the newest of the name that was taken in before, and no later one', async () => {
    const { put, where, why, exit, message, quiet } = world();
    await put('a');
    exit['a~2'] = 1;
    await put('a');
    await put('b', 'after :: a');
    await put('first', 'after :: a~2');
    await put('a');
    expect(where('a~3')).toBe('done-q');
    expect([where('b'), why('b'), why('first')]).toEqual(['wait-q', 'a~2 ended badly', 'a~2 ended badly']);
    message('CONTINUE a~2');
    await quiet();
    expect([where('b'), where('first')]).toEqual(['done-q', 'done-q']);
  });

  it('of its own name means only one before it', async () => {
    const { drop, quiet, why } = world();
    drop('wait-q', 'a', 'first', 'after :: a');
    drop('priority-q', 'a', 'second', 'after :: a');
    await quiet();
    const waits = expect.stringMatching(/^waits for a(~2)?$/) as string;
    expect([why('a'), why('a~2')].toSorted()).toEqual(['no UOW named a', waits]);
  });

  it('what was found for a name stays so, though the file is renamed, put away or removed and the name is taken anew', async () => {
    const { put, message, quiet, where, why, move, path } = world();
    message('PAUSE');
    for (const name of ['a', 'b', 'c', 'd']) await put(name);
    await put('z', 'after :: a, b c', 'after :: d');
    move(['wait-q', 'a'], ['wait-q', 'renamed']);
    await quiet();
    await put('a');
    message('HOLD renamed');
    message('RESUME');
    await quiet();
    expect(why('z')).toBe('waits for renamed');
    move(['done-q', 'b'], ['archive', 'b']);
    rmSync(path('done-q/c'));
    rmSync(path('done-q/d'));
    await put('d', 'not-before :: 2099-01-01');
    expect(why('z')).toBe('waits for renamed');
    message('RELEASE renamed');
    await quiet();
    expect(where('z')).toBe('done-q');
  });

  it('a child that ran before is not held up by a parent that stands nowhere any more', async () => {
    const { put, exit, path, move, where, quiet } = world();
    await put('a');
    exit['b'] = 1;
    await put('b', 'after :: a');
    rmSync(path('done-q/a'));
    rmSync(path('.sjq/parents'));
    exit['b'] = 0;
    move(['error-q', 'b'], ['wait-q', 'b']);
    await quiet();
    expect(where('b')).toBe('done-q');
  });

  it('two that name each other both wait, and one of them says so', async () => {
    const { put, why, message, quiet, where } = world();
    await put('a', 'after :: b');
    await put('b', 'after :: a');
    expect([why('a'), why('b')]).toEqual(['waits for b, which waits for this one', 'waits for a']);
    message('SKIP a');
    await quiet();
    expect([where('a'), where('b')]).toEqual(['done-q', 'done-q']);
  });

  it('10 in a row run in their order, though they were dropped in the opposite one', async () => {
    const { put, started } = world();
    const names = Array.from('jihgfedcba');
    for (const [at, name] of names.entries()) await put(name, ...(at < 9 ? [`after :: ${names[at + 1] ?? ''}`] : []));
    expect(started()).toEqual([...names].reverse());
  });
});

describe('what became of a parent', () => {
  const three = ['after', 'after-any', 'after-not-ok'] as const;
  /** What the children of each kind came to. */
  async function children(of: World): Promise<Record<(typeof three)[number], QueueName | undefined>> {
    await of.quiet();
    return { after: of.where('after'), 'after-any': of.where('after-any'), 'after-not-ok': of.where('after-not-ok') };
  }
  /** A parent that waits while the three wait for it; then that happens to it, in one life, or between two. */
  async function came(happens: (root: World) => void, isWhileItLives: boolean): Promise<ReturnType<typeof children>> {
    const root: World = world(isWhileItLives ? () => happens(root) : undefined);
    root.message('PAUSE');
    root.drop('wait-q', 'a', 'a');
    await root.quiet();
    for (const field of three) root.drop('wait-q', field, field, `${field} :: a`);
    if (isWhileItLives) await root.live();
    else {
      await root.quiet();
      happens(root);
    }
    root.message('RESUME');
    return await children(root);
  }
  const released = { after: 'done-q', 'after-any': 'done-q', 'after-not-ok': 'wait-q' } as const;
  const cancelled = { after: 'wait-q', 'after-any': 'done-q', 'after-not-ok': 'done-q' } as const;

  it.each([
    ['it ran and ended well', () => undefined, released],
    [
      'it ran and ended badly',
      ({ exit }: World): void => {
        exit['a'] = 1;
      },
      cancelled,
    ],
    ['SKIP', ({ message }: World) => message('SKIP a'), released],
    ['CANCEL', ({ message }: World) => message('CANCEL a'), cancelled],
    ['rm', ({ path }: World) => rmSync(path('wait-q/a')), cancelled],
    ['mv to trash', ({ move }: World) => move(['wait-q', 'a'], ['trash', 'a']), cancelled],
    ['mv to archive', ({ move }: World) => move(['wait-q', 'a'], ['archive', 'a']), cancelled],
    ['mv to done-q', ({ move }: World) => move(['wait-q', 'a'], ['done-q', 'a']), released],
    ['mv to fail-q', ({ move }: World) => move(['wait-q', 'a'], ['fail-q', 'a']), cancelled],
  ] as const)('%s: seen while the monitor lives, or at its next start', async (_, happens, expected) => {
    for (const isWhileItLives of [true, false]) expect(await came(happens, isWhileItLives)).toEqual(expected);
  });

  it('SKIP and CONTINUE of one that ended badly release its children, ACK does not, a person’s mv to done-q does', async () => {
    for (const name of ['CONTINUE', 'ACK', 'mv']) {
      const root = world();
      root.exit['a'] = 1;
      await root.put('a');
      for (const field of three) await root.put(field, `${field} :: a`);
      expect(await children(root)).toEqual(cancelled);
      if (name === 'mv') renameSync(root.path('error-q/a'), root.path('done-q/a'));
      else root.message(`${name} a`);
      const after = name === 'ACK' ? 'wait-q' : 'done-q';
      expect(await children(root), name).toEqual({ ...cancelled, after });
    }
  });

  it('one that is tried again has not ended, and lets its children go when that succeeds', async () => {
    const root = world();
    root.exit['a'] = 1;
    root.drop('wait-q', 'a', 'a', 'retries :: 1', 'retry-delay :: 1000h');
    await root.quiet();
    expect(text(root, 'wait-q/a')).toContain('\nwaiting retry #2 ');
    for (const field of three) root.drop('wait-q', field, field, `${field} :: a`);
    const waits = 'wait-q';
    expect(await children(root)).toEqual({ after: waits, 'after-any': waits, 'after-not-ok': waits });
    root.exit['a'] = 0;
    root.message('RETRY a');
    expect(await children(root)).toEqual(released);
  });
});

describe('on-parent-error :: fail', () => {
  it('takes what can never start to fail-q, and what waits for that as well, with a word in its log and none tried again', async () => {
    const root = world();
    root.exit['a'] = 1;
    await root.put('a');
    await root.put('b', 'after :: a', 'on-parent-error :: fail', 'retries :: 5');
    await root.put('c', 'after :: b', 'on-parent-error :: fail');
    await root.put('d', 'after-not-ok :: c');
    expect(['b', 'c', 'd'].map(root.where)).toEqual(['fail-q', 'fail-q', 'done-q']);
    expect(text(root, 'fail-q/b')).toMatch(
      /\nfail cannot-start #1 [^]*sjq: cannot start: a ended badly \(on-parent-error :: fail\)\n$/,
    );
    expect(root.started()).toEqual(['a', 'd']);
  });
});

it('property: no UOW starts before its parents allow it, and all that may start do, over random graphs and restarts', async () => {
  const node = fc.record({
    exit: fc.constantFrom(0, 0, 0, 1),
    parents: fc.array(fc.record({ to: fc.nat(6), field: fc.constantFrom('after', 'after-any', 'after-not-ok') }), {
      maxLength: 3,
    }),
    queue: fc.constantFrom('wait-q', 'priority-q'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(node, { minLength: 1, maxLength: 7 }), fc.boolean(), async (nodes, isPaused) => {
      const root = world();
      const name = (at: number): string => `n${at}`;
      if (isPaused) root.message('PAUSE');
      for (const [at, { exit, parents, queue }] of nodes.entries()) {
        root.exit[name(at)] = exit;
        const header = parents.map(({ to, field }) => `${field} :: ${name(to)}`);
        root.drop(queue, name(at), name(at), ...header);
        if (at % 2 === 0) await root.quiet();
      }
      root.message('RESUME');
      await root.quiet();
      // The model: what has ended, in any order that the parents allow.
      const ended = new Map<number, boolean>();
      const allows = ({ to, field }: { readonly to: number; readonly field: string }): boolean => {
        const isWell = ended.get(to);
        if (isWell === undefined) return false;
        return field === 'after-any' || (field === 'after') === isWell;
      };
      const allowed = (): readonly number[] =>
        nodes.flatMap(({ parents }, at) => (!ended.has(at) && parents.every(allows) ? [at] : []));
      for (const started of root.started()) {
        const at = Number(started.slice(1));
        // By itself a start says only what was true then; ends follow it at once here.
        expect(allowed(), `${started} of ${root.started().join(' ')}`).toContain(at);
        ended.set(at, nodes[at]?.exit === 0);
      }
      expect(allowed()).toEqual([]);
      root.remove();
    }),
    { numRuns: 25 },
  );
});

it('10,000 children of one parent cost a look each way, and a wake in which nothing changed walks over none of them', () => {
  let calls = 0;
  const counted = <K extends 'stat' | 'read'>(name: K): Files[K] =>
    ((...args: Parameters<Files[K]>) => {
      calls += 1;
      return (realFiles[name] as (...given: Parameters<Files[K]>) => unknown)(...args);
    }) as Files[K];
  const { context, write } = testContext({ files: { stat: counted('stat'), read: counted('read') } });
  const { waiting } = context.picture;
  const stamp = (ordinal: number): Stamp => ({ seconds: 1_700_000_000, ordinal });
  const facts = { ino: 1, sizeBytes: 1, mtimeMs: 1, ctimeMs: 1 };
  const line = (name: string, content: string): HeaderLine => ({ name, content, line: 1 });
  write('wait-q/a', 'timestamp: 1700000000-0 enqueued\n\n==== UNIT OF WORK\n\ncommand :: true\n');
  const put = (name: string, ordinal: number, header: readonly HeaderLine[]): void => {
    enlist(
      context,
      'wait',
      bytesFromUtf8(name),
      facts,
      aStampedHead(aStatus('waiting'), { stamp: stamp(ordinal), header }),
    );
  };
  put('a', 0, []);
  for (let at = 1; at <= 10_000; at++) put(`c${at}`, at, [line('after', 'a')]);
  put('last', 20_000, []);
  expect(calls).toBeLessThan(30);
  // Who waits for nobody stands before all of them.
  expect([...waiting.wait].slice(0, 3).map(({ name }) => name)).toEqual(['a', 'last', 'c1']);
  const walked = (): number => {
    let count = 0;
    const counting = (of: Iterable<WaitingUow>): Iterable<WaitingUow> => ({
      *[Symbol.iterator]() {
        for (const uow of of) {
          count += 1;
          yield uow;
        }
      },
    });
    const wait = counting(waiting.wait);
    promote(aSeen({ waiting: { wait } }), aConfig({ slots: 3 }), []);
    return count;
  };
  expect(walked()).toBe(3);
  calls = 0;
  lookAtParents(context);
  expect(calls).toBe(0);
  renameSync(context.paths.queue.wait + '/a', context.paths.queue.done + '/a');
  touchParent(context.picture.parents, bytesFromUtf8('a'));
  lookAtParents(context);
  expect(calls).toBeLessThan(20);
  expect([...waiting.wait].slice(0, 3).map(({ name, isParked }) => [name, isParked])).toEqual([
    ['a', undefined],
    ['c1', undefined],
    ['c2', undefined],
  ]);
});
