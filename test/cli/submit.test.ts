import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { submitCommand, submittedLine, type SubmitOptions } from '../../src/cli/commands/submit.ts';
import { endFromError } from '../../src/cli/exit.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { type Ran, run, testRoot, type TestRoot, uowText } from '../support/root.ts';

/** The header of a UOW that waits, as `name :: content` lines. */
function header(root: TestRoot, name: string, queue: 'wait-q' | 'priority-q' = 'wait-q'): readonly string[] {
  const parsed = parseUow(root.read(queue, name) as Bytes);
  if (parsed.kind === 'invalid') throw new Error(`${name} is no UOW`);
  return parsed.head.header.map((line) => `${line.name} :: ${line.content}`);
}

/** Submits in this process: what the program does with its arguments, without half a second for its start. */
function submit(root: TestRoot, command: readonly string[], options: Partial<SubmitOptions> = {}): Ran {
  try {
    const all = { priorityQueue: false, field: [], ...options };
    return { code: 0, stdout: submittedLine(submitCommand(bytesFromUtf8(root.dir), command, all)), stderr: '' };
  } catch (error) {
    const { exitCode, text } = endFromError(error);
    return { code: exitCode, stdout: '', stderr: text };
  }
}

function names(root: TestRoot): readonly string[] {
  return [...root.list('wait-q'), ...root.list('priority-q')];
}

