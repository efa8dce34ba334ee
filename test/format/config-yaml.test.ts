import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alarmKinds } from '../../src/model/alarm.ts';
import { configFromYaml, defaultConfig } from '../../src/format/config-yaml.ts';
import type { Config } from '../../src/model/config.ts';
import { type Problem, textFromProblem } from '../../src/model/errors.ts';

function configOf(text: string): Config {
  const parsed = configFromYaml(text);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.map(textFromProblem).join('\n'));
  return parsed.config;
}

function problemsOf(text: string): readonly Problem[] {
  const parsed = configFromYaml(text);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

function linesOf(text: string): readonly string[] {
  return problemsOf(text).map(textFromProblem);
}

describe('a valid file', () => {
  test('that is empty, or comments only, is all defaults', () => {
    const expected: Config = {
      sleepMs: 15_000,
      settleMs: 1000,
      slots: 1,
      resources: {},
      groups: {},
      priority: 'ordered',
      durability: 'power',
      output: 'tee',
      cgroup: 'auto',
      allowCommands: true,
      allowUsers: [],
      runAs: 'monitor',
      queues: {
        wait: 'wait-q',
        priority: 'priority-q',
        executing: 'currently-executing',
        done: 'done-q',
        error: 'error-q',
        fail: 'fail-q',
        archive: 'archive',
        trash: 'trash',
      },
      messagesIn: 'monitor_reads',
      messagesOut: 'monitor_says',
      jobTypesDir: 'job-types',
      statusDir: 'status',
      ready: {},
      suspendAfter: 5,
      alarms: { kinds: [...alarmKinds], longer: 2, shorter: 0.5, lateMs: 900_000 },
      procnames: [],
      defaults: {},
      jobTypeDefaults: {},
      heartbeatMs: 0,
    };
    for (const text of ['', '\n', '# nothing\n', '---\n', '{}', '\ufeff']) expect(configOf(text)).toEqual(expected);
    expect(defaultConfig()).toEqual(expected);
  });

  test('sets what it says and leaves the rest alone', () => {
    const text = `
sleep: 30
settle: 0.5s
slots: 4
priority: strict
durability: process
output: append
allow_commands: no
allow_users: [backup, www-data]
run_as: owner
queues: {wait: in, done: out}
messages:
  in: ask
job_types: apps
status: {dir: /var/www/queue}
ready: {load: 1.5, free_memory: 500MB, free_disk: 2GiB, command: test -e /up}
procnames:
  - rsync
  - {name: ansible-playbook, timeout: 1h}
defaults: {Timeout: 2h, env.Lang: C, nice: 10}
job_type_defaults: {backup: {timeout: 8h}}
report: 8:00
heartbeat: 5m
`;
    expect(configOf(text)).toEqual({
      ...defaultConfig(),
      sleepMs: 30_000,
      settleMs: 500,
      slots: 4,
      priority: 'strict',
      durability: 'process',
      output: 'append',
      allowCommands: false,
      allowUsers: ['backup', 'www-data'],
      runAs: 'owner',
      queues: { ...defaultConfig().queues, wait: 'in', done: 'out' },
      messagesIn: 'ask',
      jobTypesDir: 'apps',
      statusDir: '/var/www/queue',
      ready: { load: 1.5, freeMemoryBytes: 500e6, freeDiskBytes: 2 * 1024 ** 3, command: 'test -e /up' },
      procnames: [{ name: 'rsync' }, { name: 'ansible-playbook', timeoutMs: 3_600_000 }],
      defaults: { timeout: '2h', 'env.Lang': 'C', nice: '10' },
      jobTypeDefaults: { backup: { timeout: '8h' } },
      report: '08:00',
      heartbeatMs: 300_000,
    });
  });

  test.for([
    ['yes', true],
    ['true', true],
    ['Yes', true],
    ['no', false],
    ['false', false],
    ['"no"', false],
  ] as const)('says %s for a switch', ([written, expected]) => {
    expect(configOf(`allow_commands: ${written}`).allowCommands).toBe(expected);
  });

  test('turns off with `off` what can be off', () => {
    expect(configOf('status: off').statusDir).toBeUndefined();
    const config = configOf('report: off\nready: {load: off, free_disk: off}');
    expect(config).toEqual(defaultConfig());
  });

  test('may have groups and lists with nothing under them', () => {
    expect(configOf('queues:\nready:\n  # load: 4\nprocnames:\ndefaults:\n')).toEqual(defaultConfig());
  });

  test('may have CRLF, a byte order mark, anchors and names in any script', () => {
    const config = configOf('\ufeffqueues:\r\n  wait: &a wärteschlange\r\n  done: fertig\r\nready: {command: *a}\r\n');
    expect(config.queues.wait).toBe('wärteschlange');
    expect(config.ready.command).toBe('wärteschlange');
  });

  test('warns of default fields that this version does not act on, and of those that a job type has to declare', () => {
    const text = 'defaults:\n  region: eu\njob_type_defaults:\n  backup:\n    target: /srv\n    timout: 1h\n';
    const parsed = configFromYaml(text);
    expect(parsed).toMatchObject({
      kind: 'config',
      config: { jobTypeDefaults: { backup: { target: '/srv', timout: '1h' } } },
    });
    const warnings = parsed.kind === 'config' ? parsed.warnings.map(textFromProblem) : [];
    expect(warnings).toEqual([
      'line 2: region in defaults is not acted on by this version',
      expect.stringMatching(/^line 5: "target" in job_type_defaults.backup is no header field of the product/),
      expect.stringMatching(/^line 6: "timout" .*: did you mean timeout\?$/),
    ]);
  });
});

describe('a file with faults', () => {
  test('is refused with every fault, each with its line and remedy', () => {
    expect(linesOf('sleep: soon\nslots: 0\n\nqueues:\n  wait: a/b\npriority: high\nallow_commands: maybe\n')).toEqual([
      'line 1: sleep "soon" is no duration: write a duration such as 90, 90s, 15m, 2h, 1d or 1h30m',
      'line 2: bad value of slots: "0": write a whole number from 1 to 10000',
      'line 5: bad value of queues.wait: "a/b": write one name without / that does not begin with a dot',
      'line 6: bad value of priority: "high": write one of: ordered, strict',
      'line 7: bad value of allow_commands: "maybe": write yes or no',
    ]);
  });

  test.for([
    ['slep: 15s', 'line 1: unknown setting "slep": did you mean sleep?'],
    ['job-types: apps', 'line 1: unknown setting "job-types": did you mean job_types?'],
    ['queues:\n  wiat: x', 'line 2: unknown setting "wiat" in queues: did you mean wait?'],
    ['free_memory: 1GB', 'line 1: unknown setting "free_memory": write it as ready: {free_memory: …}'],
    ['timeout: 2h', 'line 1: unknown setting "timeout": it is a header field: write it under defaults'],
    ['colour: blue', 'line 1: unknown setting "colour": docs/config.md lists all settings'],
    ['"": x', 'line 1: unknown setting "": docs/config.md lists all settings'],
    ['<<: {sleep: 1s}', 'line 1: unknown setting "<<": docs/config.md lists all settings'],
    ['ready:\n  temperature: 3', /^line 2: .* in ready: write one of: load, free_memory, free_disk, command$/],
    ['__proto__: {sleep: 1s}', /^line 1: unknown setting "__proto__"/],
  ] as const)('names the setting that was meant: %s', ([text, problem]) => {
    expect(linesOf(text)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });

  test.for([
    ['sleep: [1]', 'line 1: sleep is a list'],
    ['sleep: {a: 1}', 'line 1: sleep is a map'],
    ['sleep:', 'line 1: sleep has no value'],
    ['sleep: 0', 'line 1: sleep is out of range'],
    ['settle: 2h', 'line 1: settle is out of range'],
    ['slots: 1.5', 'line 1: bad value of slots: "1.5"'],
    ['queues: wait-q', 'line 1: queues is no map'],
    ['queues: off', 'line 1: queues is no map'],
    ['status: on', 'line 1: status is no map: write settings under it (dir), or off'],
    ['status: {dir: ../x}', 'line 1: bad value of status.dir'],
    ['allow_users: backup', 'line 1: allow_users is no list'],
    ['allow_users: [a b]', 'line 1: bad value of a user in allow_users'],
    ['procnames: rsync', 'line 1: procnames is no list'],
    ['procnames: [/usr/bin/rsync]', 'line 1: "/usr/bin/rsync" is a path'],
    ['procnames:\n- {name: x, timeout: long}', 'line 2: the timeout in procnames "long" is no duration'],
    ['procnames:\n- {timeout: 1h}', 'line 2: a name in procnames has no value'],
    ['procnames:\n- {name: x, tiemout: 1h}', 'line 2: unknown part of procnames "tiemout": did you mean timeout?'],
    ['ready: {load: 0}', 'line 1: bad value of ready.load'],
    ['ready: {free_disk: 2X}', 'line 1: bad value of ready.free_disk: "2X": write a size such as 500MB or 2GiB'],
    ['report: 24:00', 'line 1: bad value of report'],
    ['defaults: {timeout: soon}', 'line 1: bad content of timeout in defaults: "soon"'],
    ['defaults: {nice: 99}', 'line 1: bad content of nice in defaults: "99": write a whole number from -20 to 19'],
    ['defaults:\n  timout: 1h', 'line 2: unknown header field "timout" in defaults: did you mean timeout?'],
    [
      'defaults: {idle_timeout: 1h}',
      'line 1: unknown header field "idle_timeout" in defaults: did you mean idle-timeout?',
    ],
    ['defaults: {command: "true"}', 'line 1: command in defaults would run in every UOW'],
    ['defaults:\n  nice: 1\n  Nice: 2', 'line 3: nice stands twice in defaults'],
    ['defaults: {label: [a, b]}', 'line 1: label in defaults is a list'],
    ['defaults:\n  label: |\n    a\n    command :: x', 'line 2: label in defaults has several lines'],
    ['job_type_defaults: {backup: {timeout: x}}', 'line 1: bad content of timeout in job_type_defaults.backup'],
    ['- sleep', 'line 1: the file is no map'],
    ['sleep 15s', 'line 1: the file is no map'],
  ])('says what is wrong: %s', ([text, problem]) => {
    const [first] = linesOf(text!);
    expect(first).toContain(problem);
    expect(problemsOf(text!).every((found) => found.remedy !== '')).toBe(true);
  });

  test.for([
    ['queues: {wait: same, done: same}', 'which is the name of queues.wait'],
    ['queues: {wait: monitor_says}', 'line 1: queues.wait is named "monitor_says", which is the name of messages.out'],
    ['messages: {in: monitor_says}', 'line 1: messages.in is named "monitor_says"'],
    ['queues: {trash: done-q}', 'line 1: queues.trash is named "done-q", which is the name of queues.done'],
    ['job_types: wait-q', 'line 1: job_types is named "wait-q"'],
    ['status: {dir: wait-q/status}', 'line 1: status.dir is named "wait-q/status", which is the name of queues.wait'],
    ['queues: {wait: flows}', 'line 1: queues.wait is named "flows", which is the program’s own'],
    ['queues: {wait: config.yaml}', 'which is the program’s own'],
    ['queues: {wait: .hidden}', 'line 1: bad value of queues.wait: ".hidden"'],
    ['queues: {wait: ..}', 'line 1: bad value of queues.wait: ".."'],
    ['queues: {wait: "a\\nb"}', 'line 1: queues.wait has several lines'],
    [`queues: {wait: ${'ä'.repeat(128)}}`, 'line 1: bad value of queues.wait'],
  ])('gives every name in the root to one thing: %s', ([text, problem]) => {
    const found = linesOf(text!);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });

  test.for([
    ['/srv/q/done-q', 'line 1: status.dir is named "/srv/q/done-q", which is the name of queues.done'],
    ['/real//q/./wait-q/status/', 'which is the name of queues.wait'],
    ['/srv/q/flows', 'which is the program’s own'],
    ['/srv/q/.sjq/board', 'which is the program’s own'],
    ['/srv/q/board', undefined],
    ['/srv/q2/done-q', undefined],
    ['/srv/q', undefined],
  ])('knows the root in an absolute path: %s', ([dir, problem]) => {
    const parsed = configFromYaml(`status: {dir: ${dir}}`, ['/srv/q', '/real/q']);
    const found = parsed.kind === 'invalid' ? parsed.problems.map(textFromProblem) : [];
    expect(found).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
  });

  test('lets two names change places', () => {
    expect(configOf('queues: {wait: done-q, done: wait-q}').queues).toMatchObject({ wait: 'done-q', done: 'wait-q' });
  });

  test.for([
    ['sleep: 1s\nslots: 2\nsleep: 2s', 'line 3: sleep stands here and on line 1: keep one of them'],
    ['queues:\n  wait: a\n  wait: b', 'line 3: wait stands here and on line 2'],
    ['queues:\n\twait: a', 'line 2: bad YAML: Tabs are not allowed as indentation: indent with blanks'],
    ['sleep: 1s\nqueues: {wait: a\n', 'bad YAML: Flow map'],
    ['sleep: "15s', 'bad YAML: Missing closing "quote'],
    ['sleep: 1s\n---\nsleep: 2s', 'line 2: bad YAML: Source contains multiple documents'],
    ['sleep: !!int 15', 'line 1: bad YAML: Unresolved tag'],
    ['sleep: *nap', 'line 1: *nap stands for nothing'],
    ['ready: {command: "a\\0b"}', 'line 1: a NUL character'],
    ['[sleep]: 1s', 'line 1: a name is missing'],
  ])('has broken YAML: %s', ([text, problem]) => {
    expect(linesOf(text!)[0]).toContain(problem);
  });

  test('is refused, not run out of memory or stack with, if it is a bomb', () => {
    const aliases = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih']) {
      aliases.push(`${name!}: &${name!} [${Array.from({ length: 10 }, () => `*${before!}`).join(', ')}]`);
    }
    expect(linesOf(aliases.join('\n'))).toContainEqual(expect.stringContaining('too many values: use fewer *aliases'));
    expect(linesOf('a: &x [*x]')[0]).toContain('too many values');
    expect(linesOf('sleep: 1s\n' + '['.repeat(30_000))).toEqual([
      expect.stringMatching(/^line 2: values are nested deeper/),
    ]);
    expect(linesOf('- '.repeat(30_000))[0]).toContain('nested deeper than 20');
    expect(linesOf('{a: '.repeat(10_000))[0]).toContain('nested deeper than 20');
    expect(linesOf('#'.repeat(65_537))[0]).toContain('the file is longer than 64 KiB');
  });

  test('never throws, whatever it is', () => {
    const words = fc.constantFrom('sleep', 'queues', 'wait', 'procnames', 'off', '15s', 'defaults', 'timeout', 'name');
    const signs = fc.constantFrom(
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a ',
      '*a',
      '|\n',
      '#',
      '!x ',
      ',',
      '? ',
      '\t',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(words, signs)).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        const parsed = configFromYaml(yaml);
        if (parsed.kind === 'invalid') expect(parsed.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the edge of what a setting takes', () => {
  test.for([
    ['slots: 10000', 'slots: 10001', 'slots'],
    ['slots: 12', 'slots: 1x', 'slots'],
    ['sleep: 1d', 'sleep: 25h', 'sleep'],
    ['sleep: 0.1s', 'sleep: 0.09s', 'sleep'],
    ['ready: {load: 12.25}', 'ready: {load: 1.5x}', 'ready.load'],
    ['ready: {load: 12}', 'ready: {load: x1.5}', 'ready.load'],
    ['report: 23:59', 'report: 23:60', 'report'],
    ['report: 8:00', 'report: 108:00', 'report'],
    ['report: 08:00', 'report: 08:000', 'report'],
    ['status: {dir: a/b}', 'status: {dir: "/a\\x01b"}', 'status.dir'],
    ['status: {dir: a}', 'status: {dir: a//b}', 'status.dir'],
    [`queues: {wait: ${'a'.repeat(255)}}`, `queues: {wait: ${'a'.repeat(256)}}`, 'queues.wait'],
    ['allow_users: [a, b]', 'allow_users: [a, "b:c", d]', 'a user in allow_users'],
  ])('is %s, and %s is over it', ([good, bad, name]) => {
    expect(linesOf(good!)).toEqual([]);
    expect(linesOf(bad!)).toEqual([expect.stringMatching(`^line 1: (bad value of )?${name!}( is out of range|: )`)]);
  });

  test('is named in the remedy', () => {
    expect(linesOf('sleep: 25h')).toEqual(['line 1: sleep is out of range: write a duration from 0.1s to 1d00h']);
    expect(linesOf('status: x')).toEqual(['line 1: status is no map: write settings under it (dir), or off']);
    expect(linesOf('ready: x')).toEqual([
      'line 1: ready is no map: write settings under it (load, free_memory, free_disk, command)',
    ]);
    expect(linesOf('ready: {command: }')).toEqual(['line 1: ready.command has no value: write one line of text']);
    expect(linesOf('job_type_defaults: x')).toEqual([
      'line 1: job_type_defaults is no map: write {JOBTYPE: {timeout: 2h}}',
    ]);
    expect(linesOf('defaults: x')).toEqual([
      'line 1: defaults is no map: write header fields under defaults, such as {timeout: 2h}',
    ]);
    expect(linesOf('defaults: {colour: x}')).toEqual([
      'line 1: unknown header field "colour" in defaults: remove it; docs/uow-format.md lists them all',
    ]);
    expect(linesOf('procnames: [{name: x, y: 1}]')).toEqual([
      'line 1: unknown part of procnames "y": write one of: name, timeout',
    ]);
    expect(linesOf('defaults: {nice: }')).toEqual(['line 1: nice in defaults has no value: write one value for nice']);
    expect(linesOf('queues: {wait: done-q}')).toEqual([expect.stringMatching(/: choose another name$/)]);
  });

  test('is told with its warnings in the order of the lines', () => {
    const parsed = configFromYaml('job_type_defaults: {a: {zzz: 1}}\ndefaults: {region: north}\n');
    expect(parsed.kind === 'config' ? parsed.warnings.map(({ line }) => line) : []).toEqual([1, 2]);
    expect(parsed.kind === 'config' ? parsed.warnings[0]?.remedy : undefined).toBe('');
  });

  test('a text loses the blanks around it', () => {
    expect(configOf('ready: {command: " test -e /up "}').ready.command).toBe('test -e /up');
  });
});

describe('broken YAML', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  test.for([
    ['queues:\n\twait: a', 'indent with blanks'],
    ['sleep: 1s\n---\nsleep: 2s', 'keep one document, without a second ---'],
    ['sleep: !!int 15', 'leave the !tag out, or quote the value'],
    ['ready:\n  load: 1\n command: x', 'mend the indentation, and close what was opened with { or ['],
    ['sleep: "15s', 'write `name: value`, and quote a value that holds ": " or " #" or begins with a sign'],
    ['sleep: *nap', 'write &nap before it, or quote it if the * is meant'],
    ['ready: {command: "a\\0b"}', 'remove it'],
    ['[sleep]: 1s', 'write `name: value`'],
    [nested(30), 'close brackets, mend the indentation'],
    ['#'.repeat(65_537), 'shorten it'],
    ['a: &x [*x]', 'use fewer *aliases'],
  ])('is said with what mends it: %s', ([text, remedy]) => {
    expect(problemsOf(text!)[0]?.remedy).toBe(remedy);
  });

  test('is told without what the rest seems to say, at most 50 times', () => {
    expect(linesOf('slep: 1s\nsleep: "15s').every((line) => line.includes('bad YAML'))).toBe(true);
    const many = Array.from({ length: 60 }, (_, number) => `a${number}: *b`).join('\n');
    expect(linesOf(many)).toHaveLength(50);
  });

  test('is said once of too many values, however many there are', () => {
    const list = (length: number) => `sleep: [${Array.from({ length }, () => 'x').join(', ')}]`;
    expect(linesOf(list(20_000))).toEqual([expect.stringContaining('too many values')]);
    expect(linesOf(list(9000))).toEqual([expect.stringContaining('sleep is a list')]);
  });

  test('is not what stands at the limits of length and depth', () => {
    expect(linesOf('#'.repeat(65_536))).toEqual([]);
    expect(linesOf(`sleep: ${nested(19)}`)).toEqual([expect.stringContaining('sleep is a list')]);
    expect(linesOf(`sleep: ${nested(21)}`)).toEqual([expect.stringContaining('nested deeper than 20')]);
  });
});
