import { describe, expect, test } from 'vitest';
import { jobTypeFromYaml } from '../../src/format/job-type-yaml.ts';
import type { JobType } from '../../src/model/config.ts';
import { textFromProblem } from '../../src/model/errors.ts';

function jobTypeOf(fileName: string, text: string): JobType {
  const parsed = jobTypeFromYaml(fileName, text);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.map(textFromProblem).join('\n'));
  return parsed.jobType;
}

function linesOf(text: string, fileName = 'app.yaml'): readonly string[] {
  const parsed = jobTypeFromYaml(fileName, text);
  return parsed.kind === 'invalid' ? parsed.problems.map(textFromProblem) : [];
}

describe('a valid file', () => {
  test('needs no more than an argv', () => {
    expect(jobTypeOf('hello.yaml', 'argv: [echo, hello]')).toEqual({
      name: 'hello',
      version: '0',
      argv: ['echo', 'hello'],
      environment: {},
      path: [],
      fields: {},
      defaults: {},
      procnames: [],
    });
  });

  test('can say everything', () => {
    const text = `
name: backup
version: 1.10
argv: [/opt/backup/run, --to, "{Target}", "level={level}{{x}}", '', 5, yes, "{directory}"]
environment: {HOME: /opt/backup, EMPTY: , LINES: "a\\nb"}
path: [/opt/backup/bin]
fields:
  TARGET: '/srv/\\w+'
  level: {pattern: '\\d', default: '3'}
  note:
defaults: {timeout: 8h, note: none}
procnames: [{name: backup-run, timeout: 9h}]
`;
    expect(jobTypeOf('any.yaml', text)).toEqual({
      name: 'backup',
      version: '1.10',
      argv: ['/opt/backup/run', '--to', '{Target}', 'level={level}{{x}}', '', '5', 'yes', '{directory}'],
      environment: { HOME: '/opt/backup', EMPTY: '', LINES: 'a\nb' },
      path: ['/opt/backup/bin'],
      fields: { target: { pattern: '/srv/\\w+' }, level: { pattern: '\\d', fallback: '3' }, note: {} },
      defaults: { timeout: '8h', note: 'none' },
      procnames: [{ name: 'backup-run', timeoutMs: 32_400_000 }],
    });
  });

  test.for([
    ['backup.yaml', 'backup', '0'],
    ['backup@1.4.yaml', 'backup', '1.4'],
    ['backup@1.4.yml', 'backup', '1.4'],
    ['a.b.yaml', 'a.b', '0'],
  ] as const)('takes name and version from the file name %s', ([fileName, name, version]) => {
    expect(jobTypeOf(fileName, 'argv: [x]')).toMatchObject({ name, version });
  });

  test('may hold a script as one argument', () => {
    expect(jobTypeOf('s.yaml', 'argv:\n- sh\n- -c\n- |\n  set -e\n  ls\n').argv).toEqual(['sh', '-c', 'set -e\nls\n']);
  });
});

