import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobType } from '../../src/model/config.ts';
import { Header } from '../../src/model/header.ts';
import { argvFromCommand, argvFromJobType } from '../../src/plan/job-argv.ts';

function jobTypeOf(argv: readonly string[], fields: JobType['fields'] = {}): JobType {
  return { name: 'app', version: '1', argv, environment: {}, path: [], fields, defaults: {}, procnames: [] };
}

function headerOf(...lines: readonly (readonly [name: string, content: string])[]): Header {
  return new Header(lines.map(([name, content], index) => ({ name, content, line: index + 2 })));
}

describe('argv from a job type', () => {
  test('has the content of the field in the place of its slot', () => {
    const jobType = jobTypeOf(['run', '--to={Target}', '{level}{{x}}', '{directory}', ''], {
      target: {},
      level: { fallback: '3' },
    });
    expect(argvFromJobType(jobType, headerOf(['target', '/srv'], ['directory', '/tmp']))).toEqual({
      kind: 'argv',
      argv: ['run', '--to=/srv', '3{x}', '/tmp', ''],
    });
  });

  test('never splits a content, and reads no slot, quote or shell sign in it', () => {
    const jobType = jobTypeOf(['run', '{a}', 'x{a}y', '{a}{b}'], { a: {}, b: { pattern: '[^]*' } });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        fc.pre(!a.includes('\0') && !b.includes('\0'));
        expect(argvFromJobType(jobType, headerOf(['a', a], ['b', b]))).toEqual({
          kind: 'argv',
          argv: ['run', a, `x${a}y`, a + b],
        });
      }),
    );
    const hostile = '$(rm -rf /) {b} `id` "; \' *';
    expect(argvFromJobType(jobType, headerOf(['a', hostile], ['b', '']))).toMatchObject({
      argv: ['run', hostile, `x${hostile}y`, hostile],
    });
  });

  test('is refused where a field is missing', () => {
    const jobType = jobTypeOf(['run', '{target}'], { target: {} });
    expect(argvFromJobType(jobType, headerOf())).toEqual({
      kind: 'fault',
      message: 'job type app needs the field target',
      remedy: 'write target :: … into the header',
    });
    expect(argvFromJobType(jobTypeOf(['run', '{directory}']), headerOf())).toMatchObject({ kind: 'fault' });
    expect(argvFromJobType(jobTypeOf(['run'], { target: {} }), headerOf())).toMatchObject({ kind: 'argv' });
  });

  test('is refused where a content does not match its pattern as a whole', () => {
    const jobType = jobTypeOf(['run', '{target}'], { target: { pattern: '/srv/\\w+|none' } });
    for (const content of ['/srv/a', 'none'])
      expect(argvFromJobType(jobType, headerOf(['target', content])).kind).toBe('argv');
    for (const content of ['/srv/', '/srv/a b', 'x/srv/a', 'none of it', '', '--delete']) {
      expect(argvFromJobType(jobType, headerOf(['target', content]))).toMatchObject({
        kind: 'fault',
        message: `target is "${content}", which is not allowed`,
        remedy: 'write what matches /srv/\\w+|none as a whole',
      });
    }
  });

  test('judges declared fields that argv does not use, and the product’s own if the type declares them', () => {
    const jobType = jobTypeOf(['run'], { target: { pattern: '\\d' }, directory: { pattern: '/srv/.*' } });
    expect(argvFromJobType(jobType, headerOf(['target', 'x']))).toMatchObject({ kind: 'fault' });
    expect(argvFromJobType(jobType, headerOf(['directory', '/etc']))).toMatchObject({ kind: 'fault' });
    expect(argvFromJobType(jobType, headerOf(['directory', '/srv/x'], ['target', '1']))).toMatchObject({
      kind: 'argv',
    });
  });

  test('survives a bad pattern and a long content', () => {
    const jobType = jobTypeOf(['run', '{a}'], { a: { pattern: '(a+)+' } });
    expect(argvFromJobType(jobType, headerOf(['a', 'a'.repeat(4095) + '!']))).toMatchObject({ kind: 'fault' });
    expect(argvFromJobType(jobType, headerOf(['a', 'a'.repeat(4096)]))).toMatchObject({ kind: 'argv' });
    expect(argvFromJobType(jobType, headerOf(['a', 'a'.repeat(4097)]))).toMatchObject({
      message: 'a is longer than 4096 characters',
    });
    expect(argvFromJobType(jobTypeOf(['run'], { a: { pattern: '(' } }), headerOf(['a', 'x']))).toMatchObject({
      kind: 'fault',
    });
  });

  test('is refused for a NUL, for a field that stands twice, and for a program that is empty', () => {
    const jobType = jobTypeOf(['run', '{a}'], { a: {} });
    expect(argvFromJobType(jobType, headerOf(['a', 'x\0y']))).toMatchObject({
      message: expect.stringContaining('NUL'),
    });
    expect(argvFromJobType(jobType, headerOf(['a', 'x'], ['a', 'y']))).toMatchObject({
      message: 'a stands 2 times, and job type app takes one',
    });
    expect(argvFromJobType(jobTypeOf(['{a}'], { a: {} }), headerOf(['a', '']))).toMatchObject({ kind: 'fault' });
    expect(argvFromJobType(jobTypeOf([]), headerOf())).toEqual({
      kind: 'fault',
      message: 'job type app gives no program to run',
      remedy: 'mend its argv',
    });
    expect(argvFromJobType(jobTypeOf(['run', '{constructor}']), headerOf())).toMatchObject({ kind: 'fault' });
  });
});

