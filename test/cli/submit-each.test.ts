import { rmdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';
import { run, testRoot, type Ran, type TestRoot } from '../support/root.ts';

function each(root: TestRoot, input: string, ...args: readonly string[]): Promise<Ran> {
  return run(['submit', '--root', root.dir, '--each', ...args], { cwd: root.dir, input });
}

/** The commands that wait, in the order of their stamps. */
function commands(root: TestRoot, queue: 'wait-q' | 'priority-q' = 'wait-q'): readonly string[] {
  const texts = root.list(queue).map((name) => root.read(queue, name));
  const key = (text: string): number => {
    const [, seconds = '', ordinal = ''] = /^timestamp: (\d+)-(\d+) /.exec(text) ?? [];
    return Number(seconds) * 1e6 + Number(ordinal);
  };
  return texts
    .toSorted((a, b) => key(a) - key(b))
    .map((text) => Buffer.from(/^command :: (.*)$/m.exec(text)?.[1] ?? '', 'latin1').toString());
}

it('a UOW for each line, in the order of the lines; blank lines and comments are passed over', async () => {
  const root = testRoot();
  const ran = await each(root, '# backups\n\ngzip -9 a\n   \n  gzip "é è" | cat # twice \n\t# no\necho last');
  expect(ran).toEqual({ code: 0, stdout: 'gzip\ngzip~2\necho\n', stderr: '' });
  expect(commands(root)).toEqual(['gzip -9 a', 'gzip "é è" | cat # twice', 'echo last']);
  expect(root.read('wait-q', 'gzip~2')).toContain(`\ndirectory :: ${root.dir}\n`);
  expect(await each(root, '')).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('the options of submit count for each', async () => {
  const root = testRoot();
  writeFileSync(root.path('done-q/x'), 'taken\n');
  const ran = await each(root, 'true\nfalse\n', '-p', '-n', 'x', '--field', 'timeout=1h');
  expect(ran).toEqual({ code: 0, stdout: 'x~2\nx~3\n', stderr: '' });
  expect(commands(root, 'priority-q')).toEqual(['true', 'false']);
  for (const name of ['x~2', 'x~3']) expect(root.read('priority-q', name)).toContain('\ntimeout :: 1h\n');
});

it('a bad line is named with its number; what stands before it is submitted, and nothing behind it', async () => {
  for (const [bad, why] of [
    ['echo \0', 'a command line cannot hold a carriage return or NUL'],
    ['echo\r', 'a command line cannot hold a carriage return or NUL'],
    ['x'.repeat(70_000), 'longer than a head may be (64 KiB)'],
  ] as const) {
    const root = testRoot();
    const ran = await each(root, `true\n\n${bad}\nfalse\n`);
    const behind = 'the lines before it are submitted, it and those behind it are not';
    expect(ran).toEqual({ code: 65, stdout: 'true\n', stderr: `sjq: line 3: ${why}: ${behind}\n` });
    expect(commands(root)).toEqual(['true']);
  }
});

it('a queue that cannot be written to is named, with the line that was not submitted', async () => {
  const root = testRoot();
  rmdirSync(root.path('priority-q'));
  const ran = await each(root, '\ntrue\n', '-p');
  expect(ran).toMatchObject({ code: 73, stdout: '' });
  expect(ran.stderr).toMatch(/^sjq: line 2: cannot write to .*priority-q: no such file or directory \(ENOENT\)/);
});

it('a command, -f and a field that is none are refused before a line is read', async () => {
  const root = testRoot();
  for (const args of [['true'], ['-f', 'x'], ['--field', 'timeout']])
    expect(await each(root, 'true\n', ...args)).toMatchObject({ code: 64, stdout: '' });
  expect(root.list('wait-q')).toEqual([]);
});

it('more lines than a batch has are submitted, whatever the durability is', async () => {
  const root = testRoot();
  const all: string[] = [];
  // More than are synced one by one, and more than a batch has.
  for (const [durability, count] of [
    ['power', 40],
    ['process', 1100],
  ] as const) {
    writeFileSync(root.path('config.yaml'), `durability: ${durability}\n`);
    const lines = Array.from({ length: count }, (_, at) => `echo ${durability} ${at}`);
    const names = lines.map((_, at) => (all.length + at === 0 ? 'echo' : `echo~${all.length + at + 1}`));
    expect(await each(root, lines.join('\n'))).toEqual({ code: 0, stdout: `${names.join('\n')}\n`, stderr: '' });
    all.push(...lines);
  }
  expect(commands(root)).toEqual(all);
});

it('progress is drawn on a terminal only: a bar where the size is known', () => {
  let [now, shown] = [0, ''];
  const stream = (isTTY: boolean): { isTTY: boolean; write: (text: string) => void } => ({
    ...{ isTTY, write: (text: string) => void (shown += text) },
  });
  const bar = createProgress(stream(true), 200, () => now);
  now = 1000;
  bar.add(50, 100);
  bar.add(1, 2);
  bar.end();
  const [drawn, last] = shown.split('\r').slice(1);
  expect(drawn).toBe(`[${'#'.repeat(15)}${' '.repeat(15)}]  50 %  50 submitted, 50/s\x1b[K`);
  expect(last).toMatch(/ 51 submitted, 51\/s\x1b\[K\n$/);
  shown = '';
  const count = createProgress(stream(true), undefined, () => now);
  count.add(5, 5);
  expect(shown).toBe('\r5 submitted, 0/s\x1b[K');
  shown = '';
  const silent = createProgress(stream(false), 200, () => now);
  silent.add(1, 1);
  silent.end();
  expect(shown).toBe('');
});
