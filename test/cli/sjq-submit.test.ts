// The shell's submit, in each POSIX shell that is here.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { submitCommand } from '../../src/cli/commands/submit.ts';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { testRoot, type TestRoot } from '../support/root.ts';

const script = join(import.meta.dirname, '../../src/cli/sjq-submit.sh');
const shells = [['sh'], ['busybox', 'sh']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', 'true']).status === 0,
);

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function submitBy(
  shell: readonly string[],
  root: TestRoot,
  args: readonly string[],
  { input = '', path = '' }: { readonly input?: string; readonly path?: string } = {},
): Said {
  const [program = '', ...rest] = shell;
  const ran = spawnSync(program, [...rest, script, ...args], {
    ...{ cwd: root.dir, input, encoding: 'utf8' },
    env: { PATH: `${path}:${process.env['PATH'] ?? ''}`, LANG: 'C.UTF-8', SJQ_ROOT: root.dir },
  });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

/** The programs of the script, which note how they are called and do it. `before` is a shell's case that comes first. */
function notingPrograms(
  root: TestRoot,
  before = '',
): { readonly path: string; readonly calls: () => readonly string[] } {
  const path = root.path('noting');
  mkdirSync(path);
  for (const name of ['link', 'unlink', 'sync']) {
    const real = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    const call = `call="${name} $(basename "$1" | tr -d 0-9)"; echo "$call" >>"$0.calls"; case $call in ${before} *) ;; esac`;
    writeFileSync(join(path, name), `#!/bin/sh\n${call.replace('$0.calls', `${path}/calls`)}\nexec ${real} "$@"\n`);
    chmodSync(join(path, name), 0o755);
  }
  return {
    path,
    calls: () => (existsSync(join(path, 'calls')) ? readFileSync(join(path, 'calls'), 'utf8').trim().split('\n') : []),
  };
}

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('%s', (_, shell) => {
  it('submitted jobs run as they were typed, in their order, and are taken in at once', async () => {
    const root = testRoot('settle: 1h\nslots: 1\nstatus: off\n');
    const submit = (...args: readonly string[]): Said => submitBy(shell, root, args);
    const words = ['printf', '[%s]\\n', 'a b', '', '$HOME', "it's", '*', "''", 'é', '-x'];
    expect(submit('-n', 'words', '--', ...words)).toEqual({ code: 0, stdout: 'words\n', stderr: '' });
    expect(submit('-n', 'line', 'echo one | tr a-z A-Z; pwd').stdout).toBe('line\n');
    expect(submit('-n', 'script', 'x=1\n\nfalse\necho "not reached"').stdout).toBe('script\n');
    expect(submit('-n', 'field', '--field', 'run-id=7', '--field', 'directory=/', 'echo "$SJQ_RUN_ID"; pwd').code).toBe(
      0,
    );
    // Nothing else is left beside them.
    expect(readdirSync(root.path('wait-q')).sort()).toEqual(['field', 'line', 'script', 'words']);
    const { code, stderr } = await root.sjq('once');
    expect(code).toBe(0);
    const started = [...stderr.matchAll(/ started (\S+)/g)].map(([, name]) => name);
    expect(started).toEqual(['words', 'line', 'script', 'field']);
    expect(root.log('done-q', 'words')).toBe(
      "[a b]\n[]\n[$HOME]\n[it's]\n[*]\n['']\n[é]\n[-x]\n".replace('é', '\xc3\xa9'),
    );
    expect(root.log('done-q', 'line')).toBe(`ONE\n${root.dir}\n`);
    expect(root.status('error-q', 'script')).toMatch(/^error exit=1 /);
    expect(root.log('done-q', 'field')).toBe('7\n/\n');
    expect(root.read('done-q', 'words')).toMatch(/^timestamp: \d{10}-\d+ enqueued/);
  });

  it('names are those that sjq submit gives, and one that is taken anywhere gets the next', () => {
    const [root, other] = [testRoot(), testRoot()];
    writeFileSync(root.path('done-q/make'), 'taken\n');
    writeFileSync(other.path('done-q/make'), 'taken\n');
    for (const command of [
      ['make -C /srv all | tee log'],
      ['LANG=C /usr/bin/sort -u file'],
      ['LANG=C'],
      ['/opt/app/bin/run it', 'now'],
      ['./README'],
      ['./half.tmp'],
      ['./.hidden'],
      ['x'.repeat(300)],
      ...Array.from({ length: 9 }, () => ['true']),
    ]) {
      const name = submitCommand(bytesFromUtf8(other.dir), command, { priorityQueue: false, field: [] });
      expect(submitBy(shell, root, ['--', ...command])).toEqual({ code: 0, stdout: `${name}\n`, stderr: '' });
    }
    expect(submitBy(shell, root, ['-p', '--field', 'job=backup@1.4']).stdout).toBe('backup@1.4\n');
    expect(root.list('priority-q')).toEqual(['backup@1.4']);
  });

  it('says its size to the byte, whatever that is', () => {
    const root = testRoot();
    const sizeOf = (length: number): number => {
      const name = submitBy(shell, root, ['--field', 'directory=/', `é${'y'.repeat(length)}`]).stdout.trim();
      const text = root.read('wait-q', name);
      expect(text.split('\n')[0]).toBe(`timestamp: 0 submitted size=${text.length}`);
      return text.length;
    };
    const bare = sizeOf(0);
    for (const size of [98, 99, 100, 101, 102, 998, 999, 1000, 1001, 1002]) sizeOf(Math.max(0, size - bare));
  });

  it('a file or standard input is taken as it stands', () => {
    const root = testRoot();
    const text = '# nightly\n==== UNIT OF WORK\n\ncommand :: true\n';
    writeFileSync(root.path('nightly~2'), text);
    expect(submitBy(shell, root, ['-f', 'nightly~2'])).toEqual({ code: 0, stdout: 'nightly\n', stderr: '' });
    expect(submitBy(shell, root, ['-n', 't42', '-f', '-'], { input: text }).stdout).toBe('t42\n');
    for (const name of ['nightly', 't42']) expect(root.read('wait-q', name)).toBe(text);
  });

  it('what cannot be meant is refused with what to do, and nothing is dropped', () => {
    const root = testRoot();
    for (const [args, code, message] of [
      [[], 64, 'nothing to submit'],
      [[' '], 64, 'nothing to submit'],
      [['-x', 'true'], 64, 'unknown option -x'],
      [['-n'], 64, '-n needs a value'],
      [['-n', 'a/b', 'true'], 64, 'does not take'],
      [['-n', 'a b', 'true'], 64, 'does not take'],
      [['-n', '.x', 'true'], 64, 'does not look at'],
      [['-n', 'x.tmp', 'true'], 64, 'does not look at'],
      [['-n', 'x'.repeat(251), 'true'], 64, 'too long'],
      [['--field', 'timeout', 'true'], 64, 'write NAME=CONTENT'],
      [['--field', 'a b=1', 'true'], 64, 'write NAME=CONTENT'],
      [['--field', 'a=b\nc', 'true'], 64, 'a field is one line'],
      [['--', 'printf', 'a\nb'], 64, 'an argument with a line break'],
      [['-f', 'absent'], 66, 'absent cannot be read'],
      [['-f', 'config.yaml', 'true'], 64, 'not both'],
      [['--root', '/nowhere', 'true'], 73, '/nowhere is no queue root: make it one'],
    ] as const) {
      const said = submitBy(shell, root, args);
      expect({ args, code: said.code, stdout: said.stdout }).toEqual({ args, code, stdout: '' });
      expect(said.stderr).toMatch(/^sjq-submit: [^\n]+\n$/);
      expect(said.stderr).toContain(message);
    }
    expect(readdirSync(root.path('wait-q'))).toEqual([]);
    expect(submitBy(shell, root, ['--help']).stdout).toContain('Examples:\n  sjq-submit -- rsync');
  });

  it('settings are read where they are plain words; others are not guessed at', () => {
    const root = testRoot('# ours\nslots: 2\nqueues:   # renamed\n  wait: in\n  # later\ndefaults:\n  timeout: 2h\n');
    mkdirSync(root.path('in'));
    expect(submitBy(shell, root, ['true'])).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
    expect(readdirSync(root.path('in'))).toEqual(['true']);
    for (const config of [
      'queues: {wait: in}\n',
      '"queues":\n  wait: in\n',
      'queues:\n  wait: &x in\n',
      '{slots: 2}\n',
    ]) {
      writeFileSync(root.path('config.yaml'), config);
      const said = submitBy(shell, root, ['true']);
      expect({ config, code: said.code }).toEqual({ config, code: 78 });
      expect(said.stderr).toContain('this line is more than sjq-submit can read, use sjq submit: ');
    }
  });

  it('content is synced before the name, the name before it is printed; with durability process nothing is', () => {
    const root = testRoot();
    const { path, calls } = notingPrograms(root);
    expect(submitBy(shell, root, ['true'], { path })).toMatchObject({ code: 0, stdout: 'true\n' });
    expect(calls()).toEqual(['sync .sjq-submit-', 'link .sjq-submit-', 'unlink .sjq-submit-', 'sync wait-q']);
    writeFileSync(root.path('config.yaml'), 'durability: process\n');
    submitBy(shell, root, ['true'], { path });
    expect(calls().slice(4)).toEqual(['link .sjq-submit-', 'unlink .sjq-submit-']);
  });

  it('one that cannot be synced is not submitted, and not there', () => {
    for (const call of ['sync .', 'sync wait-q']) {
      const root = testRoot();
      const { path } = notingPrograms(root, `'${call}'*) exit 1 ;;`);
      const said = submitBy(shell, root, ['true'], { path });
      expect({ call, code: said.code, stdout: said.stdout }).toEqual({ call, code: 73, stdout: '' });
      expect(readdirSync(root.path('wait-q'))).toEqual([]);
    }
  });

  it('killed at any step, its job runs at most once', async () => {
    for (const call of ['sync .*', 'link *', 'unlink *', 'sync wait-q']) {
      const root = testRoot('settle: 1h\nstatus: off\n');
      const { path } = notingPrograms(root, `'${call.slice(0, -1)}'*) kill -9 $PPID ;;`);
      const said = submitBy(shell, root, [`echo ran >>${root.path('ran')}`], { path });
      expect(said.stdout).toBe('');
      await root.sjq('once');
      const ran = existsSync(root.path('ran')) ? readFileSync(root.path('ran'), 'utf8') : '';
      // A link that its submitter did not live to see is in the queue all the same.
      expect({ call, ran }).toEqual({ call, ran: call === 'sync .*' ? '' : 'ran\n' });
    }
  });
});
