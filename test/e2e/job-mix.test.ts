// Real jobs of every kind, each to its documented queue with its documented STATUS. They share one root and one monitor, as on
// a machine at work; what one of them does to itself must not reach the others.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realProcesses } from '../../src/system/processes.ts';
import { beforeSuite } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { guardianOf, mv } from '../support/hands.ts';
import { installMs, needPrograms } from '../support/programs.ts';
import { type QueueName, type TestRoot, testRoot } from '../support/root.ts';
import { killAfterTest, killIfThere } from '../support/scratch.ts';

let root: TestRoot;

/** Drops a UOW and waits until it has ended; gives its STATUS. The queue is the one it must end in. */
async function ran(queue: QueueName, name: string, ...header: readonly string[]): Promise<string> {
  root.drop(name, header);
  await root.arrival(queue, name, 30_000);
  // A move is a link and then an unlink: for a moment it has two names.
  const others = (): readonly QueueName[] => root.where(name).filter((each) => each !== queue && each !== 'trash');
  await eventually(() => others().length === 0, { what: `${name} stands in ${queue} only` });
  return root.status(queue, name);
}

/** Gives the line of monitor_says that tells of the end of a UOW. */
async function endOf(name: string): Promise<string> {
  return eventually(
    () =>
      root
        .says()
        .split('\n')
        .find((line) => line.includes(` ended ${name} `)),
    { what: `monitor_says tells how ${name} ended` },
  );
}

function pidsIn(file: string): readonly number[] {
  return readFileSync(root.path(file), 'utf8').split('\n').map(Number).filter(Boolean);
}

beforeSuite(async () => {
  root = testRoot('slots: 4\nallow_users: [nobody]\n');
  mkdirSync(root.path('job-types'));
  writeFileSync(
    root.path('job-types/show.yaml'),
    [
      'name: show',
      "version: '1.0'",
      "argv: [printf, '[%s]\\n', '{who}', 'a={what}=z', '{{}}']",
      'fields:',
      '  who: {}',
      "  what: {default: nothing, pattern: '[^;]*'}",
      '',
    ].join('\n'),
  );
  await root.monitor();
});