describe('a file with faults', () => {
  test.for([
    ['', 'argv is missing'],
    ['argv: []', 'line 1: argv is missing'],
    ['argv: rsync -a', 'line 1: argv is no list: write argv: [/usr/bin/program, argument, "{FIELD}"]'],
    ['argv: [x, {FILE}]', 'line 1: argument 1 is a map: quote it'],
    ['argv: ["", a]', 'line 1: the program is empty'],
    ['argv:\n- x\n- ', 'line 3: argument 1 is empty'],
    ['argv: [x, "{file}"]', 'line 1: {file} is no field: declare it: fields: {file: "a pattern of its content"}'],
    ['argv: [x, "a{b"]', 'line 1: a single { in "a{b": write {{ and }} for braces'],
    ['argv: [x, "{}"]', 'line 1: a single { in "{}"'],
    ['argv: [x, "{a b}"]', 'line 1: a single { in "{a b}"'],
    ['argv: ["{prog}"]\nfields: {prog: }', 'line 1: {prog} chooses the program'],
    ['argv: ["{directory}/run"]', 'line 1: {directory} chooses the program'],
    ['argv: [x, "{secret.key}"]', 'line 1: {secret.key} in argv: read it from the environment'],
    ['arg: [x]\nargv: [x]', 'line 1: unknown part of a job type "arg": did you mean argv?'],
    ['argv: [x]\nname: a@b', 'line 2: bad name "a@b"'],
    ['argv: [x]\nversion: "1 2"', 'line 2: bad version "1 2"'],
    ['argv: [x]\nenvironment: {A-B: c}', 'line 2: bad variable name "A-B"'],
    ['argv: [x]\nenvironment: {SJQ_ROOT: c}', 'line 2: SJQ_ROOT is one of the program’s own variables'],
    ['argv: [x]\npath: [bin]', 'line 2: bad directory "bin" in path'],
    ['argv: [x]\npath: ["/a:/b"]', 'line 2: bad directory "/a:/b" in path'],
    ['argv: [x]\nfields: {a: "("}', 'line 2: bad pattern of a "(": unterminated group'],
    ['argv: [x]\nfields: {a: "(?=b)"}', 'line 2: bad pattern of a "(?=b)": (?= is not supported'],
    ['argv: [x]\nfields: {a: {pattern: "\\\\d", default: b}}', 'line 2: the default "b" of a does not match'],
    ['argv: [x]\nfields: {a: {patern: b}}', 'line 2: unknown part of field a "patern": did you mean pattern?'],
    ['argv: [x]\nfields: {a: b, A: c}', 'line 2: a stands twice in fields'],
    ['argv: [x]\nfields: {"a b": c}', 'line 2: bad field name "a b"'],
    ['argv: [x]\nfields: {nice: {default: 5}}', 'line 2: nice is a header field of the product'],
    ['argv: [x]\ndefaults: {timout: 1h}', 'line 2: unknown header field "timout" in defaults: did you mean timeout?'],
    ['argv: [x]\ndefaults: {job: app}', 'line 2: job in defaults would run in every UOW'],
    ['argv: [x]\nargv: [y]', 'line 2: argv stands here and on line 1'],
    ['[x]', 'line 1: the file is no map'],
  ])('says what is wrong: %s', ([text, problem]) => {
    expect(linesOf(text!)[0]).toContain(problem);
  });

  test('must not disagree with its own file name about the version', () => {
    const [problem] = linesOf('argv: [x]\nversion: 1.5', 'app@1.4.yaml');
    expect(problem).toBe(
      'line 2: version 1.5 in a file named for version 1.4: rename the file, or leave the version out',
    );
  });

  test('tells all its faults in the order of their lines', () => {
    const found = linesOf('path: [bin]\nargv: ["{x}"]\nversion: "?"\nenvironment: 5\n');
    expect(found.map((line) => line.slice(0, 6))).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
  });
});