describe('without a monitor', () => {
  it('submit drops a stamped UOW and prints its name and nothing else', async () => {
    const root = testRoot();
    const ran = await run(['submit', '--root', root.dir, '--', 'echo', 'hi'], { cwd: root.dir });
    expect(ran).toEqual({ code: 0, stdout: 'echo\n', stderr: '' });
    const text = root.read('wait-q', 'echo');
    expect(text).toMatch(new RegExp(`^timestamp: \\d{10}-\\d+ submitted size=${text.length}\n`));
    expect(root.status('wait-q', 'echo')).toMatch(/^waiting #0 \d{4}-/);
    expect(header(root, 'echo')).toEqual(['command :: echo hi', `directory :: ${root.dir}`]);
    // Nothing else is left beside it.
    expect(readdirSync(root.path('wait-q'))).toEqual(['echo']);
  });

  it('a name that is taken in any queue gets ~2', async () => {
    const root = testRoot();
    writeFileSync(root.path('done-q', 'x'), uowText('command :: true'));
    expect((await root.sjq('submit', '-n', 'x', '-p', 'true')).stdout).toBe('x~2\n');
    expect(submit(root, ['true'], { name: 'x' }).stdout).toBe('x~3\n');
    expect(root.list('wait-q')).toEqual(['x~3']);
    expect(root.list('priority-q')).toEqual(['x~2']);
  });

  it('names come from the command, and are always ones that the monitor looks at', () => {
    const root = testRoot();
    for (const [command, options, name] of [
      [['make -C /srv all | tee log'], {}, 'make'],
      [['LANG=C /usr/bin/sort -u file'], {}, 'sort'],
      [['/opt/app/bin/run it', 'now'], {}, 'run_it'],
      [['./README'], {}, 'job'],
      [['./half.tmp'], {}, 'job~2'],
      [['x'.repeat(300)], {}, 'x'.repeat(100)],
      [[], { field: ['job=backup@1.4'] }, 'backup@1.4'],
      [['true'], { name: 'two words' }, '"two words"'],
    ] as const) {
      expect(submit(root, command, options)).toEqual({ code: 0, stdout: `${name}\n`, stderr: '' });
    }
    expect(root.list('wait-q')).toContain('two words');
  });

  it('fields are kept in their order, and a label may stand twice', async () => {
    const root = testRoot();
    const fields = ['label=a', 'timeout=2h', 'label=b', 'customer=a = b', 'directory=/tmp'];
    await root.sjq('submit', '-n', 'x', ...fields.flatMap((field) => ['--field', field]), 'true');
    expect(header(root, 'x')).toEqual([
      'command :: true',
      'label :: a',
      'timeout :: 2h',
      'label :: b',
      'customer :: a = b',
      'directory :: /tmp',
    ]);
  });

  it('a job type brings its own directory', () => {
    const root = testRoot();
    submit(root, [], { name: 'x', field: ['job=backup', 'target=/srv'] });
    expect(header(root, 'x')).toEqual(['job :: backup', 'target :: /srv']);
  });

  it('-f FILE keeps every byte; --field adds what may stand several times and takes the place of the rest', async () => {
    const root = testRoot();
    const file = root.path('nightly~2');
    writeFileSync(
      file,
      '# nightly\n==== UNIT OF WORK\n\nlabel :: a\ntimeout   ::  1h\ndirectory :: /tmp\n\n# why\ncommand :: true\n',
    );
    const fields = ['label=b', 'label=c', 'timeout=2h', 'priority=5'].flatMap((field) => ['--field', field]);
    const { code, stdout, stderr } = await root.sjq('submit', '-f', file, ...fields);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'nightly\n', stderr: '' });
    expect(root.read('wait-q', 'nightly')).toMatch(
      new RegExp(
        '^timestamp: .*\n\n# nightly\n==== UNIT OF WORK\n\nlabel :: a\nlabel :: b\nlabel :: c\ntimeout   ::  2h\n' +
          'directory :: /tmp\n\n# why\ncommand :: true\npriority :: 5\n\n==== STATUS\n',
      ),
    );
  });

  it('-f - reads standard input, and fills in the directory it was called in', async () => {
    const root = testRoot();
    const input = uowText('command :: pwd');
    const ran = await run(['submit', '--root', root.dir, '-n', 't42', '-f', '-'], { cwd: root.path('trash'), input });
    expect(ran).toEqual({ code: 0, stdout: 't42\n', stderr: '' });
    expect(header(root, 't42')).toEqual(['command :: pwd', `directory :: ${root.path('trash')}`]);
  });

  it('a bad UOW is refused with file, line and exit 65', async () => {
    const root = testRoot();
    const bad = root.path('bad');
    writeFileSync(bad, uowText('comand :: true', 'timeout :: soon', 'oops'));
    const ran = await root.sjq('submit', '-f', bad);
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr.split('\n')).toEqual([
      expect.stringContaining(`sjq: ${bad}:1: there is neither a command nor a job: `),
      expect.stringContaining(`sjq: ${bad}:4: bad content of timeout: "soon": write a duration`),
      expect.stringContaining(`sjq: ${bad}:5: not a header line: "oops": write NAME :: CONTENT`),
      '',
    ]);
    const fromInput = await run(['submit', '--root', root.dir, '-f', '-'], { input: 'hello\n' });
    expect(fromInput).toMatchObject({ code: 65, stdout: '' });
    expect(fromInput.stderr).toMatch(/^sjq: \(stdin\): there is no ==== UNIT OF WORK title/);
    expect(submit(root, ['true'], { field: ['timeout=soon'] })).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/^sjq: submit: bad content of timeout: "soon": write a duration/),
    });
    writeFileSync(root.path('good'), uowText('command :: true'));
    expect(submit(root, [], { field: ['nice=99'], file: root.path('good') })).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/good: bad content of nice: "99": write a whole number from -20 to 19/),
    });
    expect(names(root)).toEqual([]);
  });

  it('what cannot be meant is refused with what to write', async () => {
    const root = testRoot();
    mkdirSync(root.path('dir'));
    const good = root.path('good');
    writeFileSync(good, uowText('command :: true'));
    for (const [command, options, code, message] of [
      [[], {}, 64, 'nothing to submit: write a command behind --, or -f FILE, or --field job=TYPE'],
      [[' '], {}, 64, 'nothing to submit'],
      [['true'], { file: good }, 64, 'either a command behind -- or -f FILE, not both'],
      [['true'], { field: ['timeout'] }, 64, '--field timeout: write NAME=CONTENT'],
      [['true'], { field: ['#x=1'] }, 64, '--field #x=1: write NAME=CONTENT'],
      [['true'], { field: ['a=b\nc'] }, 64, 'a field is one line'],
      [[], { file: good, field: ['nice=1', 'nice=2'] }, 64, '--field nice is given twice'],
      [['true'], { name: 'a/b' }, 64, 'a/b cannot be the name of a UOW'],
      [['true'], { name: '.hidden' }, 64, '.hidden is a name that the monitor does not look at'],
      [['printf', 'a\nb'], {}, 64, 'an argument with a line break'],
      [[], { file: root.path('absent') }, 66, 'cannot be read: there is no such file'],
      [[], { file: root.path('dir') }, 66, 'cannot be read: it is a directory'],
    ] as const) {
      const ran = submit(root, command, options);
      expect({ command, options, code: ran.code }).toEqual({ command, options, code });
      expect(ran.stderr).toContain(message);
      expect(ran.stderr).not.toContain('    at ');
    }
    expect(await root.sjq('submit')).toMatchObject({ code: 64, stdout: '' });
    const option = await root.sjq('submit', 'ls', '-l');
    expect(option).toMatchObject({ code: 64, stdout: '' });
    expect(option.stderr).toContain('stands behind --, such as: sjq submit -- ls -l');
    expect(names(root)).toEqual([]);
  });
});

