// What a person's hands do in a root: mv, cp and rm of UOWs between all queues, odd files and names, messages, settings.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { afterwards, beforeSuite } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { cp, mv, rm } from '../support/hands.ts';
import { type QueueName, type TestRoot, testRoot, uowText } from '../support/root.ts';
import { start } from '../support/scratch.ts';
import { storedUow } from '../support/sjq.ts';

const old = new Date(Date.now() - 3_600_000);

/** Waits for a line of monitor_says; what stood there before `from` does not count. */
async function told(root: TestRoot, line: RegExp, from = 0, withinMs = 15_000): Promise<string> {
  return eventually(
    () =>
      root
        .says()
        .slice(from)
        .split('\n')
        .find((each) => line.test(each)),
    { withinMs, what: `monitor_says has a line like ${String(line)}` },
  );
}

function stampOf(root: TestRoot, queue: QueueName, name: string): string {
  return /^timestamp: (\S+)/.exec(root.read(queue, name))?.[1] ?? '';
}

/** Waits until a name stands in one queue only, and is that one. */
async function only(root: TestRoot, queue: QueueName, name: string): Promise<void> {
  await eventually(() => root.where(name).join() === queue, {
    withinMs: 20_000,
    what: `${name} stands in ${queue} only; it is in ${root.where(name).join(', ')}: ${root.says()}`,
  });
}

it('what a person moves to archive and trash is counted there at once, long before the poll', async () => {
  const root = testRoot('sleep: 1h\n');
  for (const name of ['a', 'b']) root.drop(name, storedUow('error exit=1 #1 2026-11-22T04:31:06Z 0.1s', ''), 'error-q');
  await root.monitor();
  const counts = (): string => {
    const posted = existsSync(root.path('status/status.txt'))
      ? readFileSync(root.path('status/status.txt'), 'utf8')
      : '';
    return ['error-q', 'archive', 'trash'].map((dir) => new RegExp(`${dir} (\\d+)`).exec(posted)?.[1]).join(' ');
  };
  await eventually(() => counts() === '2 0 0', { what: `two are posted: ${counts()}` });
  mv(root, 'error-q/a', 'archive/a');
  await eventually(() => counts() === '1 1 0', { what: `one is posted as archived: ${counts()}` });
  mv(root, 'archive/a', 'trash/a');
  await eventually(() => counts() === '1 0 1', { what: `one is posted as thrown away: ${counts()}` });
  rm(root, 'trash/a');
  await eventually(() => counts() === '1 0 0', { what: `it is posted as gone: ${counts()}` });
});

