// Flows in played worlds: the real monitor on real files, its jobs played.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dueFlow } from '../support/calls/schedules.ts';
import { type Playground, playground, removePlaygrounds } from '../support/calls/playground.ts';
import { type QueueName, queueNames } from '../support/root.ts';

afterAll(removePlaygrounds);

const etl = `# extract, transform, load

==== UNIT OF WORK extract

command :: true

==== UNIT OF WORK transform

command :: true
after :: extract

==== UNIT OF WORK load
command :: true
after :: transform
label :: last

==== UNIT OF WORK mourn
command :: true
after-not-ok :: transform
`;

interface World extends Playground {
  readonly exit: Record<string, number>;
  readonly where: (name: string) => QueueName | undefined;
  readonly status: (flow: string) => string;
  readonly started: () => readonly string[];
}

function world(): World {
  const exit: Record<string, number> = {};
  const root = playground({ config: 'slots: 3\ndurability: process', exit });
  return {
    ...{ ...root, exit },
    where: (name) => queueNames.find((queue) => existsSync(join(root.dir, queue, name))),
    status: (flow) =>
      /^==== STATUS\n\n(\S+ .*? done) \S+ *$/m.exec(readFileSync(root.path('flows', flow), 'latin1'))?.[1] ?? 'none',
    started: () => root.guardians.starts.map(({ name }) => name),
  };
}

const put = ({ path }: Playground, queue: QueueName, name: string, text: string): void =>
  writeFileSync(path(queue, name), text);
const said = ({ path }: Playground): string => readFileSync(path('monitor_says'), 'utf8');