describe('programs people run', () => {
  it(
    'make builds a C program, and its log is what make printed',
    async (context) => {
      needPrograms(context, { make: 'make', gcc: 'gcc' });
      mkdirSync(root.path('project'));
      writeFileSync(
        root.path('project/hello.c'),
        '#include <stdio.h>\nint main(void) { puts("hello from C"); return 0; }\n',
      );
      writeFileSync(root.path('project/Makefile'), 'hello: hello.c\n\tgcc -O1 -o $@ $<\n');
      const status = await ran(
        'done-q',
        'build',
        'directory :: project',
        'command :: make hello',
        'command :: ./hello',
        'timeout :: 60s',
      );
      expect(status).toMatch(/^done exit=0 #1 /);
      expect(root.log('done-q', 'build')).toBe('gcc -O1 -o hello hello.c\nhello from C\n');
    },
    installMs,
  );

  it(
    'a build that does not compile goes to error-q with the compiler’s words',
    async (context) => {
      needPrograms(context, { make: 'make', gcc: 'gcc' });
      mkdirSync(root.path('broken'));
      writeFileSync(root.path('broken/hello.c'), 'int main(void) { return 0 }\n');
      writeFileSync(root.path('broken/Makefile'), 'hello: hello.c\n\tgcc -o $@ $<\n');
      expect(await ran('error-q', 'broken', 'directory :: broken', 'command :: make')).toMatch(/^error exit=2 #1 /);
      expect(root.log('error-q', 'broken')).toContain('hello.c:1:');
    },
    installMs,
  );

  it(
    'rsync copies a tree, files and links and modes',
    async (context) => {
      needPrograms(context, { rsync: 'rsync' });
      mkdirSync(root.path('tree/sub dir'), { recursive: true });
      for (let at = 0; at < 50; at++) writeFileSync(root.path('tree/sub dir', `file ${at}`), 'x'.repeat(at * 100));
      symlinkSync('sub dir/file 1', root.path('tree/link'));
      chmodSync(root.path('tree/sub dir/file 2'), 0o750);
      expect(await ran('done-q', 'backup', 'command :: rsync -a --stats tree/ copy')).toMatch(/^done exit=0 /);
      expect(root.log('done-q', 'backup')).toMatch(/Number of created files: 53 /);
      expect(readFileSync(root.path('copy/sub dir/file 49'), 'latin1')).toHaveLength(4900);
      expect(statSync(root.path('copy/sub dir/file 2')).mode & 0o777).toBe(0o750);
      expect(await ran('fail-q', 'no-source', 'fail-exit :: 23', 'command :: rsync -a not-there/ copy')).toMatch(
        /^fail exit=23 /,
      );
    },
    installMs,
  );

  it(
    'a Python script’s colours and progress bar are kept byte for byte',
    async (context) => {
      needPrograms(context, { python3: 'python3' });
      writeFileSync(
        root.path('bar.py'),
        [
          'import sys',
          'sys.stdout.write("\\033[1;31mred\\033[0m \\u00e9\\n")',
          'sys.stdout.flush()',
          'for at in range(0, 101, 10):',
          '    sys.stdout.write("\\r[%-10s] %3d%%" % ("#" * (at // 10), at))',
          '    sys.stdout.flush()',
          'sys.stdout.buffer.write(bytes(range(256)))',
          'sys.stdout.flush()',
          'sys.stderr.write("\\nno newline at the end")',
        ].join('\n'),
      );
      expect(await ran('done-q', 'bar', 'env.PYTHONIOENCODING :: utf-8', 'command :: python3 bar.py')).toMatch(
        /^done exit=0 /,
      );
      const bars = Array.from(
        { length: 11 },
        (_each, at) => `\r[${'#'.repeat(at).padEnd(10)}] ${String(at * 10).padStart(3)}%`,
      );
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_each, at) => at)).toString('latin1');
      const expected = `\x1b[1;31mred\x1b[0m \xc3\xa9\n${bars.join('')}${everyByte}\nno newline at the end`;
      expect(root.log('done-q', 'bar')).toBe(expected);
    },
    installMs,
  );

  it('200 MB of output arrive whole, and the monitor serves others meanwhile', async () => {
    const chunk = Buffer.from(('0123456789abcdef'.repeat(63) + 'one line of 1 kB\n').slice(0, 1000).repeat(1000));
    writeFileSync(root.path('chunk'), chunk);
    // The last megabyte waits for a job that came later: without it, that one could not get through meanwhile.
    root.drop('big', [
      'command :: for n in $(seq 199); do cat chunk; done; touch halfway',
      'command :: n=0; until [ -e overtook ]; do n=$((n+1)); [ $n -lt 300 ] || exit 9; sleep 0.1; done',
      'command :: cat chunk',
    ]);
    await eventually(() => existsSync(root.path('currently-executing/big')), { what: 'the big job runs' });
    root.message('STATUS by=bystander');
    root.drop('small', ['command :: touch overtook']);
    await root.arrival('done-q', 'small');
    await eventually(
      () => / answer - to=STATUS by=bystander by=bystander serving, /.test(root.says().replaceAll('"', '')),
      {
        what: 'the monitor answers while the job prints',
      },
    );
    await root.arrival('done-q', 'big', 60_000);
    expect(root.status('done-q', 'big')).toMatch(/^done exit=0 #1 /);

    const expected = createHash('sha256');
    for (let at = 0; at < 200; at++) expected.update(chunk);
    const path = root.path('done-q/big');
    const head = await headBytes(path);
    expect(statSync(path).size - head).toBe(200_000_000);
    const found = createHash('sha256');
    for await (const part of createReadStream(path, { start: head })) found.update(part as Buffer);
    expect(found.digest('hex')).toBe(expected.digest('hex'));
  }, 90_000);
});

async function headBytes(path: string): Promise<number> {
  for await (const part of createReadStream(path, { encoding: 'latin1', end: 4095 })) {
    const title = '==== JOB LOG\n\n';
    return String(part).indexOf(title) + title.length;
  }
  return 0;
}