describe('UOWs that have ended', () => {
  let root: TestRoot;
  beforeSuite(async () => {
    root = testRoot('settle: 100ms\nslots: 2\n');
    await root.monitor();
  });

  it.each(['done-q', 'error-q', 'fail-q', 'archive', 'trash'] as const)(
    'mv from %s to a waiting queue is a rerun: same stamp, old log behind a separator, next attempt',
    async (from) => {
      const name = `rerun-${from}`;
      const exits: Partial<Record<QueueName, string>> = { 'error-q': '3', 'fail-q': '143' };
      root.drop(name, [`command :: echo "attempt $SJQ_ATTEMPT"; [ $SJQ_ATTEMPT = 2 ] || exit ${exits[from] ?? '0'}`]);
      const ended = from === 'error-q' || from === 'fail-q' ? from : 'done-q';
      await root.arrival(ended, name);
      await only(root, ended, name);
      const stamp = stampOf(root, ended, name);
      if (from !== ended) mv(root, `${ended}/${name}`, `${from}/${name}`);
      const to = from === 'fail-q' ? 'priority-q' : 'wait-q';
      mv(root, `${from}/${name}`, `${to}/${name}`);
      await eventually(() => / #2 /.test(root.status('done-q', name)), { what: `${name} ran again` });
      await root.arrival('done-q', name);
      await only(root, 'done-q', name);
      expect(root.status('done-q', name)).toMatch(/^done exit=0 #2 /);
      expect(root.log('done-q', name)).toMatch(/^attempt 1\n\n==== ATTEMPT 2 \S+Z\nattempt 2\n$/);
      expect(stampOf(root, 'done-q', name)).toBe(stamp);
      expect(await told(root, new RegExp(` rerun ${name} queue=${to} `))).toContain('attempts=1');
    },
  );

  it('cp is a new UOW: attempt 1, no log, a stamp and a name of its own; the original stays as it is', async () => {
    root.drop('original', ['# a comment', 'My-Field :: kept', 'command :: echo "$SJQ_NAME $SJQ_ATTEMPT"; exit 7']);
    await root.arrival('error-q', 'original');
    await only(root, 'error-q', 'original');
    const before = root.read('error-q', 'original');
    cp(root, 'error-q/original', 'wait-q/original');
    cp(root, 'error-q/original', 'priority-q/another', '-p');
    cp(root, 'error-q/original', 'archive/original~3', '-p');
    await root.arrival('error-q', 'original~2');
    await root.arrival('error-q', 'another');
    // The name of the archived copy is taken: the next newcomer passes it over.
    cp(root, 'error-q/original', 'wait-q/original');
    await root.arrival('error-q', 'original~4');
    for (const name of ['original~2', 'another', 'original~4']) {
      expect(root.status('error-q', name)).toMatch(/^error exit=7 #1 /);
      expect(root.log('error-q', name)).toBe(`${name} 1\n`);
      expect(root.read('error-q', name)).toContain('# a comment\nMy-Field :: kept\n');
      expect(stampOf(root, 'error-q', name)).not.toBe(stampOf(root, 'error-q', 'original'));
    }
    expect(root.read('error-q', 'original')).toBe(before);
    await told(root, / taken-in original~2 .*dropped=original /);
  });

  it('a name that is taken anywhere is never overwritten: newcomers get ~2, ~3', async () => {
    root.drop('same', ['command :: echo first']);
    await root.arrival('done-q', 'same');
    mv(root, 'done-q/same', 'archive/same');
    root.drop('same', ['command :: echo second']);
    await root.arrival('done-q', 'same~2');
    root.drop('same', ['command :: echo third; exit 1']);
    await root.arrival('error-q', 'same~3');
    expect(root.log('archive', 'same')).toBe('first\n');
    expect(root.log('done-q', 'same~2')).toBe('second\n');
    expect(root.log('error-q', 'same~3')).toBe('third\n');
  });

  it('a file put by hand into done-q, error-q or fail-q stays if it is a UOW, and else goes to trash with the reason', async () => {
    for (const queue of ['done-q', 'error-q', 'fail-q'] as const) {
      root.drop(`fine-${queue}`, ['command :: true'], queue);
      root.drop(`stray-${queue}`, 'just a note\n', queue);
      await only(root, 'trash', `stray-${queue}`);
      expect(root.where(`fine-${queue}`)).toEqual([queue]);
      await told(root, new RegExp(` trashed stray-${queue} from=${queue} .*==== UNIT OF WORK`));
    }
  });

  it('a running UOW that is moved or removed is put back, and its job goes on', async () => {
    const hands: Readonly<Record<string, (name: string) => void>> = {
      'to-wait-q': (name) => mv(root, `currently-executing/${name}`, `wait-q/${name}`),
      'to-done-q': (name) => mv(root, `currently-executing/${name}`, `done-q/${name}`),
      'to-fail-q': (name) => mv(root, `currently-executing/${name}`, `fail-q/${name}`),
      'to-archive': (name) => mv(root, `currently-executing/${name}`, `archive/${name}`),
      'to-trash': (name) => mv(root, `currently-executing/${name}`, `trash/${name}`),
      'other-name': (name) => mv(root, `currently-executing/${name}`, `priority-q/${name}-moved`),
      'renamed-there': (name) => mv(root, `currently-executing/${name}`, `currently-executing/${name}-moved`),
      removed: (name) => rm(root, `currently-executing/${name}`),
    };
    for (const [name, hand] of Object.entries(hands)) {
      root.drop(name, [
        `command :: echo "before $SJQ_ATTEMPT"; touch up-${name}; until [ -e go-${name} ]; do sleep 0.02; done; echo after`,
      ]);
      await eventually(() => existsSync(root.path(`up-${name}`)), { what: `${name} runs` });
      hand(name);
      await eventually(
        () => root.where(name).join() === 'currently-executing' && root.where(`${name}-moved`).length === 0,
        {
          what: `${name} is back in its place only: ${root.where(name).join()}; ${root.where(`${name}-moved`).join()}`,
        },
      );
      writeFileSync(root.path(`go-${name}`), '');
      await root.arrival('done-q', name);
      await only(root, 'done-q', name);
      expect(root.status('done-q', name)).toMatch(/^done exit=0 #1 /);
      expect(root.log('done-q', name)).toBe('before 1\nafter\n');
      await told(root, new RegExp(` restored ${name}\\S* `));
    }
  }, 60_000);

  it('a running UOW that is replaced is put back; what replaced it is in trash', async () => {
    root.drop('replaced', ['command :: touch up-r; until [ -e go-r ]; do sleep 0.02; done; echo original']);
    await eventually(() => existsSync(root.path('up-r')), { what: 'it runs' });
    root.drop('replaced', ['command :: echo intruder'], 'currently-executing');
    await eventually(() => root.list('trash').includes('replaced'), { what: 'the intruder is in trash' });
    writeFileSync(root.path('go-r'), '');
    await root.arrival('done-q', 'replaced');
    expect(root.log('done-q', 'replaced')).toBe('original\n');
    expect(root.read('trash', 'replaced')).toContain('echo intruder');
  });

  it('a file of the same name that was put where a running UOW goes stays as it is, and the UOW becomes ~2', async () => {
    root.drop('meets', ['command :: touch up-m; until [ -e go-m ]; do sleep 0.02; done; echo original']);
    await eventually(() => existsSync(root.path('up-m')), { what: 'it runs' });
    root.drop('meets', ['command :: echo mine'], 'done-q');
    const mine = root.read('done-q', 'meets');
    writeFileSync(root.path('go-m'), '');
    await root.arrival('done-q', 'meets~2');
    expect(root.log('done-q', 'meets~2')).toBe('original\n');
    expect(root.read('done-q', 'meets')).toBe(mine);
  });
});

describe('UOWs that wait', () => {
  let root: TestRoot;
  beforeSuite(async () => {
    root = testRoot('settle: 100ms\n');
    writeFileSync(root.path('ran'), '');
    await root.monitor();
    root.message('PAUSE');
    await told(root, / answer - to=PAUSE paused/);
  });

  async function waits(name: string, queue: QueueName = 'wait-q'): Promise<void> {
    root.drop(name, ['command :: echo "$SJQ_NAME $SJQ_ATTEMPT" >> ran'], queue);
    await eventually(() => root.status(queue, name).startsWith('waiting #0 '), { what: `${name} is taken in` });
  }

  it.each(['archive', 'trash'] as const)('mv to %s cancels', async (to) => {
    const name = `to-${to}`;
    await waits(name);
    mv(root, `wait-q/${name}`, `${to}/${name}`);
    await eventually(() => root.status(to, name).startsWith('cancelled #0 '), {
      withinMs: 15_000,
      what: 'STATUS says cancelled',
    });
    expect(await told(root, new RegExp(` cancelled ${name} `))).toContain(`queue=wait-q to=${to}`);
    expect(root.history().filter((entry) => entry['name'] === name)).toMatchObject([{ kind: 'cancelled' }]);
  });

  it('rm cancels', async () => {
    await waits('removed');
    rm(root, 'wait-q/removed');
    expect(await told(root, / cancelled removed /)).toContain('removed by hand');
  });

  it('mv to done-q skips', async () => {
    await waits('skipped');
    mv(root, 'wait-q/skipped', 'done-q/skipped');
    await eventually(() => root.status('done-q', 'skipped').startsWith('skipped #0 '), {
      withinMs: 15_000,
      what: 'STATUS says skipped',
    });
    expect(await told(root, / skipped skipped /)).toContain('to=done-q');
  });

  it('mv between the waiting queues is urgency, an edit counts, and what stands in currently-executing goes first', async () => {
    for (const name of ['one', 'two', 'three', 'four', 'edited', 'saved']) await waits(name);
    for (const name of ['urgent', 'not-urgent']) await waits(name, 'priority-q');
    const stamp = stampOf(root, 'wait-q', 'three');
    mv(root, 'wait-q/three', 'priority-q/three');
    mv(root, 'priority-q/not-urgent', 'wait-q/not-urgent');
    mv(root, 'wait-q/four', 'currently-executing/four');
    const edited = root.read('wait-q', 'edited').replace('command ::', 'priority :: 9\ncommand ::');
    writeFileSync(root.path('wait-q/edited'), edited, 'latin1');
    execFileSync('sed', ['-i', 's/^command ::/# by an editor\\n&/', root.path('wait-q/saved')]);
    await eventually(() => root.status('priority-q', 'three').startsWith('waiting #0 '), { what: 'three waits' });
    // The edited ones have to settle again.
    const counts = /: wait-q 5, priority-q 2, currently-executing 1,/;
    await eventually(
      async () => {
        const from = root.says().length;
        root.message('STATUS');
        return counts.test(await told(root, / answer - to=STATUS paused, 0 running, 1 slot, /, from));
      },
      { withinMs: 10_000, what: 'STATUS counts them where they are' },
    );
    expect(stampOf(root, 'priority-q', 'three')).toBe(stamp);
    root.message('RESUME');
    const all = ['one', 'two', 'three', 'four', 'edited', 'saved', 'urgent', 'not-urgent'];
    for (const name of all) await root.arrival('done-q', name);
    const order = readFileSync(root.path('ran'), 'utf8').trimEnd().split('\n');
    const expected = ['four', 'three', 'urgent', 'edited', 'one', 'two', 'saved', 'not-urgent'];
    expect(order).toEqual(expected.map((name) => `${name} 1`));
    expect(root.read('done-q', 'saved')).toContain('\n# by an editor\ncommand :: echo');
  });
});

describe('files and names', () => {
  let root: TestRoot;
  beforeSuite(async () => {
    root = testRoot('slots: 4\n');
    await root.monitor();
  });

  it('symlinks, FIFOs, sockets and files that are no UOW go to trash with file and line; a directory is left and said once', async () => {
    writeFileSync(root.path('target'), uowText('command :: touch followed'));
    symlinkSync('../target', root.path('wait-q/symlink'));
    execFileSync('mkfifo', [root.path('wait-q/fifo')]);
    const server = createServer().listen(root.path('priority-q/socket'));
    afterwards(() => server.close());
    mkdirSync(root.path('wait-q/directory'));
    mkdirSync(root.path('wait-q/README'));
    root.drop('empty', '');
    root.drop('no-command', uowText('timeout :: 5m'));
    root.drop('bad-field', '==== UNIT OF WORK\n\ncommand :: true\ntimeout :: soon\nnice :: 99\n');
    root.drop('binary', '==== UNIT OF WORK\n\ncommand :: true\n\0\xff\n');
    root.drop('in-executing', 'no UOW at all\n', 'currently-executing');
    const names = ['symlink', 'fifo', 'socket', 'empty', 'no-command', 'bad-field', 'binary', 'in-executing'];
    await eventually(() => names.every((name) => root.list('trash').includes(name)), {
      what: `all are in trash: ${root.list('trash').join(', ')}`,
    });
    const line = async (name: string): Promise<string> => told(root, new RegExp(` trashed ${name} `));
    expect(await line('symlink')).toMatch(/from=wait-q .*symbolic link/);
    expect(await line('fifo')).toMatch(/FIFO/);
    expect(await line('empty')).toMatch(/there is no ==== UNIT OF WORK title: write it/);
    expect(await line('no-command')).toMatch(/line 1: there is neither a command nor a job/);
    expect(await line('bad-field')).toMatch(
      /line 4: bad content of timeout: "soon": write a duration.*; line 5: .*nice: "99"/,
    );
    expect(await line('binary')).toMatch(/line 4: a NUL byte/);
    expect(existsSync(root.path('followed'))).toBe(false);
    expect(statSync(root.path('wait-q/directory')).isDirectory()).toBe(true);
    root.drop('later', ['command :: true']);
    await root.arrival('done-q', 'later');
    expect(root.says().match(/ attention directory .*left alone/g)).toHaveLength(1);
  });

  it('of several READMEs in a queue only the newest stays', async () => {
    for (const [at, name] of ['README', 'README.md', 'README~2'].entries()) {
      // With its time at once: one that is written there is the newest until that is set.
      const beside = root.path('beside');
      writeFileSync(beside, `readme ${at}\n`);
      const time = new Date(old.getTime() + [0, 2000, 1000][at]!);
      utimesSync(beside, time, time);
      renameSync(beside, root.path('error-q', name));
    }
    await eventually(() => readdirSync(root.path('error-q')).join() === 'README.md', {
      withinMs: 20_000,
      what: `one README is left: ${readdirSync(root.path('error-q')).join(', ')}`,
    });
    const trashed = readdirSync(root.path('trash')).filter((name) => name.startsWith('README'));
    expect(trashed.map((name) => readFileSync(root.path('trash', name), 'utf8')).sort()).toEqual([
      'readme 0\n',
      'readme 2\n',
    ]);
  });

  it('temporary names of editors and copiers are not looked at until they are renamed', async () => {
    const names = ['.hidden', 'x~', '.x.swp', 'x.tmp', 'x.part', 'x.filepart', '4913'];
    for (const name of names) root.drop(name, ['command :: touch ran-a-temporary-file']);
    root.drop('witness', ['command :: true']);
    await root.arrival('done-q', 'witness');
    expect(names.filter((name) => existsSync(root.path('wait-q', name)))).toEqual(names);
    expect(existsSync(root.path('ran-a-temporary-file'))).toBe(false);
    mv(root, 'wait-q/x.part', 'wait-q/upload');
    await root.arrival('done-q', 'upload');
  });

  it('any name the file system allows runs and is shown escaped', async () => {
    const inBytes = (name: string): Buffer =>
      Buffer.concat([Buffer.from(root.path('done-q')), Buffer.from('/'), Buffer.from(name, 'latin1')]);
    const names: Readonly<Record<string, string>> = {
      'two words': '"two words"',
      'new\nline 2026-01-01T00:00:00Z ended forged': '"new\\nline 2026-01-01T00:00:00Z ended forged"',
      'not-utf8-\xff\xfe': '"not-utf8-\\xff\\xfe"',
      '--help': '--help',
      '"quoted" \\ $(touch pwned)': '"\\"quoted\\" \\\\ $(touch pwned)"',
      'gr\xc3\xbc\xc3\x9fe': 'grüße',
      '\x1b[31mred': '"\\x1b[31mred"',
      ['l'.repeat(255)]: 'l'.repeat(255),
    };
    for (const name of Object.keys(names)) {
      const beside = root.path('beside');
      writeFileSync(beside, uowText('command :: printf "[%s]" "$SJQ_NAME"; test -f "$SJQ_UOW"'));
      utimesSync(beside, old, old);
      renameSync(
        beside,
        Buffer.concat([Buffer.from(root.path('wait-q')), Buffer.from('/'), Buffer.from(name, 'latin1')]),
      );
    }
    for (const [name, shown] of Object.entries(names)) {
      await eventually(() => existsSync(inBytes(name)), { withinMs: 10_000, what: `${shown} is done: ${root.says()}` });
      const text = readFileSync(inBytes(name), 'latin1');
      expect(text.slice(text.indexOf('LOG\n\n') + 5)).toBe(`[${name}]`);
      const isEnd = (line: string): boolean =>
        line.slice(line.indexOf(' ')).startsWith(` ended ${shown} outcome=done `);
      await eventually(() => root.says().split('\n').some(isEnd), { what: `monitor_says tells of ${shown}` });
    }
    expect(existsSync(root.path('pwned'))).toBe(false);
  });

  it('CRLF line ends and a BOM are kept, and all that a person wrote', async () => {
    const written =
      '\xef\xbb\xbf# from Windows\r\n==== UNIT OF WORK\r\n\r\n  Command ::  echo hi\r\nX-Mine :: \xc3\xa4\r\n';
    root.drop('windows', written);
    await root.arrival('done-q', 'windows');
    const text = root.read('done-q', 'windows');
    expect(text).toMatch(/^\xef\xbb\xbftimestamp: \d+-\d+ enqueued\r\n/);
    expect(text).toContain(written.slice(3));
    expect(text.split('==== JOB LOG')[0]!.replaceAll('\r\n', '')).not.toContain('\n');
    expect(root.status('done-q', 'windows')).toMatch(/^done exit=0 #1 /);
    expect(root.log('done-q', 'windows')).toBe('hi\n');
  });
});

describe('messages', () => {
  it('are answered, acted upon and removed; comments stay', async () => {
    const root = testRoot('slots: 2\n');
    const monitor = await root.monitor();
    const ask = async (line: string, answer: RegExp): Promise<void> => {
      const from = root.says().length;
      root.message(line);
      await told(root, answer, from);
    };
    await eventually(() => existsSync(root.path('monitor_reads')), { what: 'monitor_reads has its HOWTO' });
    appendFileSync(root.path('monitor_reads'), '# my own comment\n\n');
    await ask('HELP', / answer - to=HELP KILL JOB \[NAME\]: /);
    await ask('help', / refused - to=help no such message: write HELP/);
    await ask('STATUS by=ann', / answer - to="STATUS by=ann" by=ann serving, 0 running, 2 slots, 0 ended: wait-q 0,/);
    await ask('KILL JOB', / refused - to="KILL JOB" no job runs/);
    await ask('SLOTS none', / refused - to="SLOTS none" write SLOTS and a whole number/);
    for (const name of ['first', 'second job'])
      root.drop(name, [`command :: trap '' TERM; sleep 300 & wait`, 'grace :: 0']);
    await eventually(() => root.list('currently-executing').length === 2, { what: 'both run' });
    await ask('KILL JOB', / refused - .* 2 jobs run: write KILL JOB and the name of one/);
    await ask('KILL JOB third', / refused - .* third does not run/);
    await ask('PAUSE', / answer - to=PAUSE paused/);
    root.drop('third', ['command :: sleep 300', 'grace :: 0']);
    await ask('KILL JOB "second job"', / answer - .* ending "second job" and all its processes/);
    await root.arrival('fail-q', 'second job');
    expect(root.status('fail-q', 'second job')).toMatch(/^fail killed #1 /);
    expect(root.list('wait-q')).toEqual(['third']);
    await ask('SLOTS 1', / answer - to="SLOTS 1" 1 slots?\b/);
    await ask('RESUME', / answer - to=RESUME resumed/);
    await ask('STATUS', / answer - to=STATUS serving, 1 running, 1 slot, 1 ended: wait-q 1,/);
    await ask('KILL JOB', / answer - .* ending first and all/);
    await root.arrival('fail-q', 'first');
    await eventually(() => root.where('third').join() === 'currently-executing', { what: 'the third starts' });
    await ask('FINISH', / answer - to=FINISH nothing more is started/);
    root.drop('fourth', ['command :: true']);
    await ask('KILL JOB', / answer - .* ending third /);
    expect(await monitor.ended).toBe(0);
    expect(root.where('third')).toEqual(['fail-q']);
    expect(root.where('fourth')).toEqual(['wait-q']);
    const left = readFileSync(root.path('monitor_reads'), 'utf8');
    expect(left).toContain('# my own comment\n');
    expect(left.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))).toEqual([]);
  }, 60_000);

  it('SHUTDOWN ends at once and the next monitor adopts the job; PAUSE and SLOTS outlive a restart', async () => {
    const root = testRoot('');
    const first = await root.monitor();
    root.drop('long', ['command :: echo up; until [ -e go ]; do sleep 0.05; done; echo down']);
    await eventually(
      () => existsSync(root.path('currently-executing/long')) && root.log('currently-executing', 'long') === 'up\n',
      {
        what: 'it runs',
      },
    );
    for (const line of ['PAUSE', 'SLOTS 3', 'SHUTDOWN']) root.message(line);
    expect(await first.ended).toBe(0);
    expect(root.status('currently-executing', 'long')).toMatch(/^running #1 /);
    root.drop('next', ['command :: true']);
    await root.monitor();
    root.message('STATUS');
    await told(root, / answer - to=STATUS paused, 1 running, 3 slots, /);
    writeFileSync(root.path('go'), '');
    await root.arrival('done-q', 'long');
    expect(root.log('done-q', 'long')).toBe('up\ndown\n');
    expect(root.where('next')).toEqual(['wait-q']);
    root.message('RESUME');
    await root.arrival('done-q', 'next');
  });

  it('a bad config.yaml is refused at start with file and line, and at RELOAD the settings in force stay', async () => {
    const root = testRoot('sleep: 15s\nslots: many\n');
    const refused = await root.sjq('monitor');
    expect(refused.code).toBe(78);
    expect(refused.stderr).toMatch(/config\.yaml.*\bline 2\b.*many/s);
    writeFileSync(root.path('config.yaml'), 'slots: 2\n');
    await root.monitor();
    root.message('STATUS');
    await told(root, / answer - to=STATUS serving, /);
    writeFileSync(root.path('config.yaml'), 'slots: 5\n\nslotz: 3\n');
    await told(root, / config - config.yaml changed: RELOAD/);
    // A write may be seen half and whole, and no oftener.
    const saidChanged = (): number => root.says().split(' config.yaml changed: ').length - 1;
    let from = root.says().length;
    root.message('RELOAD');
    await told(root, / refused - to=RELOAD .*line 3\b.*slotz.*did you mean slots/, from);
    root.message('STATUS');
    await told(root, / answer - to=STATUS serving, 0 running, 2 slots, /, from);
    expect(saidChanged()).toBeLessThanOrEqual(2);
    writeFileSync(root.path('config.yaml'), 'slots: 5\n');
    from = root.says().length;
    root.message('RELOAD');
    await told(root, / answer - to=RELOAD in force now: slots/, from);
    root.message('STATUS');
    await told(root, / answer - to=STATUS serving, 0 running, 5 slots, /, from);
  });
});

describe('the machine', () => {
  it('ready and procnames hold the queue back and let it go', async () => {
    const root = testRoot('');
    const foreign = root.path('foreign-tool');
    copyFileSync('/bin/sleep', foreign);
    const limits = [
      'ready: {load: 0.000001}',
      'ready: {free_memory: 900TB}',
      'ready: {free_disk: 900TB}',
      `ready: {command: "echo not yet; test -e ${root.path('may-start')}"}`,
      'procnames: [foreign-tool]',
    ];
    const reasons = [
      /load .* is over/,
      /of memory free, .* wanted/,
      /of disk free, .* wanted/,
      /ready command says no.*not yet/,
      /process foreign-tool \(pid \d+\) is running/,
    ];
    writeFileSync(root.path('config.yaml'), 'sleep: 200ms\nslots: 2\n');
    // The program's own load must not be what is measured.
    const busy = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    afterwards(() => busy.kill('SIGKILL'));
    await root.monitor();
    const stranger = start(foreign, ['300'], { stdio: 'ignore' });
    for (const [at, limit] of limits.entries()) {
      const reload = async (text: string): Promise<void> => {
        const from = root.says().length;
        writeFileSync(root.path('config.yaml'), `sleep: 200ms\nslots: 2\n${text}\n`);
        root.message('RELOAD');
        await told(root, / answer - to=RELOAD /, from);
      };
      await reload(limit);
      const name = `held-${at}`;
      root.drop(name, ['command :: true']);
      await eventually(
        () =>
          existsSync(root.path('status/status.txt')) &&
          reasons[at]!.test(readFileSync(root.path('status/status.txt'), 'utf8')),
        { withinMs: 10_000, what: `the status says why ${name} waits under ${limit}` },
      );
      expect(root.where(name)).toEqual(['wait-q']);
      if (limit.includes('may-start')) writeFileSync(root.path('may-start'), '');
      else if (limit.includes('foreign-tool')) stranger.child.kill('SIGKILL');
      else await reload('');
      await root.arrival('done-q', name);
    }
    // One's own jobs are no strangers.
    root.drop('own', ['command :: ./foreign-tool 300']);
    await eventually(() => root.where('own').join() === 'currently-executing', { what: 'the own one runs' });
    root.drop('beside-own', ['command :: true']);
    await root.arrival('done-q', 'beside-own');
    expect(root.where('own')).toEqual(['currently-executing']);
  }, 60_000);
});