describe('a flow file', () => {
  it('becomes a UOW a section, which run in their order; it stands in flows/, done', async () => {
    const root = world();
    put(root, 'wait-q', 'etl', etl);
    await root.quiet();
    expect(root.started()).toEqual(['etl.extract', 'etl.transform', 'etl.load']);
    expect(root.status('etl')).toBe('done 3 of 4 done');
    expect(root.where('etl')).toBeUndefined();
    expect(readFileSync(root.path('done-q/etl.load'), 'utf8')).toContain('label :: last\nflow :: etl\n');
    expect(readFileSync(root.path('flows/etl'), 'utf8')).toContain(etl.trim());
    expect(said(root)).toMatch(/ taken-in etl .*uows=4/);
    expect(readdirSync(root.path('.sjq/flowing'))).toEqual([]);
  });

  it('that comes a second time is another one, and its names are looked for in it only', async () => {
    const root = world();
    root.exit['etl.extract'] = 1;
    put(root, 'wait-q', 'etl', etl);
    await root.quiet();
    put(root, 'priority-q', 'etl', readFileSync(root.path('flows/etl'), 'latin1'));
    await root.quiet();
    expect([root.status('etl'), root.status('etl~2')]).toEqual(['blocked 0 of 4 done', 'done 3 of 4 done']);
    expect(root.where('etl.load')).toBe('wait-q');
    expect(root.where('etl~2.load')).toBe('done-q');
    expect(readFileSync(root.path('done-q/etl~2.load'), 'utf8')).toContain('flow :: etl~2\n');
  });

  it('does not take a name of which a UOW stands already', async () => {
    const root = world();
    root.drop('wait-q', 'etl.load', 'other');
    await root.quiet();
    put(root, 'wait-q', 'etl', etl);
    await root.quiet();
    expect(root.status('etl~2')).toBe('done 3 of 4 done');
  });

  it('gets another name than one of its wake whose UOWs would have the same', async () => {
    const root = world();
    put(root, 'wait-q', 'etl', '==== UNIT OF WORK a.b\ncommand :: true\n');
    put(root, 'wait-q', 'etl.a', '==== UNIT OF WORK b\ncommand :: true\n');
    await root.quiet();
    expect([...root.started()].sort()).toHaveLength(2);
    expect(new Set(root.started()).size).toBe(2);
    expect(readdirSync(root.path('flows')).filter((name) => !name.startsWith('README'))).toHaveLength(2);
  });

  it('gets the names of its UOWs though somebody dropped a file of such a name when its taking-in was cut short', async () => {
    const root = world();
    put(root, 'wait-q', 'etl', etl);
    await root.dieAt('apply/take-in-flow.ts link', 2);
    root.drop('wait-q', 'etl.extract', 'other');
    root.drop('priority-q', 'etl.load', 'urgent');
    await root.quiet();
    expect(root.status('etl')).toBe('done 3 of 4 done');
    for (const name of ['etl.extract', 'etl.load'])
      expect(readFileSync(root.path('done-q', name), 'utf8')).toContain('flow :: etl\n');
    expect(readFileSync(root.path('done-q/etl.extract~2'), 'utf8')).toContain('label :: other');
    expect(readFileSync(root.path('done-q/etl.load~2'), 'utf8')).toContain('label :: urgent');
  });

  it('that lost its own list of what is made makes none of its UOWs twice', async () => {
    const root = world();
    put(root, 'wait-q', 'etl', etl);
    await root.dieAt('apply/take-in-flow.ts link', 4);
    for (const name of readdirSync(root.path('.sjq/flowing'))) rmSync(root.path('.sjq/flowing', name));
    await root.quiet();
    expect(root.started()).toEqual(['etl.extract', 'etl.transform', 'etl.load']);
    expect(root.status('etl')).toBe('done 3 of 4 done');
  });

  it('means its own UOWs, whatever namesakes there were before', async () => {
    const root = world();
    for (const id of ['one', 'two']) {
      root.drop('wait-q', 'etl.extract', id);
      await root.quiet();
    }
    rmSync(root.path('done-q/etl.extract'));
    root.exit['etl.extract'] = 1;
    const [, extract = '', transform = ''] = etl.split(/(?===== UNIT)/);
    put(root, 'wait-q', 'etl', transform + extract);
    await root.quiet();
    expect(root.started().slice(2)).toEqual(['etl.extract']);
    expect(root.status('etl')).toBe('blocked 0 of 2 done');
  });

  it('of which a UOW would have too long a name goes to trash with the reason', async () => {
    const root = world();
    const name = 'e'.repeat(250);
    put(root, 'wait-q', name, etl);
    await root.quiet();
    expect(root.where(name)).toBe('trash');
    expect(said(root)).toMatch(/line 7: its UOW would have too long a name/);
  });

  it('that is none goes to trash with every reason and its line, and nothing of it runs', async () => {
    const root = world();
    const bad = etl
      .replace('after :: extract', 'after :: load, nosuch')
      .replace('UNIT OF WORK mourn', 'UNIT OF WORK load');
    put(root, 'wait-q', 'etl', bad);
    await root.quiet();
    expect(root.where('etl')).toBe('trash');
    expect(root.started()).toEqual([]);
    const why = said(root);
    expect(why).toContain('line 10: no UOW of this flow is named nosuch');
    expect(why).toContain('line 17: load stands here and on line 12');
  });
});