describe('a fault of a job type or of a header', () => {
  const faultOf = (jobType: JobType, ...lines: readonly (readonly [name: string, content: string])[]): unknown => {
    const filled = argvFromJobType(jobType, headerOf(...lines));
    return filled.kind === 'fault' ? `${filled.message}: ${filled.remedy}` : filled;
  };

  test('says what is wrong and what to do', () => {
    const jobType = jobTypeOf(['run', '{a}'], { a: { pattern: '\\d' }, priority: { pattern: '\\d' } });
    expect(faultOf(jobType, ['a', '1'], ['a', '2'])).toBe(
      'a stands 2 times, and job type app takes one: keep one of them',
    );
    expect(faultOf(jobType, ['a', '\0'])).toBe('a holds a NUL character, which no argument can hold: remove it');
    expect(faultOf(jobType, ['a', '1'.repeat(4097)])).toBe(
      'a is longer than 4096 characters: put the content into a file and name that',
    );
    expect(faultOf(jobType, ['a', '1'], ['priority', 'x'])).toBe(
      'priority is "x", which is not allowed for job type app: write what matches \\d as a whole',
    );
    expect(faultOf(jobTypeOf(['run'], { a: { pattern: '(' } }), ['a', 'x'])).toMatch(
      /^job type app: bad pattern of a: .+: mend its file in job-types$/,
    );
  });

  test('is told of a template that cannot be read, and of a field that only the template names', () => {
    expect(faultOf(jobTypeOf(['run', '{']))).toMatch(/^job type app: .+: mend its file in job-types$/);
    expect(faultOf(jobTypeOf(['run', '{label}']), ['label', 'x'], ['label', 'y'])).toBe(
      'label stands 2 times, and job type app takes one: keep one of them',
    );
  });
});

