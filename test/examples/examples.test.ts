import { cpSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { run, testRoot } from '../support/root.ts';
import { scratchFolder, start } from '../support/scratch.ts';

const folder = join(import.meta.dirname, '../../examples');
const files = readdirSync(folder, { withFileTypes: true });
const uows = files.filter((entry) => entry.isFile()).map(({ name }) => name);

/** The text of an example's config.yaml. */
function config(example: string): string {
  return readFileSync(join(folder, example, 'config.yaml'), 'utf8');
}

describe('examples', () => {
  it('each UOW passes sjq check without a warning', async () => {
    const { code, stdout } = await run(['check', ...uows], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: uows.map((name) => `${name}: ok\n`).join('') });
  });

  it('each UOW ends well, and its log says what the example is about', async () => {
    const root = testRoot('slots: 3\n');
    for (const name of uows) root.drop(name, readFileSync(join(folder, name), 'latin1'));
    expect((await root.sjq('once', '--quiet')).code).toBe(0);
    expect(root.list('done-q')).toEqual([...uows].sort());
    const logs = Object.fromEntries(uows.map((name) => [name, root.log('done-q', name)]));
    expect(logs).toEqual({
      backup: 'hostname\n',
      'exit-codes': '',
      hello: [1, 2, 3].map((n) => `\x1b[32mhello ${n}\x1b[0m\n`).join(''),
      script: 'HELLO WORLD\n',
    });
    expect(root.status('done-q', 'exit-codes')).toMatch(/^done exit=1 #1 /);
  });

  it('the root with a job type runs its UOW, and none that brings a command or another file', async () => {
    const dir = join(scratchFolder(), 'root');
    cpSync(join(folder, 'job-type'), dir, { recursive: true });
    const old = new Date(Date.now() - 120_000);
    utimesSync(join(dir, 'wait-q/passwd-sum'), old, old);
    const sjq = async (...args: readonly string[]): Promise<unknown> => run([...args, '--root', dir], { cwd: dir });
    expect(await sjq('init', dir)).toMatchObject({ code: 0 });
    await sjq('submit', '-n', 'own-command', 'echo mine');
    await sjq('submit', '-n', 'elsewhere', '--field', 'job=checksum', '--field', 'file=/etc/../home/me/.profile');
    expect(await sjq('once', '--quiet')).toMatchObject({ code: 0, stderr: '' });
    const read = (path: string): string => readFileSync(join(dir, path), 'utf8');
    expect(read('done-q/passwd-sum')).toMatch(/\n[0-9a-f]{64} {2}\/etc\/passwd\n$/);
    expect(read('fail-q/own-command')).toContain('sjq: cannot start: commands are not allowed in this root');
    expect(read('fail-q/elsewhere')).toContain('which is not allowed');
  });

  it('the nightly backup is foretold, fired by hand, and tells for which night it was', async () => {
    const root = testRoot();
    cpSync(join(folder, 'nightly/schedules'), root.path('schedules'), { recursive: true });
    expect((await run(['schedule', 'next', '--root', root.dir, '--days', '2'])).stdout).toContain('  nightly\n');
    root.message('FIRE nightly');
    await root.monitor();
    await eventually(() => root.list('done-q').length === 1, { what: `it is done: ${root.says()}` });
    const [name = ''] = root.list('done-q');
    expect(root.log('done-q', name)).toMatch(/^backing up for 20\d\d-\d\d-\d\d, due at 20\d\d-\S+\+0[12]:00\n$/);
  });

  it('extract, transform, load: stops at the bad line, tells it, and goes on from there when that is mended', async () => {
    const root = testRoot(config('etl'));
    for (const each of ['data', 'wait-q']) cpSync(join(folder, 'etl', each), root.path(each), { recursive: true });
    expect((await run(['check', join(folder, 'etl/wait-q/etl')])).stdout).toMatch(/etl: ok, a flow\n$/);
    const old = new Date(Date.now() - 120_000);
    utimesSync(root.path('wait-q/etl'), old, old);
    expect((await root.sjq('once', '--quiet')).code).toBe(0);
    expect((await root.sjq('flow', 'etl')).stdout).toBe(
      [
        'etl  blocked, 2 of 4 done',
        'extract       done exit=0',
        '└─ transform  error exit=1',
        '   ├─ load    waiting: etl.transform ended badly',
        '   └─ tell    done exit=0  (after-not-ok transform)\n',
      ].join('\n'),
    );
    expect(JSON.parse((await root.sjq('status', '--json')).stdout)).toMatchObject({
      flows_total: 1,
      flows: [{ name: 'etl', state: 'blocked', done: 2, of: 4 }],
    });
    const posted: unknown = JSON.parse(readFileSync(root.path('status/status.json'), 'utf8'));
    expect(posted).toMatchObject({ flows: [{ name: 'etl', state: 'blocked', done: 2, of: 4 }] });
    expect(root.log('error-q', 'etl.transform')).toBe('bad amount in line 2: 2,x\n');
    writeFileSync(root.path('data/orders.csv'), 'id,amount\n1,10\n2,0\n3,32\n');
    root.message('RETRY etl.extract');
    root.message('RETRY etl.transform');
    expect((await root.sjq('once', '--quiet')).code).toBe(0);
    expect(root.log('done-q', 'etl.load')).toBe('loaded 42\n');
    expect((await root.sjq('flow')).stdout).toBe('etl  done, 4 of 4 done\n');
    const { stdout } = await root.sjq('flow', 'etl', '--mermaid');
    expect(stdout).toContain('flowchart TD\n  n0["extract: done exit=0"]\n');
    expect(JSON.parse((await root.sjq('flow', 'etl', '--json')).stdout)).toMatchObject({
      ...{ schema: 'sjq.flow/1', status: 'done', done: 4, of: 4 },
      uows: [{ section: 'extract', name: 'etl.extract', state: 'done' }, {}, {}, {}],
    });
    expect((await root.sjq('flow', 'etl', '--svg')).stdout).toMatch(/^<svg [^]*>extract<\/text>[^]*<\/svg>\n$/);
    expect(await root.sjq('flow', 'nosuch')).toMatchObject({ code: 66 });
  });

  it('no deploy starts while a playbook runs that somebody started by hand, and they start one after the other', async () => {
    const root = testRoot(`sleep: 200ms\n${config('deploy')}`);
    cpSync(join(folder, 'deploy/ansible-playbook'), root.path('ansible-playbook'));
    const playbook = start(root.path('ansible-playbook'), ['by-hand'], {
      env: { PLAY_SECONDS: '300' },
      detached: true,
      stdio: 'ignore',
    });
    await root.monitor();
    for (const name of ['web', 'database'])
      root.drop(name, readFileSync(join(folder, 'deploy/wait-q', name), 'latin1'));
    const reason = new RegExp(`process ansible-playbook \\(pid ${playbook.pid}\\) is running`);
    await eventually(() => reason.test(readFileSync(root.path('status/status.txt'), 'utf8')), {
      what: 'status says what it waits for',
    });
    process.kill(-playbook.pid, 'SIGKILL');
    for (const name of ['web', 'database']) await root.arrival('done-q', name);
    expect(root.log('done-q', 'web')).toBe('PLAY [site.yml --limit web]\nPLAY RECAP: ok\n');
    // The line of the history comes behind the move.
    const attempts = (): readonly Record<string, unknown>[] => root.history().filter(({ kind }) => kind === 'attempt');
    await eventually(() => attempts().length === 2, { what: 'both are in the history' });
    const [first, second] = attempts();
    expect(Date.parse(String(second?.['started_at']))).toBeGreaterThanOrEqual(Date.parse(String(first?.['ended_at'])));
  });

  it(
    'a sweep of 200 runs is made whole where some are lost the first time, and the best is found',
    { timeout: 120_000 },
    async () => {
      const root = testRoot(config('sweep'));
      for (const each of ['sweep', 'train', 'best']) cpSync(join(folder, 'sweep', each), root.path(each));
      await root.monitor();
      const inRoot = async (...args: readonly string[]): Promise<unknown> => run(args, { cwd: root.dir });
      expect(await inRoot('submit', '-f', 'sweep')).toMatchObject({ code: 0, stdout: 'sweep\n' });
      expect(await inRoot('submit', '--field', 'after=sweep', './best')).toMatchObject({ code: 0, stdout: 'best\n' });
      expect(await inRoot('wait', 'best')).toMatchObject({ code: 0 });
      expect(root.log('done-q', 'best')).toBe('{"loss": 10, "rate": 6, "seed": 11}\n');
      const sweep = root.list('done-q').filter((name) => name !== 'best');
      expect(sweep).toHaveLength(200);
      expect(sweep.filter((name) => root.status('done-q', name).startsWith('done exit=0 #2 '))).toHaveLength(20);
      expect(await inRoot('flow', 'sweep')).toMatchObject({
        stdout: 'sweep  done, 200 of 200 done\nsweep  200 of 200 done\n',
      });
      const attempts = root.history().filter(({ kind }) => kind === 'attempt');
      const at = (field: string): readonly number[] => attempts.map((each) => Date.parse(String(each[field])));
      const [starts, ends] = [at('started_at'), at('ended_at')];
      const runAt = (start: number): number =>
        starts.filter((from, of) => from <= start && (ends[of] ?? 0) > start).length;
      expect(Math.max(...starts.map(runAt))).toBeLessThanOrEqual(4);
    },
  );

  it('a crontab is moved over: its lines become schedules, what cannot be carried over is told, and one runs', async () => {
    const root = testRoot();
    mkdirSync(root.path('schedules'));
    const imported = await root.sjq('schedule', 'import', join(folder, 'crontab/crontab'));
    expect(imported).toMatchObject({ code: 0, stdout: 'df\necho\ncat\n' });
    expect(imported.stderr).toMatch(/crontab:2: MAILTO is not carried over/);
    await root.monitor();
    root.message('FIRE cat');
    await eventually(() => root.list('done-q').length === 1, { what: `it is done: ${root.says()}` });
    expect(root.log('done-q', root.list('done-q')[0] ?? '')).toBe('first line\nsecond line\n');
  });
});
