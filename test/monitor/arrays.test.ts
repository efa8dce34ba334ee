// Arrays in played worlds: the real monitor on real files, its jobs played.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Playground, playground, removePlaygrounds } from '../support/calls/playground.ts';
import { dueArray } from '../support/calls/schedules.ts';
import { type QueueName, queueNames, uowText } from '../support/root.ts';

afterAll(removePlaygrounds);

interface World extends Playground {
  readonly exit: Record<string, number>;
  readonly where: (name: string) => QueueName | undefined;
  readonly status: (flow: string) => string;
  readonly started: () => readonly string[];
}

function world(config = 'slots: 3'): World {
  const exit: Record<string, number> = {};
  const root = playground({ config: `${config}\ndurability: process`, exit });
  return {
    ...{ ...root, exit },
    where: (name) => queueNames.find((queue) => existsSync(join(root.dir, queue, name))),
    status: (flow) =>
      /^==== STATUS\n\n(\S+ .*? done) \S+ *$/m.exec(readFileSync(root.path('flows', flow), 'latin1'))?.[1] ?? 'none',
    started: () => root.guardians.starts.map(({ name }) => name),
  };
}

const sweep = uowText('command :: true', 'array :: 1-4%2');

describe('an array', () => {
  it('becomes a UOW for each number, which runs once; the file stands in flows/ as it was, done', async () => {
    const root = world();
    writeFileSync(root.path('wait-q/sweep'), sweep);
    await root.quiet();
    expect(root.started()).toEqual(['sweep.1', 'sweep.2', 'sweep.3', 'sweep.4']);
    expect(root.status('sweep')).toBe('done 4 of 4 done');
    expect(root.where('sweep')).toBeUndefined();
    expect(readFileSync(root.path('flows/sweep'), 'utf8')).toContain(sweep.trim());
    expect(readFileSync(root.path('done-q/sweep.3'), 'utf8')).toContain(
      'array :: 1-4%2\nflow :: sweep\narray-of :: sweep\narray-index :: 3\n',
    );
    // Moved back, one of it is run again, and is no array.
    root.move(['done-q', 'sweep.3'], ['wait-q', 'sweep.3']);
    await root.quiet();
    expect(root.started().slice(4)).toEqual(['sweep.3']);
  });

  it('is found by those that wait for it by its name, from when all of it has ended', async () => {
    const root = world();
    root.exit['sweep.3'] = 1;
    root.drop('wait-q', 'before', 'before');
    root.drop('wait-q', 'sum', 'sum', 'after :: sweep');
    root.drop('wait-q', 'mourn', 'mourn', 'after-not-ok :: sweep');
    root.drop('wait-q', 'count', 'count', 'after-any :: sweep');
    await root.quiet();
    expect(root.started()).toEqual(['before']);
    writeFileSync(root.path('wait-q/sweep'), `${sweep}after :: before\n`);
    await root.quiet();
    const elements = ['sweep.1', 'sweep.2', 'sweep.3', 'sweep.4'];
    expect(root.started().slice(1, 5)).toEqual(elements);
    expect([...root.started().slice(5)].sort()).toEqual(['count', 'mourn']);
    expect([root.status('sweep'), root.where('sum')]).toEqual(['blocked 3 of 4 done', 'wait-q']);
    root.exit['sweep.3'] = 0;
    root.message('RETRY sweep.3');
    await root.quiet();
    expect(root.started().slice(7)).toEqual(['sweep.3', 'sum']);
    expect(root.status('sweep')).toBe('done 4 of 4 done');
  });

  it('is running, not blocked, while it waits for another that runs; held, it ends badly for nobody', async () => {
    const root = world();
    root.message('PAUSE');
    root.drop('wait-q', 'before', 'before');
    await root.quiet();
    writeFileSync(root.path('wait-q/sweep'), sweep.replace('1-4%2', '1-2') + 'after :: before\n');
    root.drop('wait-q', 'count', 'count', 'after-any :: sweep');
    await root.quiet();
    expect(root.status('sweep')).toBe('running 0 of 2 done');
    root.message('HOLD sweep.1\nHOLD sweep.2\nRESUME');
    await root.quiet();
    expect([root.status('sweep'), root.where('count')]).toEqual(['blocked 0 of 2 done', 'wait-q']);
    root.message('SKIP sweep.1\nRELEASE sweep.2');
    await root.quiet();
    expect(root.started()).toEqual(['before', 'sweep.2', 'count']);
  });

  it('in a flow is waited for as a whole, and those that wait for a flow wait for all of that', async () => {
    const root = world('slots: 9');
    root.drop('wait-q', 'last', 'last', 'after :: etl');
    writeFileSync(
      root.path('wait-q/etl'),
      '==== UNIT OF WORK fit\ncommand :: true\narray :: a b c\n\n==== UNIT OF WORK sum\ncommand :: true\nafter :: fit\n',
    );
    await root.quiet();
    expect(root.started()).toEqual(['etl.fit.a', 'etl.fit.b', 'etl.fit.c', 'etl.sum', 'last']);
    expect(root.status('etl')).toBe('done 4 of 4 done');
  });

  it('of a schedule is made for its time, one behind the other', async () => {
    const root = world();
    dueArray(root, 'f', 2, 'array :: 1-3', 'catch-up :: all', 'overlap :: queue');
    await root.quiet();
    const flows = readdirSync(root.path('flows')).toSorted();
    expect(flows.map((name) => root.status(name))).toEqual(['done 3 of 3 done', 'done 3 of 3 done']);
    expect(root.started()).toEqual(flows.flatMap((name) => [1, 2, 3].map((index) => `${name}.${index}`)));
    expect(readFileSync(root.path(`done-q/${flows[0] ?? ''}.2`), 'utf8')).toMatch(
      /^array :: 1-3\n[^]*scheduled-by :: f\nscheduled-at :: \S+\n/m,
    );
  });

  it('that is none goes to trash with the reason; one that ran before it was known is run again as it is', async () => {
    const root = world();
    writeFileSync(root.path('wait-q/bad'), sweep.replace('1-4%2', '1-4,2'));
    const old = uowText('command :: true', 'array :: 1-4').replace(
      /$/,
      '\n==== STATUS\n\ndone exit=0 #1 2026-11-22T04:31:06Z 1s\n\n==== JOB LOG\n\nhello\n',
    );
    writeFileSync(root.path('wait-q/old'), `timestamp: 1700000000-1 enqueued\n\n${old}`);
    await root.quiet();
    expect(root.where('bad')).toBe('trash');
    expect(readFileSync(root.path('monitor_says'), 'utf8')).toContain('bad content of array: "1-4,2"');
    expect(root.started()).toEqual(['old']);
    expect(readFileSync(root.path('done-q/old'), 'utf8')).toContain('hello\n');
  });
});