describe('a flow', () => {
  it('is blocked behind one that ended badly, and goes on from there when that is retried', async () => {
    const root = world();
    root.exit['etl.transform'] = 1;
    put(root, 'wait-q', 'etl', etl);
    await root.quiet();
    expect(root.started()).toEqual(['etl.extract', 'etl.transform', 'etl.mourn']);
    expect(root.status('etl')).toBe('blocked 2 of 4 done');
    expect(said(root)).toMatch(/ flow etl is=blocked done=2 of=4/);
    root.exit['etl.transform'] = 0;
    root.message('RETRY etl.transform');
    await root.quiet();
    expect(root.started().slice(3)).toEqual(['etl.transform', 'etl.load']);
    expect(root.status('etl')).toBe('done 4 of 4 done');
  });

  it('is done too when what ended badly is continued, or what waits is skipped', async () => {
    for (const line of ['CONTINUE etl.transform', 'SKIP etl.load\nCONTINUE etl.transform']) {
      const root = world();
      root.exit['etl.transform'] = 1;
      put(root, 'wait-q', 'etl', etl);
      await root.quiet();
      root.message(line);
      await root.quiet();
      expect(root.status('etl')).toBe('done 4 of 4 done');
    }
  });

  it('is paused and resumed, also over a restart, and lets others pass meanwhile', async () => {
    const root = world();
    root.message('PAUSE');
    put(root, 'wait-q', 'etl', etl);
    await root.quiet();
    expect(root.status('etl')).toBe('running 0 of 4 done');
    root.message('PAUSE FLOW etl');
    root.message('RESUME');
    root.drop('wait-q', 'other', 'other');
    await root.quiet();
    expect(root.started()).toEqual(['other']);
    expect(root.status('etl')).toBe('paused 0 of 4 done');
    root.message('RESUME FLOW nosuch');
    root.message('RESUME FLOW etl');
    await root.quiet();
    expect(root.status('etl')).toBe('done 3 of 4 done');
    expect(said(root)).toContain('there is no flow named nosuch');
  });

  it('is blocked while all that could go on is held', async () => {
    const root = world();
    root.message('PAUSE');
    put(root, 'wait-q', 'etl', etl);
    await root.quiet();
    root.message('HOLD etl.extract');
    root.message('RESUME');
    await root.quiet();
    expect(root.status('etl')).toBe('blocked 0 of 4 done');
    root.message('RELEASE etl.extract');
    await root.quiet();
    expect(root.status('etl')).toBe('done 3 of 4 done');
  });
});

describe('a flow in schedules/', () => {
  const flowsOf = (root: World): readonly string[] => readdirSync(root.path('flows')).toSorted();

  it('becomes a flow of its own at each of its times, whose UOWs are made for that time', async () => {
    const root = world();
    dueFlow(root, 'f', 2, 'catch-up :: all', 'overlap :: allow', 'ttl :: 1d');
    await root.quiet();
    const flows = flowsOf(root);
    expect(flows.map((name) => root.status(name))).toEqual(['done 2 of 2 done', 'done 2 of 2 done']);
    expect(flows[0]).toMatch(/^f@\d{4}-\d\d-\d\dT\d{6}Z$/);
    const [first, second] = ['a', 'b'].map((name) =>
      readFileSync(root.path(`done-q/${flows[0] ?? ''}.${name}`), 'utf8'),
    );
    for (const text of [first, second]) expect(text).toMatch(/^scheduled-by :: f\nscheduled-at :: \S+\nflow :: f@/m);
    expect(first).not.toMatch(/^(every|from|until|timezone|catch-up|overlap) ::/m);
    expect([first, second].map((text) => text?.includes('ttl :: 1d'))).toEqual([true, false]);
    expect(readFileSync(root.path('schedules/f'), 'utf8')).toMatch(/==== STATUS\n\nlast 2\S+ next -/);
  });

  it('runs one iteration behind the other with overlap :: queue, and past one that is blocked', async () => {
    const root = world();
    dueFlow(root, 'f', 3, 'catch-up :: all');
    root.message('PAUSE');
    await root.quiet();
    const [one = '', two = '', three = ''] = flowsOf(root);
    root.exit[`${two}.a`] = 1;
    root.message('RESUME');
    await root.quiet();
    expect(root.started()).toEqual([`${one}.a`, `${one}.b`, `${two}.a`, `${three}.a`, `${three}.b`]);
    expect([one, two, three].map((name) => root.status(name))).toEqual([
      'done 2 of 2 done',
      'blocked 0 of 2 done',
      'done 2 of 2 done',
    ]);
  });

  it('that says in another section when it is run is refused with the line', async () => {
    const root = world();
    dueFlow(root, 'f', 1);
    const path = root.path('schedules/f');
    writeFileSync(path, `${readFileSync(path, 'utf8')}jitter :: 1m\n`);
    await root.quiet();
    expect(said(root)).toMatch(/ refused f in=schedules line \d+: jitter in another section than the first/);
    expect(flowsOf(root)).toEqual([]);
  });
});