it('submitted jobs run as they were typed, where they were typed', async () => {
  const root = testRoot('slots: 2\n');
  const here = root.path('some where');
  mkdirSync(here);
  const submitHere = async (...args: readonly string[]): Promise<void> => {
    const ran = await run(['submit', '--root', root.dir, ...args], { cwd: here });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
  };
  // Several arguments keep their bounds; one is a shell line; a line break in it begins another line of the script.
  await submitHere('-n', 'words', '--', 'printf', '[%s]\\n', 'a b', '', '$HOME', "it's", '*');
  await submitHere('-n', 'line', 'echo one | tr a-z A-Z; pwd');
  await submitHere('-n', 'script', 'x=1\nfalse\necho "not reached"');
  await submitHere('-n', 'field', '--field', 'run-id=7', 'echo "$SJQ_RUN_ID $SJQ_NAME"');
  const { code, stderr } = await root.sjq('once');
  expect(code).toBe(0);
  expect(stderr).toContain('monitor-stopped - why=idle');
  expect(root.log('done-q', 'words')).toBe("[a b]\n[]\n[$HOME]\n[it's]\n[*]\n");
  expect(root.log('done-q', 'line')).toBe(`ONE\n${here}\n`);
  expect(root.status('error-q', 'script')).toMatch(/^error exit=1 #1 /);
  expect(root.log('error-q', 'script')).toBe('');
  expect(root.log('done-q', 'field')).toBe('7 field\n');
});

describe('submit of a flow file', () => {
  const etl = '# nightly\n==== UNIT OF WORK a\ncommand :: true\n\n==== UNIT OF WORK b\ncommand :: true\nafter :: a\n';

  it('drops it whole, under a name that is free for it and for its UOWs', () => {
    const root = testRoot();
    writeFileSync(root.path('etl'), etl);
    writeFileSync(root.path('done-q', 'etl.b'), uowText('command :: true'));
    expect(submit(root, [], { file: root.path('etl') })).toEqual({ code: 0, stdout: 'etl~2\n', stderr: '' });
    const text = root.read('wait-q', 'etl~2');
    expect(text).toMatch(new RegExp(`^timestamp: \\d{10}-\\d+ submitted size=${text.length}\n`));
    expect(text.match(/^directory :: .*$/gm)).toHaveLength(2);
    expect(readdirSync(root.path('wait-q'))).toEqual(['etl~2']);
  });

  it('drops an array whole too, from a file or a command line, and refuses one where one UOW is wanted', () => {
    const root = testRoot();
    writeFileSync(root.path('sweep'), uowText('command :: true', 'array :: 1-3%1'));
    writeFileSync(root.path('done-q', 'sweep.2'), uowText('command :: true'));
    const file = root.path('sweep');
    expect(submit(root, [], { file, field: ['nice=3'] }).stdout).toBe('sweep~2\n');
    expect(root.read('wait-q', 'sweep~2')).toMatch(/submitted size=\d+\n\n==== UNIT OF WORK\n[^]*array :: 1-3%1\n/);
    expect(root.read('wait-q', 'sweep~2')).toMatch(/^nice :: 3$/m);
    expect(submit(root, ['true'], { field: ['array=a b'] }).stdout).toBe('true\n');
    expect(submit(root, ['true'], { field: ['array=1-3', 'unique=k'] }).code).toBe(65);
    expect(submit(root, ['true'], { field: ['array=1-3'], isOne: true }).code).toBe(64);
    expect(names(root)).toEqual(['sweep~2', 'true']);
  });

  it('drops nothing of one that is none, and says why with the file and the line', () => {
    const root = testRoot();
    writeFileSync(root.path('etl'), etl.replace('after :: a', 'after :: c'));
    const { code, stderr } = submit(root, [], { file: root.path('etl') });
    expect(code).toBe(65);
    expect(stderr).toContain(`${root.path('etl')}:7: no UOW of this flow is named c`);
    writeFileSync(root.path('etl'), etl);
    expect(submit(root, [], { file: root.path('etl'), field: ['nice=3'] }).code).toBe(64);
    expect(names(root)).toEqual([]);
  });
});