describe('what is to be done about a fault', () => {
  const argv = 'write argv: [/usr/bin/program, argument, "{FIELD}"]: each item is one argument, nothing is split';
  const word = 'use letters, digits and . _ + ~ -, beginning with a letter or digit';
  const directories = 'write a list of absolute directories such as [/opt/app/bin]';
  const quote = 'quote it (\'\' for an empty argument, "{FIELD}" for a slot)';
  const pattern = 'write a pattern, or {pattern: …, default: …}';
  test.for([
    ['x', ['line 1: the file is no map: write `argv: [program, argument]`']],
    ['[x]', ['line 1: the file is no map: write `argv: [program, argument]`']],
    ['argv: []', [`line 1: argv is missing: ${argv}`]],
    ['argv: [" "]', [`line 1: the program is empty: ${argv}`]],
    ['argv: [[], b]', [`line 1: argument 0 is a list: ${quote}`]],
    [
      'argv: ["{directory}"]',
      ['line 1: {directory} chooses the program: give directory a pattern, or write the program out'],
    ],
    ['argv: [x]\nname:', ['line 2: name has no value: write the name, or leave the line out']],
    ['argv: [x]\nversion: []', ['line 2: version is a list: write a version such as 1.4']],
    ['argv: [x]\nname: a b', [`line 2: bad name "a b": ${word}`]],
    ['argv: [x]\nversion: _1', [`line 2: bad version "_1": ${word}`]],
    ['argv: [x]\nenvironment: y', ['line 2: environment is no map: write {NAME: value}']],
    ['argv: [x]\nenvironment: {1A: c}', ['line 2: bad variable name "1A": use letters, digits and _']],
    [
      'argv: [x]\nenvironment: {SJQ_A: c}',
      ['line 2: SJQ_A is one of the program’s own variables: choose another name'],
    ],
    ['argv: [x]\nenvironment: {A: [c]}', ['line 2: A is a list: write one value']],
    ['argv: [x]\npath: /bin', [`line 2: path is no list: ${directories}`]],
    ['argv: [x]\npath: [[/bin]]', [`line 2: a directory in path is a list: ${directories}`]],
    ['argv: [x]\nfields: [a]', ['line 2: fields is no map: write {NAME: "pattern of its content"}']],
    ['argv: [x]\nfields: {"a/b": c}', ['line 2: bad field name "a/b": use letters, digits and _ . -']],
    ['argv: [x]\nfields: {a: b, A: c}', ['line 2: a stands twice in fields: keep one of them']],
    ['argv: [x]\nfields: {a: {pattern: }}', [`line 2: the pattern of a has no value: ${pattern}`]],
    ['argv: [x]\nfields: {a: {default: [b]}}', ['line 2: the default of a is a list: quote it']],
    ['argv: [x]\nfields: {a: {default: }}', ['line 2: the default of a is empty: quote it']],
    [
      'argv: [x]\nfields: {nice: {default: 5}}',
      ['line 2: nice is a header field of the product: write its default under defaults: {nice: …}'],
    ],
    [
      'argv: [x]\nfields: {a: "["}',
      [/^line 2: bad pattern of a "\[": .+: mend the regular expression; quote it with '…'$/],
    ],
    [
      'argv: [x]\nfields: {a: {pattern: b, default: c}}',
      ['line 2: the default "c" of a does not match its own pattern b: change one of them'],
    ],
  ] as const)('is said whole: %s', ([text, expected]) => {
    expect(linesOf(text)).toEqual(
      expected.map((line) => (typeof line === 'string' ? line : (expect.stringMatching(line) as string))),
    );
  });

  test('is guesswork where the YAML is broken, so that alone is told', () => {
    const found = linesOf('argv: [x\nnam: y\n');
    expect(found.length).toBeGreaterThan(0);
    for (const line of found) expect(line).toContain('bad YAML');
  });
});

describe('what a file may leave to others', () => {
  test('is its default, without the blanks around it', () => {
    expect(jobTypeOf('a.yaml', 'argv: [x]\nfields: {a: {default: " b "}}').fields).toEqual({ a: { fallback: 'b' } });
    expect(jobTypeOf('a.yaml', 'argv: [x]\nfields: {nice: "[0-9]+"}').fields).toEqual({ nice: { pattern: '[0-9]+' } });
  });

  test('is the program, to a field that has a pattern', () => {
    const text = 'argv: ["{prog}", " ", "{directory}"]\nfields: {prog: "a|b"}';
    expect(jobTypeOf('a.yaml', text).argv).toEqual(['{prog}', ' ', '{directory}']);
  });

  test('is the version, which its file name says up to the ending', () => {
    expect(jobTypeOf('app@1.yaml.2.yml', 'argv: [x]')).toMatchObject({ name: 'app', version: '1.yaml.2' });
    expect(linesOf('argv: [x]', 'app@1@2.yaml')).toEqual([expect.stringContaining('bad version "1@2"')]);
  });

  test('warns in the order of its lines', () => {
    const parsed = jobTypeFromYaml('a.yaml', 'defaults:\n  region: north\n  hosts: a\nargv: [x]\n');
    const lines = parsed.kind === 'job-type' ? parsed.warnings.map(({ line }) => line) : [];
    expect(lines).toEqual([2, 3]);
  });
});