describe('processes', () => {
  it('a daemon left behind is killed at the end and reported', async () => {
    const daemon = `setsid sh -c 'exec < /dev/null > /dev/null 2>&1; echo $$ > daemon-1; exec sleep 300' &`;
    const status = await ran(
      'done-q',
      'daemon',
      `command :: ${daemon}`,
      'command :: until [ -s daemon-1 ]; do sleep 0.02; done; echo started',
    );
    expect(status).toMatch(/^done exit=0 #1 /);
    expect(root.log('done-q', 'daemon')).toBe('started\n');
    const [pid = 0] = pidsIn('daemon-1');
    killAfterTest(pid);
    expect(realProcesses.isAlive(pid)).toBe(false);
    expect(await endOf('daemon')).toMatch(/ leftovers=1 .*still alive at its end and were killed/);
  });

  it('with leftovers :: leave a daemon lives on, and nobody waits for it', async () => {
    const daemon = `setsid sh -c 'exec < /dev/null > /dev/null 2>&1; echo $$ > daemon-2; exec sleep 300' &`;
    const status = await ran(
      'done-q',
      'daemon-left',
      'leftovers :: leave',
      `command :: ${daemon}`,
      'command :: until [ -s daemon-2 ]; do sleep 0.02; done',
    );
    expect(status).toMatch(/^done exit=0 #1 /);
    const [pid = 0] = pidsIn('daemon-2');
    killAfterTest(pid);
    expect(realProcesses.isAlive(pid)).toBe(true);
    killIfThere(pid);
  });

  it('a job that ignores TERM is ended after timeout and grace with its whole tree', async () => {
    const stubborn = `trap '' TERM; echo $$ >> stubborn; while :; do sleep 0.2; done`;
    writeFileSync(root.path('stubborn.sh'), stubborn);
    const status = await ran(
      'fail-q',
      'stubborn',
      'timeout :: 1s',
      'grace :: 1s',
      `command :: trap '' TERM; sh stubborn.sh & setsid sh stubborn.sh & sh stubborn.sh`,
    );
    expect(status).toMatch(/^fail timeout #1 \S+ [2-9](\.\d)?s$/);
    const pids = pidsIn('stubborn');
    expect(pids).toHaveLength(3);
    expect(pids.filter((pid) => realProcesses.isAlive(pid))).toEqual([]);
  });

  it('one that ends at TERM is a timeout too, whatever code it returns', async () => {
    const status = await ran(
      'fail-q',
      'obedient',
      'timeout :: 1s',
      `command :: trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done`,
    );
    expect(status).toMatch(/^fail timeout #1 /);
    expect(root.log('fail-q', 'obedient')).toMatch(/bye\n$/);
  });

  it('an interrupted UOW goes to fail-q, and one that is idempotent is run again', async () => {
    for (const name of ['once-only', 'idempotent']) {
      root.drop(name, [
        `idempotent :: ${name === 'idempotent' ? 'yes' : 'no'}`,
        'command :: echo "attempt $SJQ_ATTEMPT"; [ $SJQ_ATTEMPT = 1 ] || exit 0',
        `command :: touch ${name}.up; sleep 300`,
      ]);
      await eventually(() => existsSync(root.path(`${name}.up`)), { what: `${name} runs` });
      killIfThere(guardianOf(root, name));
    }
    await root.arrival('fail-q', 'once-only', 30_000);
    expect(root.status('fail-q', 'once-only')).toMatch(/^fail interrupted #1 /);
    await root.arrival('done-q', 'idempotent', 30_000);
    expect(root.status('done-q', 'idempotent')).toMatch(/^done exit=0 #2 /);
    expect(root.log('done-q', 'idempotent')).toMatch(/^attempt 1\n\n==== ATTEMPT 2 \S+Z\nattempt 2\n$/);
  }, 60_000);
});

describe('jobs that meddle with their own file', () => {
  it('fake titles forge nothing', async () => {
    const fake =
      'timestamp: 1-1 enqueued\n\n==== UNIT OF WORK\n\ncommand :: touch forged\n\n==== STATUS\n\ndone exit=0 #9 2026-01-01T00:00:00Z 1s\n\n==== JOB LOG\n\n==== ATTEMPT 9 2026-01-01T00:00:00Z\n==== RESULT {}\n';
    writeFileSync(root.path('fake'), fake);
    expect(await ran('error-q', 'forger', 'command :: cat fake; exit 3')).toMatch(/^error exit=3 #1 /);
    expect(root.log('error-q', 'forger')).toBe(fake);
    mv(root, 'error-q/forger', 'wait-q/forger');
    await root.arrival('error-q', 'forger');
    expect(root.status('error-q', 'forger')).toMatch(/^error exit=3 #2 /);
    const [first = '', second = ''] = root.log('error-q', 'forger').split(/\n==== ATTEMPT 2 \S+Z\n/);
    expect([first, second]).toEqual([fake, fake]);
    expect(existsSync(root.path('forged'))).toBe(false);
  });

  it('writing to /dev/stdout and /dev/stderr by name loses nothing', async () => {
    const status = await ran(
      'done-q',
      'by-name',
      'command :: echo one',
      'command :: echo two > /dev/stdout',
      'command :: echo three > /dev/stderr',
      'command :: echo four | tee /dev/stderr',
      'command :: echo five >> /proc/self/fd/1',
    );
    expect(status).toMatch(/^done exit=0 #1 /);
    expect(root.log('done-q', 'by-name')).toBe('one\ntwo\nthree\nfour\nfour\nfive\n');
  });

  it('a job that deletes its own UOW gets it back, output and all', async () => {
    const status = await ran('done-q', 'deleter', 'command :: echo before; rm "$SJQ_UOW"; echo after');
    expect(status).toMatch(/^done exit=0 #1 /);
    expect(root.log('done-q', 'deleter')).toBe('before\nafter\n');
  });

  it('an edit by new file and rename goes to trash, and the UOW stays as it ran', async () => {
    const status = await ran(
      'error-q',
      'renamer',
      'command :: echo before; sed "s/^command.*/command :: echo hacked/" "$SJQ_UOW" > edited; mv edited "$SJQ_UOW"',
      'command :: until [ ! -e edited ]; do sleep 0.02; done; echo after; exit 4',
    );
    expect(status).toMatch(/^error exit=4 #1 /);
    expect(root.log('error-q', 'renamer')).toBe('before\nafter\n');
    expect(root.read('error-q', 'renamer')).toContain('command :: echo before; sed');
    expect(root.read('trash', 'renamer')).toContain('command :: echo hacked');
    expect(root.says()).toMatch(/ restored renamer .*trash=renamer .*edited copy is in trash/);
  });

  it('an edit in place changes nothing either: the head is as it was, the edited one in trash', async () => {
    const status = await ran(
      'done-q',
      'in-place',
      'note :: kept',
      // What an editor has not read yet, its save takes away: so it reads when the output is there.
      'command :: echo before; until grep -q ^before "$SJQ_UOW"; do sleep 0.02; done',
      'command :: sed "s/^note.*/note :: this line is much longer now/" "$SJQ_UOW" > edited-2',
      'command :: cat edited-2 > "$SJQ_UOW"; echo after',
    );
    expect(status).toMatch(/^done exit=0 #1 /);
    expect(root.log('done-q', 'in-place')).toBe('before\nafter\n');
    expect(root.read('done-q', 'in-place')).toContain('note :: kept\n');
    expect(root.read('trash', 'in-place')).toContain('note :: this line is much longer now\n');
  });

  it('a job that empties its own UOW loses its output, and not the UOW', async () => {
    const status = await ran('done-q', 'emptier', 'command :: echo before; : > "$SJQ_UOW"; echo after');
    expect(status).toMatch(/^done exit=0 #1 /);
    // What stood on its way through tee may have come after the emptying.
    expect(root.log('done-q', 'emptier')).toMatch(/^(before\n)?after\n$/);
    expect(root.read('done-q', 'emptier')).toContain('command :: echo before;');
  });
});

describe('where and as whom', () => {
  it('directory, env, env-file, secret, stdin, umask, nice and unknown fields reach the job, and nothing else does', async () => {
    mkdirSync(root.path('some dir'));
    writeFileSync(root.path('vars'), '# a comment\nFROM_FILE="with blanks"\nexport BOTH=file\n');
    writeFileSync(root.path('password'), 's3cret\n', { mode: 0o600 });
    writeFileSync(root.path('input'), 'line on stdin\n');
    const status = await ran(
      'done-q',
      'fields',
      'directory :: some dir',
      'env.Greeting :: hello "world" $HOME',
      'env.BOTH :: header',
      'env-file :: vars',
      'secret.PASSWORD :: password',
      'stdin :: input',
      'umask :: 027',
      'nice :: 7',
      'Run-ID :: 42',
      'command :: pwd; cat; umask; nice; touch made; env | sort',
    );
    expect(status).toMatch(/^done exit=0 /);
    const [where, input, umask, nice, ...environment] = root.log('done-q', 'fields').trimEnd().split('\n');
    expect([where, input, umask, nice]).toEqual([root.path('some dir'), 'line on stdin', '0027', '7']);
    expect(statSync(root.path('some dir/made')).mode & 0o777).toBe(0o640);
    expect(environment).toEqual(
      expect.arrayContaining([
        'Greeting=hello "world" $HOME',
        'BOTH=header',
        'FROM_FILE=with blanks',
        'PASSWORD=s3cret',
        'SJQ_RUN_ID=42',
        'SJQ_NAME=fields',
        'SJQ_ATTEMPT=1',
        `SJQ_ROOT=${root.dir}`,
        `SJQ_UOW=${root.path('currently-executing/fields')}`,
      ]),
    );
    const known =
      /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|TZ|PWD|OLDPWD|SHLVL|_|Greeting|BOTH|FROM_FILE|PASSWORD|SJQ_[A-Z_]+)=/;
    expect(environment.filter((line) => !known.test(line))).toEqual([]);
    expect(readFileSync(root.path('done-q/fields'), 'latin1').split('==== JOB LOG')[0]).not.toContain('s3cret');
  });

  it('what cannot be had is fail cannot-start, with the reason in the log', async () => {
    const wanted: Readonly<Record<string, readonly [string, RegExp]>> = {
      'no-dir': ['directory :: not there', /^sjq: cannot start: no directory .*not there/],
      'no-env-file': ['env-file :: nowhere', /^sjq: cannot start: env-file nowhere cannot be read\n$/],
      'no-secret': ['secret.KEY :: nowhere', /^sjq: cannot start: secret KEY cannot be read from .*nowhere/],
      'no-stdin': ['stdin :: nowhere', /nowhere/],
      'no-user': ['user :: daemon', /^sjq: cannot start: user/],
    };
    for (const [name, [field]] of Object.entries(wanted)) root.drop(name, [field, 'command :: touch ran-anyway']);
    for (const [name, [, reason]] of Object.entries(wanted)) {
      await root.arrival('fail-q', name);
      expect(root.status('fail-q', name)).toMatch(/^fail cannot-start #1 /);
      expect(root.log('fail-q', name)).toMatch(reason);
    }
    expect(existsSync(root.path('ran-anyway'))).toBe(false);
  });

  it('user :: runs as that user, if the monitor is root’s and allow_users names it', async (context) => {
    if (process.getuid?.() !== 0) {
      console.log('SKIPPED: user :: needs a monitor run by root');
      context.skip('the tests are not run by root');
    }
    chmodSync(dirname(root.dir), 0o755);
    const status = await ran(
      'done-q',
      'as-nobody',
      'user :: nobody',
      'command :: id -un; id -gn; echo "$USER"; echo \'{"ok": true}\' > "$SJQ_RESULT"',
    );
    const group = root.log('done-q', 'as-nobody').split('\n')[1] ?? '';
    expect(status).toMatch(/^done exit=0 /);
    expect(group).toMatch(/^no(group|body)$/);
    expect(root.log('done-q', 'as-nobody')).toBe(`nobody\n${group}\nnobody\n\n==== RESULT {"ok": true}\n`);
  });
});

describe('commands and job types', () => {
  it('repeated commands are one script that stops at the first line that says no', async () => {
    expect(
      await ran('error-q', 'script', 'command :: cd /tmp', 'command :: pwd', 'command :: false', 'command :: echo no'),
    ).toMatch(/^error exit=1 /);
    expect(root.log('error-q', 'script')).toBe('/tmp\n');
    expect(
      await ran('error-q', 'pipe', 'shell :: /bin/bash', 'command :: false | cat', 'command :: echo not reached'),
    ).toMatch(/^error exit=1 /);
  });

  it('a job type’s argv takes hostile values as they are, one value one argument', async () => {
    const hostile = `$(touch pwned) \`touch pwned\` "; touch pwned; ' && * ~ \\n {what} %s \xc3\xa9`;
    const status = await ran('done-q', 'typed', 'job :: show', `who :: ${hostile}`, 'what :: a  b');
    expect(status).toMatch(/^done exit=0 /);
    expect(root.log('done-q', 'typed')).toBe(`[${hostile}]\n[a=a  b=z]\n[{}]\n`);
    expect(existsSync(root.path('pwned'))).toBe(false);
    expect((await ran('done-q', 'pinned', 'job :: show@1.0', 'who :: -n')).slice(0, 11)).toBe('done exit=0');
    expect(root.log('done-q', 'pinned')).toBe('[-n]\n[a=nothing=z]\n[{}]\n');
  });

  it('a job type that is not there, or a value that it does not allow, is fail cannot-start with the reason in the log', async () => {
    const wanted: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
      unknown: [['job :: shwo'], /^sjq: cannot start: no job type named "shwo": write one of: show\n$/],
      unpinned: [['job :: show@2', 'who :: me'], /^sjq: cannot start: .*no version "2": there is 1\.0\n$/],
      lacking: [['job :: show'], /^sjq: cannot start: job type show needs the field who: /],
      refused: [['job :: show', 'who :: me', 'what :: a;b'], /^sjq: cannot start: what is "a;b", which is not allowed/],
    };
    for (const [name, [header]] of Object.entries(wanted)) root.drop(name, header);
    for (const [name, [, reason]] of Object.entries(wanted)) {
      await root.arrival('fail-q', name);
      expect(root.status('fail-q', name)).toMatch(/^fail cannot-start #1 /);
      expect(root.log('fail-q', name)).toMatch(reason);
    }
  });
});

describe('outcomes', () => {
  it('every way to end has its queue and its STATUS', async () => {
    writeFileSync(root.path('not-executable'), '#!/bin/sh\n', { mode: 0o644 });
    const table: readonly (readonly [QueueName, string, string, ...string[]])[] = [
      ['done-q', 'exit-0', 'done exit=0', 'command :: true'],
      ['error-q', 'exit-1', 'error exit=1', 'command :: false'],
      ['error-q', 'exit-125', 'error exit=125', 'command :: exit 125'],
      ['fail-q', 'exit-127', 'fail cannot-start', 'command :: no-such-program --now'],
      ['fail-q', 'exit-127-sh', 'fail cannot-start', 'command :: no-such-program; exit $?'],
      ['fail-q', 'exit-126', 'fail cannot-start', 'command :: ./not-executable'],
      ['fail-q', 'killed-itself', 'fail signal=KILL', 'command :: kill -KILL $$'],
      ['fail-q', 'segfault', 'fail signal=SEGV', 'command :: kill -SEGV $$'],
      ['fail-q', 'says-143', 'fail signal=TERM', 'command :: exit 143'],
      ['error-q', 'says-145', 'error exit=145', 'command :: exit 145'],
      ['done-q', 'done-exit', 'done exit=24', 'done-exit :: 1, 24-26', 'command :: exit 24'],
      ['done-q', 'done-143', 'done exit=143', 'done-exit :: 143', 'command :: exit 143'],
      ['fail-q', 'fail-exit', 'fail exit=255', 'fail-exit :: 255', 'command :: exit 255'],
      ['fail-q', 'fail-0', 'fail exit=0', 'fail-exit :: 0', 'command :: true'],
      ['error-q', 'error-when', 'error pattern', 'error-when :: ^ERROR [0-9]+', 'command :: echo ok; echo ERROR 7'],
      [
        'fail-q',
        'fail-when',
        'fail pattern',
        'fail-when :: unreachable|timed out',
        'command :: echo it timed out; exit 1',
      ],
      ['done-q', 'no-match', 'done exit=0', 'error-when :: ^ERROR', 'command :: echo no ERROR'],
      ['done-q', 'result', 'done exit=0', `command :: echo '{"rows": 3}' > "$SJQ_RESULT"; echo text`],
      ['error-q', 'no-json', 'error bad-result', `command :: echo '{rows' > "$SJQ_RESULT"`],
      ['error-q', 'big-result', 'error bad-result', `command :: yes 1 | head -c 70000 > "$SJQ_RESULT"`],
      ['error-q', 'error-result', 'error exit=2', `command :: echo '[1]' > "$SJQ_RESULT"; exit 2`],
    ];
    for (const [, name, , ...header] of table) root.drop(name, header);
    const ended: (readonly [QueueName, string, string])[] = [];
    for (const [queue, name] of table) {
      await root.arrival(queue, name);
      ended.push([queue, name, root.status(queue, name).replace(/ #1 .*/, '')]);
    }
    expect(ended).toEqual(table.map(([queue, name, status]) => [queue, name, status]));
    expect(root.log('done-q', 'result')).toBe('text\n\n==== RESULT {"rows": 3}\n');
    expect(root.log('error-q', 'error-result')).toBe('\n==== RESULT [1]\n');
    const attempts = await eventually(
      () => {
        const lines = root.history().filter(({ name }) => table.some(([, each]) => each === name));
        return lines.length >= table.length && lines;
      },
      { what: 'the history has a line for each' },
    );
    const told = attempts.map(({ name, outcome, reason }) => [name, `${String(outcome)} ${String(reason)}`]);
    expect(told.toSorted()).toEqual(table.map(([, name, status]) => [name, status]).toSorted());
  }, 60_000);

  it('a later attempt is judged by its own output only', async () => {
    expect(await ran('error-q', 'flaky', 'error-when :: BAD', 'command :: [ $SJQ_ATTEMPT = 2 ] || echo BAD')).toMatch(
      /^error pattern #1 /,
    );
    mv(root, 'error-q/flaky', 'priority-q/flaky');
    await root.arrival('done-q', 'flaky');
    expect(root.status('done-q', 'flaky')).toMatch(/^done exit=0 #2 /);
  });
});

it('with output: append and durability: process the same jobs end the same way', async () => {
  const quick = testRoot('output: append\ndurability: process\nslots: 2\n');
  await quick.monitor();
  quick.drop('plain', ['command :: echo out; echo err >&2; printf "no newline"']);
  quick.drop('says-no', ['command :: echo no; exit 3']);
  quick.drop('slow', ['timeout :: 1s', 'grace :: 0', 'command :: echo up; sleep 300']);
  quick.drop('lost', ['command :: no-such-program']);
  await quick.arrival('done-q', 'plain');
  expect(quick.log('done-q', 'plain')).toBe('out\nerr\nno newline');
  await quick.arrival('error-q', 'says-no');
  expect(quick.status('error-q', 'says-no')).toMatch(/^error exit=3 #1 /);
  await quick.arrival('fail-q', 'slow');
  expect(quick.status('fail-q', 'slow')).toMatch(/^fail timeout #1 /);
  expect(quick.log('fail-q', 'slow')).toBe('up\n');
  await quick.arrival('fail-q', 'lost');
  expect(quick.status('fail-q', 'lost')).toMatch(/^fail cannot-start #1 /);
});