describe('argv from command lines', () => {
  test.for([
    ['rsync -a --delete /home /backup', ['rsync', '-a', '--delete', '/home', '/backup']],
    ['/opt/app/run', ['/opt/app/run']],
    ['  make\t -j  4 ', ['make', '-j', '4']],
    ['true', ['true']],
    ['false', ['false']],
    ['./x,y:z@1+2 ä', ['./x,y:z@1+2', 'ä']],
    ['/bin/echo test', ['/bin/echo', 'test']],
  ] as const)('are run directly where no shell is needed: %s', ([line, argv]) => {
    for (const shell of ['/bin/sh', '/usr/bin/dash', 'bash'])
      expect(argvFromCommand([line], shell)).toEqual({ argv, direct: true });
  });

  test.for([
    ...[
      'a | b',
      'a & b',
      'a; b',
      'a < b',
      'a > b',
      '(a)',
      'a $b',
      'a `b`',
      'a "b"',
      "a 'b'",
      'a \\b',
      'a *',
      'a ?',
      'a [b]',
    ],
    ...['# a', 'a ~', 'A=b c', 'a b=c', 'a %1', '! a', '{ a', 'a ^b', 'a\nb', 'a\rb', 'a\u0085b', '', ' '],
    ...[
      'cd /tmp',
      'exit 3',
      'exec a',
      'echo a',
      'printf a',
      'test a',
      'kill 1',
      'pwd',
      ': a',
      '. a',
      'true --help',
      'false x',
      'time a',
    ],
    ...['if a', 'while a', 'umask', 'wait', 'ulimit', 'export', 'hash', 'type a', 'source a', 'command a', 'nohup\va'],
  ])('are run by the shell where it is needed: %j', (line) => {
    expect(argvFromCommand([line], '/bin/sh')).toEqual({ argv: ['/bin/sh', '-c', line], direct: false });
  });

  test('are run by a shell of which nothing is known, always', () => {
    for (const shell of ['/usr/bin/fish', 'python3', '/bin/zsh', '/bin/ksh', 'busybox']) {
      expect(argvFromCommand(['ls -l'], shell)).toEqual({ argv: [shell, '-c', 'ls -l'], direct: false });
    }
  });

  test('of several lines are one script, which other than POSIX shells get as it is', () => {
    const scriptOf = (shell: string): string => argvFromCommand(['a', 'b'], shell).argv[2] ?? '';
    expect(scriptOf('/bin/bash')).toBe('set -e\nset -o pipefail\na\nb');
    expect(scriptOf('zsh')).toBe('set -e\nset -o pipefail\na\nb');
    expect(scriptOf('/bin/sh')).toBe('set -e\ncommand set -o pipefail 2>/dev/null || :\na\nb');
    expect(scriptOf('python3')).toBe('a\nb');
    for (const shell of ['ksh', 'ksh93']) expect(scriptOf(shell), shell).toBe('set -e\nset -o pipefail\na\nb');
    for (const shell of ['dash', 'ash', 'mksh', 'oksh', 'yash']) {
      expect(scriptOf(shell), shell).toBe('set -e\ncommand set -o pipefail 2>/dev/null || :\na\nb');
    }
  });

  describe('run for real', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'sjq-argv-'));
      // Prints each argument in a line of its own. Written in sh, because two thousand starts of Node take minutes.
      writeFileSync(join(folder, 'show'), '#!/bin/sh\nprintf \'<%s>\\n\' "$0" "$@"\n', { mode: 0o755 });
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    const run = (argv: readonly string[]): readonly [stdout: string, code: number | null] => {
      const { stdout, status } = spawnSync(argv[0] ?? '', argv.slice(1), {
        cwd: folder,
        env: { PATH: `${folder}:/usr/bin:/bin`, HOME: '/nonexistent' },
        encoding: 'latin1',
      });
      return [stdout, status];
    };
    const shells = ['/bin/sh', '/bin/dash', '/bin/bash'].filter((shell) => existsSync(shell));

    test('a direct one gives the same as the shell would', () => {
      // Signs that need a shell are in, so that one which is missing in the list of signs shows.
      const word = fc.oneof(
        fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 6 }),
        fc.string({
          unit: fc.constantFrom(
            'a',
            '0',
            '-',
            '+',
            '@',
            ':',
            ',',
            '.',
            '/',
            '_',
            '~',
            '=',
            '{',
            ',',
            '}',
            '^',
            '!',
            '%',
            '#',
          ),
          minLength: 1,
          maxLength: 6,
        }),
        fc.constantFrom('ä', '-n', '--', 'a\u00a0b', '$HOME', '*', 'if', '😀'),
      );
      const line = fc.tuple(
        fc.constantFrom('show', './show', 'false', 'true'),
        fc.array(word, { maxLength: 4 }),
        fc.constantFrom(' ', '  ', '\t'),
      );
      let directs = 0;
      fc.assert(
        fc.property(line, fc.constantFrom(...shells), ([program, words, blank], shell) => {
          const text = [program, ...words].join(blank);
          const { argv, direct } = argvFromCommand([text], shell);
          if (!direct) return;
          directs++;
          const [stdout, code] = run(argv);
          // $0 of a script found through PATH is its path in both.
          expect([stdout, code]).toEqual(run([shell, '-c', text]));
        }),
        { numRuns: 800 },
      );
      expect(directs).toBeGreaterThan(100);
    });

    test.for(shells)('a script in %s stops at the first line that says no', (shell) => {
      const script = (...lines: readonly string[]) => run(argvFromCommand(lines, shell).argv);
      expect(script('echo a', 'false', 'echo b')).toEqual(['a\n', 1]);
      expect(script('echo a', 'cd /', 'pwd')).toEqual(['a\n/\n', 0]);
      expect(script('exit 3', 'echo b')).toEqual(['', 3]);
      expect(script('cat <<END', 'a b', 'END')).toEqual(['a b\n', 0]);
    });

    test.for(shells)('a script in %s has pipefail if the shell can have it', (shell) => {
      const has = spawnSync(shell, ['-c', 'set -o pipefail'], { stdio: 'ignore' }).status === 0;
      const [stdout, code] = run(argvFromCommand(['false | true', 'echo on'], shell).argv);
      expect([stdout, code]).toEqual(has ? ['', 1] : ['on\n', 0]);
    });

    test('a command that begins with a sign is not taken for an option', () => {
      const [, code] = run(argvFromCommand(['-x | cat >&2; exit 5'], '/bin/sh').argv);
      expect(code).toBe(5);
    });
  });
});
