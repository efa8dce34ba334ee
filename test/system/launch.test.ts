// The real launcher.sh on real jobs. What it must keep: protocol.md, "Launch", "Run" and "End".
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runRecordFromText, textFromRunRecord } from '../../src/format/run-record.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import type { Launch, RunId, RunResult } from '../../src/model/run.ts';
import { realClock } from '../../src/system/clock.ts';
import { startLauncher } from '../../src/system/launch.ts';
import { realProcesses } from '../../src/system/processes.ts';
import { aLaunch, aRecord, bytes } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { killIfThere, scratchFolder, start } from '../support/scratch.ts';
import { tidyAfter, wallClock } from '../support/wall-clock.ts';

/** One attempt that a test may launch, and what comes of it. */
interface Attempt {
  readonly id: RunId;
  readonly token: string;
  /** Where its files are. */
  readonly record: string;
  readonly dir: string;
  /** Asks for it and does not wait. */
  launch(): void;
  /** Waits for the guardian's result. */
  result(withinMs?: number): Promise<RunResult>;
  /** Launches it and waits. */
  run(): Promise<RunResult>;
  /** What it printed, every byte a character. */
  output(): string;
  /** Waits until it printed that. */
  printed(text: string): Promise<void>;
  /** Waits for `started`; gives the pids in it. */
  started(): Promise<{ readonly guardian: number; readonly session: number; readonly job: number }>;
  /** Asks the guardian to end it, as the monitor does. */
  kill(why: string): Promise<void>;
}

interface Rig {
  readonly folder: string;
  readonly launcherPid: number;
  readonly ends: readonly string[];
  readonly attempt: (launch: Partial<Launch> & { readonly script?: string }) => Attempt;
  readonly close: () => void;
}

function rig(): Rig {
  const folder = scratchFolder();
  for (const name of ['runs', 'claimed']) mkdirSync(join(folder, name));
  const ends: string[] = [];
  const launcher = startLauncher({
    runsDir: bytes(join(folder, 'runs')),
    log: bytes(join(folder, 'launcher.log')),
    onEnd: (why) => void ends.push(why),
  });
  let count = 0;
  onTestFinished(() => {
    launcher.close();
    killIfThere(launcher.pid);
    expect(readFileSync(join(folder, 'launcher.log'), 'utf8')).toBe('');
  });
  return {
    folder,
    launcherPid: launcher.pid,
    ends,
    close: () => launcher.close(),
    attempt({ script, ...given }) {
      count += 1;
      const token = `${'0'.repeat(20)}${process.pid.toString(16).padStart(8, '0')}${String(count).padStart(4, '0')}`;
      const environment = given.environment ?? [bytes('PATH=/usr/local/bin:/usr/bin:/bin')];
      const launch = aLaunch({
        directory: bytes(folder),
        ...(script !== undefined && { argv: ['/bin/sh', '-c', script].map(bytes) }),
        ...given,
        environment: [...environment, bytes(`SJQ_TOKEN=${token}`)],
      });
      const record = aRecord('uow', { attempt: count, token, launch });
      const path = join(folder, 'runs', `${record.id}.run`);
      const dir = join(folder, 'runs', record.id);
      const uow = join(folder, 'claimed', `${record.id}.uow`);
      writeFileSync(path, textFromRunRecord(record), 'latin1');
      writeFileSync(uow, '');
      mkdirSync(dir);
      onTestFinished(async () => {
        if (existsSync(join(dir, 'started')))
          killIfThere(parseInt(readFileSync(join(dir, 'started'), 'utf8')) || 2 ** 30);
        await realProcesses.endTree({ token }, 0, realClock);
      });
      const attempt: Attempt = {
        ...{ id: record.id, token, record: path, dir },
        launch: () => launcher.launch(record.id),
        result: (withinMs = 10_000) =>
          eventually(() => runRecordFromText(readFileSync(path, 'latin1') as Bytes)?.result, {
            withinMs,
            what: 'the attempt has a result',
          }),
        run() {
          attempt.launch();
          return attempt.result();
        },
        output: () => readFileSync(uow, 'latin1'),
        printed: async (text) => {
          await eventually(() => attempt.output().includes(text), { what: `it prints ${text}: ${attempt.output()}` });
        },
        async started() {
          const pids = await eventually(
            () => {
              const text = readFileSync(join(dir, 'started'), 'utf8');
              return text.split('\n').length === 3 && text.trim().split(/\s+/).map(Number);
            },
            { what: 'it has started' },
          );
          const [guardian = 0, session = 0, job = 0] = pids;
          return { guardian, session, job };
        },
        async kill(why) {
          const { guardian } = await attempt.started();
          writeFileSync(join(dir, 'end'), `${why}\n`);
          process.kill(guardian, 'SIGTERM');
        },
      };
      return attempt;
    },
  };
}

/** Gives the lines that a job printed of a file such as /proc/self/status, as NAME → value. */
function valuesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split('\n').map((line) => line.split(/:\s*/, 2) as [string, string]));
}

it('a launcher is started though its log can be no log: a FIFO that nobody reads, a directory, a link', async () => {
  for (const make of [
    (path: string) => void execFileSync('mkfifo', [path]),
    mkdirSync,
    (path: string) => symlinkSync('x', path),
  ]) {
    const folder = scratchFolder();
    mkdirSync(join(folder, 'runs'));
    make(join(folder, 'launcher.log'));
    let isEnded = false;
    const launcher = startLauncher({
      runsDir: bytes(join(folder, 'runs')),
      log: bytes(join(folder, 'launcher.log')),
      onEnd: () => (isEnded = true),
    });
    await eventually(() => realProcesses.isAlive(launcher.pid), { what: 'it lives' });
    launcher.close();
    await eventually(() => !realProcesses.isAlive(launcher.pid), { what: 'it ends when it is told to' });
    expect(isEnded).toBe(false);
  }
});

describe('the result of a job', () => {
  it('has the exit code of every kind of end', async () => {
    const { attempt, folder } = rig();
    writeFileSync(join(folder, 'not-executable'), '#!/bin/sh\n');
    const cases: readonly (readonly [Partial<Launch> & { readonly script?: string }, number])[] = [
      [{ argv: [bytes('true')] }, 0],
      [{ script: 'exit 3' }, 3],
      [{ script: 'exit 255' }, 255],
      [{ script: 'kill -KILL $$' }, 137],
      [{ script: 'kill -PIPE $$' }, 141],
      [{ argv: [bytes('no-such-program')] }, 127],
      [{ argv: [bytes('./not-executable')] }, 126],
      [{ script: 'exit 5', output: 'append' }, 5],
      [{ argv: [bytes('no-such-program')], output: 'append' }, 127],
    ];
    const attempts = cases.map(([launch]) => attempt(launch));
    for (const each of attempts) each.launch();
    const results = await Promise.all(attempts.map((each) => each.result()));
    expect(results.map(({ code }) => code)).toEqual(cases.map(([, code]) => code));
    for (const { why, tee, left, startedAt, endedAt } of results) {
      expect({ why, tee, left }).toEqual({ why: 'exit', tee: 0, left: 0 });
      expect(endedAt).toBeGreaterThanOrEqual(startedAt);
      expect(Math.abs(Date.now() - endedAt)).toBeLessThan(60_000);
    }
    expect(attempts[5]?.output()).toBe('sjq: cannot start: no-such-program: not found\n');
    expect(attempts[6]?.output()).toBe('sjq: cannot start: ./not-executable is not executable\n');
  });

  it('stands on the first line of the record, and nothing else of the record changes', async () => {
    const one = rig().attempt({ script: 'echo out' });
    const before = readFileSync(one.record, 'latin1');
    await one.run();
    const after = readFileSync(one.record, 'latin1');
    expect(after.slice(256)).toBe(before.slice(256));
    expect(after).toHaveLength(before.length);
  });

  it('says when the log could not be written, and the exit code is still right', async () => {
    const { attempt, folder } = rig();
    const one = attempt({ script: 'echo lost; exit 3' });
    // A directory in place of the log is what a test can do that also root cannot write to.
    rmSync(join(folder, 'claimed', `${one.id}.uow`));
    mkdirSync(join(folder, 'claimed', `${one.id}.uow`));
    const { code, tee } = await one.run();
    expect({ code, tee }).toEqual({ code: 3, tee: 1 });
  });
});

describe('the output of a job', () => {
  it('arrives whole and in order, 20 MB of it, with every byte there is', async () => {
    const { attempt, folder } = rig();
    const content = Buffer.alloc(20_000_000, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    writeFileSync(join(folder, 'content'), content);
    const one = attempt({ argv: ['cat', 'content'].map(bytes) });
    expect((await one.run()).code).toBe(0);
    expect(Buffer.from(one.output(), 'latin1').equals(content)).toBe(true);
  });

  it('goes behind what stands in the file already, standard error too', async () => {
    const { attempt, folder } = rig();
    for (const output of ['tee', 'append'] as const) {
      const one = attempt({ script: 'echo out; echo err >&2', output });
      appendFileSync(join(folder, 'claimed', `${one.id}.uow`), 'head\n');
      await one.run();
      expect(one.output()).toBe('head\nout\nerr\n');
    }
  });

  it('is a pipe, so that a job that opens /dev/stdout by name truncates nothing', async () => {
    const one = rig().attempt({ script: 'echo first; echo second > /dev/stdout; echo third > /dev/stderr' });
    await one.run();
    expect(one.output()).toBe('first\nsecond\nthird\n');
  });
});

describe('the environment of a job', () => {
  it('is exactly what the record says, besides what the shell that starts it cannot help', async () => {
    const given = {
      PATH: '/usr/bin:/bin',
      NEWLINES: 'a\nb\n\n',
      QUOTES: `"'$(touch evil)\`touch evil\`\\`,
      ODD: '\xff\x01\x80é',
      EMPTY: '',
      EQUALS: '=a=b=',
      lower_case: ' blanks ',
      LC_ALL: 'C',
    };
    const environment = Object.entries(given).map(([name, value]) => `${name}=${value}` as Bytes);
    for (const output of ['tee', 'append'] as const) {
      const one = rig().attempt({ argv: [bytes('env'), bytes('-0')], environment, output });
      await one.run();
      const found = Object.fromEntries(
        one
          .output()
          .split('\0')
          .filter((entry) => entry !== '')
          .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
      );
      const { PWD: _pwd, SHLVL: _level, _: _last, ...rest } = found;
      expect(rest).toEqual({ ...given, SJQ_TOKEN: one.token });
    }
  });

  it('may have any name that the guardian uses itself', async () => {
    const names =
      'argv environment directory input output umask cgroup token id me record secrets entry value tree TEE code why ' +
      'started status state parent group timeout words job_pid request tee_program silence nothing asked count';
    const environment = [
      bytes('PATH=/usr/bin:/bin'),
      ...names.split(' ').map((name) => bytes(`${name}=theirs ${name}`)),
    ];
    for (const output of ['tee', 'append'] as const) {
      const one = rig().attempt({ argv: ['env', '-0'].map(bytes), environment, output });
      expect((await one.run()).code).toBe(0);
      const entries = one.output().split('\0');
      expect(names.split(' ').filter((name) => !entries.includes(`${name}=theirs ${name}`))).toEqual([]);
    }
  });

  it('holds secrets that stand in no record, without the newline of an editor', async () => {
    const { attempt, folder } = rig();
    writeFileSync(join(folder, 'key'), 's3cret\xff line\n\n', 'latin1');
    writeFileSync(join(folder, 'empty'), '');
    const one = attempt({
      script: 'printf "<%s>" "$KEY" "$value"',
      secrets: [bytes(`KEY=${folder}/key`), bytes(`value=${folder}/key`)],
    });
    await one.run();
    expect(one.output()).toBe('<s3cret\xff line\n><s3cret\xff line\n>');
    expect(readFileSync(one.record, 'latin1')).not.toContain('s3cret');

    const missing = attempt({ script: 'echo ran', secrets: [bytes(`KEY=${folder}/none`)] });
    expect((await missing.run()).code).toBe(126);
    expect(missing.output()).toBe(`sjq: cannot start: secret KEY cannot be read from ${folder}/none\n`);
    const empty = attempt({ script: 'echo ran', secrets: [bytes(`KEY=${folder}/empty`)] });
    expect((await empty.run()).code).toBe(126);
  });

  it('gives arguments as they are: nothing of them is split, expanded or read by a shell', async () => {
    const args = ['', ' ', '*', '$HOME', '`id`', '-n', 'a\nb', '\xff', 'é', '"', "'", '--', '=', 'x'.repeat(100_000)];
    const one = rig().attempt({ argv: [bytes('printf'), bytes('<%s>\\n'), ...(args as Bytes[])] });
    await one.run();
    expect(one.output()).toBe(args.map((arg) => `<${arg}>\n`).join(''));
  });
});

describe('the surroundings of a job', () => {
  it('are its directory, its umask and its input', async () => {
    const { attempt, folder } = rig();
    const odd = join(folder, ' a "b" $c\n-d');
    mkdirSync(odd);
    writeFileSync(join(folder, 'input'), 'typed');
    const one = attempt({
      script: 'pwd; umask; cat; touch made',
      directory: bytes(odd),
      input: bytes(join(folder, 'input')),
      umask: '077',
    });
    await one.run();
    expect(one.output()).toBe(`${odd}\n0077\ntyped`);
    expect(statSync(join(odd, 'made')).mode & 0o777).toBe(0o600);
  });

  it('that are missing keep it from starting: 126 and a word in its log', async () => {
    const { attempt, folder } = rig();
    const nowhere = attempt({ script: 'echo ran', directory: bytes('/no/such/place') });
    const mute = attempt({ script: 'echo ran', input: bytes(join(folder, 'none')) });
    expect((await nowhere.run()).code).toBe(126);
    expect(nowhere.output()).toBe('sjq: cannot start: no directory /no/such/place to run in\n');
    expect((await mute.run()).code).toBe(126);
    expect(mute.output()).toBe(`sjq: cannot start: stdin cannot be read from ${folder}/none\n`);
  });

  it('hold no descriptor but 0, 1 and 2, and 0 is /dev/null', async () => {
    for (const output of ['tee', 'append'] as const) {
      const one = rig().attempt({ argv: ['ls', '-l', '/proc/self/fd'].map(bytes), output, timeoutMs: 60_000 });
      await one.run();
      const open = [...one.output().matchAll(/ (\d+) -> (.*)/g)].map(([, fd, to]) => [fd, to]);
      const descriptors = Object.fromEntries(open) as Readonly<Record<string, string>>;
      // 3 is the directory that ls reads.
      expect(Object.keys(descriptors)).toEqual(['0', '1', '2', '3']);
      expect(descriptors[0]).toBe('/dev/null');
      expect(descriptors[1]).toBe(descriptors[2]);
      expect(descriptors[1]).toMatch(output === 'tee' ? /^pipe:/ : /\.uow$/);
    }
  });

  it('have all signals as a process finds them, ignored and blocked ones too', async () => {
    for (const output of ['tee', 'append'] as const) {
      const one = rig().attempt({ argv: ['grep', '^Sig', '/proc/self/status'].map(bytes), output, timeoutMs: 60_000 });
      await one.run();
      const { SigBlk, SigIgn } = valuesOf(one.output());
      expect({ SigBlk, SigIgn }).toEqual({ SigBlk: '0'.repeat(16), SigIgn: '0'.repeat(16) });
    }
  });

  it('are a process group of its own, without a terminal; guardian and tee are in others', async () => {
    const one = rig().attempt({ script: 'echo up; exec sleep 600' });
    one.launch();
    const { guardian, session, job } = await one.started();
    await one.printed('up');
    const statOf = (pid: number): readonly string[] =>
      readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
    const [, , group, sid, terminal] = statOf(job).map(Number);
    expect({ group, sid, terminal }).toEqual({ group: job, sid: session, terminal: 0 });
    expect(Number(statOf(guardian)[2])).not.toBe(job);
    // Only the guardian holds the record: that is how it is known to live.
    const { dev, ino } = statSync(one.record);
    expect(realProcesses.holdersOf({ dev, ino })).toEqual([guardian]);
    expect(realProcesses.hasOpen(guardian, { dev, ino })).toBe(true);
    process.kill(-job, 'SIGKILL');
    expect((await one.result()).code).toBe(137);
  });
});

describe('an attempt', () => {
  it('is started once, however often it is asked for', async () => {
    const { attempt } = rig();
    const one = attempt({ script: 'echo ran' });
    const fence = attempt({ script: 'true' });
    for (let times = 0; times < 20; times++) one.launch();
    await one.result();
    one.launch();
    await fence.run();
    expect(one.output()).toBe('ran\n');
  });

  it('that was withdrawn, has no record or a torn one leaves no trace', async () => {
    const { attempt, folder } = rig();
    const withdrawn = attempt({ script: 'echo ran' });
    writeFileSync(join(withdrawn.dir, 'started'), 'withdrawn\n');
    const torn = attempt({ script: 'echo ran' });
    writeFileSync(torn.record, readFileSync(torn.record, 'latin1').slice(0, 330));
    const recordless = attempt({ script: 'echo ran' });
    rmSync(recordless.record);
    for (const each of [withdrawn, torn, recordless]) each.launch();
    await attempt({ script: 'true' }).run();
    await eventually(() => guardiansOf(folder).length === 0, { what: 'no guardian lives' });
    expect([withdrawn, torn, recordless].map((each) => each.output())).toEqual(['', '', '']);
    expect(readFileSync(join(withdrawn.dir, 'started'), 'utf8')).toBe('withdrawn\n');
    expect(existsSync(join(torn.dir, 'started'))).toBe(false);
    expect(existsSync(join(recordless.dir, 'started'))).toBe(false);
    expect(existsSync(recordless.record)).toBe(false);
  });

  it('in whose place of `started` something else stands is not started, and its guardian waits for nobody', async () => {
    const { attempt, folder } = rig();
    const [fifo, device, dangling, directory] = ['fifo', 'device', 'dangling', 'directory'].map(() =>
      attempt({ script: 'echo ran' }),
    ) as [Attempt, Attempt, Attempt, Attempt];
    const target = join(folder, 'target');
    execFileSync('mkfifo', [join(fifo.dir, 'started')]);
    symlinkSync('/dev/null', join(device.dir, 'started'));
    symlinkSync(target, join(dangling.dir, 'started'));
    mkdirSync(join(directory.dir, 'started'));
    const all = [fifo, device, dangling, directory];
    onTestFinished(() => {
      for (const each of all) rmSync(join(each.dir, 'started'), { recursive: true });
    });
    for (const each of all) each.launch();
    await attempt({ script: 'true' }).run();
    await eventually(() => guardiansOf(folder).length === 0, { what: 'no guardian lives' });
    expect(all.map((each) => each.output())).toEqual(['', '', '', '']);
    expect(existsSync(target)).toBe(false);
  });

  it('goes on when the launcher ends at the end of its input, or is killed', async () => {
    for (const signal of [undefined, 'SIGKILL'] as const) {
      const { attempt, close, launcherPid, ends, folder } = rig();
      const one = attempt({ script: 'echo up; while [ ! -e go ]; do sleep 0.01; done; echo down; exit 4' });
      one.launch();
      await one.printed('up');
      if (signal) process.kill(launcherPid, signal);
      else close();
      await eventually(() => !realProcesses.isAlive(launcherPid), { what: 'the launcher has ended' });
      writeFileSync(join(folder, 'go'), '');
      expect((await one.result()).code).toBe(4);
      expect(one.output()).toBe('up\ndown\n');
      // An end that nobody asked for is told.
      if (signal) await eventually(() => ends.length > 0, { what: 'the end is told' });
      expect(ends).toEqual(signal ? ['SIGKILL'] : []);
    }
  });
});

/** True if the process ignores the signal of that number. */
function hasIgnored(pid: number, signal: number): boolean {
  const mask = valuesOf(readFileSync(`/proc/${pid}/status`, 'utf8'))['SigIgn'] ?? '0';
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Gives the pid in a file without a pause between looks: for who wants to be early. */
function pidAsSoonAsThere(path: string): number {
  const giveUpAt = performance.now() + 5000;
  while (performance.now() < giveUpAt) {
    const pid = existsSync(path) ? parseInt(readFileSync(path, 'utf8')) : NaN;
    if (pid > 0) return pid;
  }
  throw new Error(`no pid came into ${path}`);
}

function childrenOf(parent: number): readonly number[] {
  const text = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Gives the processes that work in a rig's runs directory besides its launcher: guardians. */
function guardiansOf(folder: string): readonly number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    try {
      const parent = Number(
        readFileSync(`/proc/${pid}/stat`, 'latin1')
          .replace(/^.*\) /s, '')
          .split(' ')[1],
      );
      const isBelow = (at: string): boolean => readlinkSync(`/proc/${at}/cwd`) === join(folder, 'runs');
      return isBelow(String(pid)) && isBelow(String(parent));
    } catch {
      return false;
    }
  });
}

/** Gives the process that counts a timeout: the shell that has neither the record open nor, as one that becomes tee, descriptor 3. */
async function counterOf(guardian: number, job: number): Promise<number> {
  return eventually(
    () =>
      childrenOf(guardian).find((pid) => {
        const isShell = pid !== job && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'bash\n';
        return isShell && realProcesses.isAlive(pid) && !['3', '8'].some((fd) => existsSync(`/proc/${pid}/fd/${fd}`));
      }),
    { what: 'the time is counted' },
  );
}

describe('a timeout', () => {
  it('ends the job by TERM, and by KILL after the grace if it does not listen', async () => {
    const { attempt } = rig();
    const polite = attempt({
      script: 'trap "echo bye; exit 9" TERM; echo up; while :; do sleep 0.01; done',
      timeoutMs: 300,
      graceMs: 20_000,
    });
    const deaf = attempt({ script: 'trap "" TERM; while :; do sleep 0.05; done', timeoutMs: 100, graceMs: 200 });
    const stopped = attempt({ script: 'kill -STOP $$', timeoutMs: 100, graceMs: 20_000 });
    for (const each of [polite, deaf, stopped]) each.launch();
    const [soft, hard, woken] = await Promise.all([polite, deaf, stopped].map((each) => each.result()));
    expect(soft).toMatchObject({ why: 'timeout', code: 9, left: 0 });
    // dash says Terminated besides, of its sleep.
    expect(polite.output()).toMatch(/^up\n(.*\n)?bye\n$/);
    expect(hard).toMatchObject({ why: 'timeout', code: 137, left: 0 });
    expect((hard?.endedAt ?? 0) - (hard?.startedAt ?? 0)).toBeGreaterThanOrEqual(300);
    expect(woken).toMatchObject({ why: 'timeout', code: 143 });
  });

  it('comes late rather than early when somebody kills what counts it', async () => {
    const { attempt } = rig();
    const one = attempt({ script: 'echo up; exec sleep 600', timeoutMs: 700 });
    one.launch();
    const { guardian, job } = await one.started();
    const sleeper = await counterOf(guardian, job);
    process.kill(sleeper, 'SIGKILL');
    const { why, startedAt, endedAt } = await one.result();
    expect(why).toBe('timeout');
    expect(endedAt - startedAt).toBeGreaterThanOrEqual(700);
  });

  it('is counted no longer when the guardian is killed', async () => {
    const one = rig().attempt({ script: 'echo up; exec sleep 600', timeoutMs: 30 * 86_400_000 });
    one.launch();
    const { guardian, job } = await one.started();
    onTestFinished(() => {
      killIfThere(job);
    });
    const sleeper = await counterOf(guardian, job);
    process.kill(guardian, 'SIGKILL');
    await eventually(() => !realProcesses.isAlive(sleeper), { what: 'nobody counts any more' });
  });

  it('that does not come leaves nothing behind and delays nothing', async () => {
    const one = rig().attempt({ script: 'exit 2', timeoutMs: 30 * 86_400_000 });
    expect(await one.run()).toMatchObject({ why: 'exit', code: 2 });
    const { guardian } = await one.started();
    await eventually(() => !realProcesses.isAlive(guardian), { what: 'the guardian has ended' });
  });
});

describe('a disk that takes nothing when the job ends', () => {
  it('costs no exit code: the guardian keeps it until it can be written', async (context) => {
    const one = rig().attempt({ script: 'echo up; exec sleep 600' });
    one.launch();
    await one.printed('up');
    const { guardian, job } = await one.started();
    // Nobody can write to an immutable file, through no descriptor.
    if (spawnSync('chattr', ['+i', one.record]).status !== 0) {
      console.log(`SKIPPED: ${context.task.name}: no file can be made immutable here`);
      context.skip();
    }
    onTestFinished(() => void spawnSync('chattr', ['-i', one.record]));
    process.kill(job, 'SIGKILL');
    // The pipe that it waits on, which it opens when it pauses for the first time.
    const isSilence = (fd: string): boolean =>
      readlinkSync(`/proc/${guardian}/fd/${fd}`).startsWith('pipe:') &&
      /^flags:\s*\d*2$/m.test(readFileSync(`/proc/${guardian}/fdinfo/${fd}`, 'utf8'));
    const isPausing = (): boolean => readdirSync(`/proc/${guardian}/fd`).some(isSilence);
    await eventually(isPausing, { what: 'it has tried to write its result' });
    expect(runRecordFromText(readFileSync(one.record, 'latin1') as Bytes)?.result).toBeUndefined();
    expect(realProcesses.isAlive(guardian)).toBe(true);
    spawnSync('chattr', ['-i', one.record]);
    expect(await one.result()).toMatchObject({ why: 'exit', code: 137, tee: 0 });
  });
});

describe('a wall clock that is set while jobs run', () => {
  it.for([
    ['back by an hour', -3600],
    ['ahead by a day', 86_400],
    ['back by a day', -86_400],
  ] as const)(
    '%s shortens and lengthens neither timeout nor grace, and no duration',
    async ([, aheadSeconds], context) => {
      const clock = wallClock(context);
      const { attempt, folder } = rig();
      const script = join(import.meta.dirname, '../../src/system/launcher.sh');
      const launcher = start('/usr/bin/env', ['bash', '--norc', '--noprofile', script, '/usr/bin/tee'], {
        cwd: join(folder, 'runs'),
        env: { ...clock.env, PATH: '/usr/bin:/bin' },
        detached: true,
      });
      tidyAfter(launcher.pid);
      const deaf = attempt({
        script: 'trap "echo term" TERM; while :; do sleep 0.05; done',
        timeoutMs: 100,
        graceMs: 1500,
      });
      const timed = attempt({ script: 'echo up; exec sleep 600', timeoutMs: 2000 });
      const plain = attempt({ script: 'echo up; while [ ! -e go ]; do sleep 0.05; done; exit 3' });
      for (const { id } of [deaf, timed, plain]) launcher.child.stdin?.write(`${id}\n`);
      await deaf.printed('term');
      await Promise.all([timed, plain].map((one) => one.printed('up')));
      clock.set(aheadSeconds);
      const [graced, ended] = await Promise.all([deaf.result(20_000), timed.result(20_000)]);
      writeFileSync(join(folder, 'go'), '');
      const results = [graced, ended, await plain.result()];
      expect(results.map(({ why, code }) => [why, code])).toEqual([
        ['timeout', 137],
        ['timeout', 143],
        ['exit', 3],
      ]);
      const tookMs = results.map(({ startedAt, endedAt }) => endedAt - startedAt);
      for (const [at, leastMs] of [1600, 2000, 1600].entries()) {
        expect(tookMs[at]).toBeGreaterThanOrEqual(leastMs);
        expect(tookMs[at]).toBeLessThan(20_000);
      }
      // The instants are those of the clock as it is now.
      for (const { endedAt } of results)
        expect(Math.abs(endedAt - Date.now() - aheadSeconds * 1000)).toBeLessThan(30_000);
      launcher.child.stdin?.end();
      await eventually(() => launcher.child.exitCode === 0, { what: 'the launcher has ended' });
    },
  );
});

describe('a kill request', () => {
  it('ends the whole tree, also what left the group and the session', async () => {
    const { attempt } = rig();
    const one = attempt({
      script: `setsid sh -c 'trap "" TERM; echo $$; while :; do sleep 0.05; done' &
               sleep 600 & echo $!
               wait`,
      graceMs: 200,
    });
    one.launch();
    await eventually(() => /^\d+\n\d+\n$/.test(one.output()), { what: 'both run' });
    const pids = one.output().trim().split('\n').map(Number);
    expect(pids.every((pid) => realProcesses.isAlive(pid))).toBe(true);
    await one.kill('killed');
    expect(await one.result()).toMatchObject({ why: 'killed', left: 0 });
    expect(pids.filter((pid) => realProcesses.isAlive(pid))).toEqual([]);
  });

  it('is heard however early it comes', async () => {
    const { attempt } = rig();
    let missed = 0;
    for (let times = 0; times < 6; times++) {
      const one = attempt({ script: 'exec sleep 60', graceMs: 100 });
      // The reason stands there before, so that the signal can follow in the instant in which `started` appears.
      writeFileSync(join(one.dir, 'end'), 'killed\n');
      one.launch();
      const guardian = pidAsSoonAsThere(join(one.dir, 'started'));
      process.kill(guardian, 'SIGTERM');
      const result = await one.result(4000).catch(() => undefined);
      // Between two words of the shell one may be missed, which is why the monitor repeats it.
      if (!result) {
        missed += 1;
        process.kill(guardian, 'SIGTERM');
      }
      expect((await one.result()).why).toBe('killed');
    }
    expect(missed).toBeLessThan(3);
  });

  it.each([
    ['a line that has no room in the record', 'head -c 5000 /dev/zero | tr "\\0" x > "$d/end"'],
    ['a word that says it ended well', 'echo exit > "$d/end"'],
    ['a word that is none', 'echo rooted > "$d/end"'],
    ['a symlink to what it may not read', 'echo timeout > "$d/other"; ln -s other "$d/end"'],
  ])('says killed where the job put %s in the place of the reason', async (_what, forge) => {
    const { attempt, folder } = rig();
    const one = attempt({ script: `d=$(echo ${folder}/runs/*/); ${forge}; echo up; exec sleep 60` });
    one.launch();
    await one.printed('up');
    const { guardian } = await one.started();
    process.kill(guardian, 'SIGTERM');
    expect((await one.result()).why).toBe('killed');
    expect(runRecordFromText(readFileSync(one.record, 'latin1') as Bytes)?.record.token).toBe(one.token);
  });

  it('that comes when the job has ended by itself changes nothing about how it ended', async () => {
    const one = rig().attempt({
      // Holds the log open behind the end: the guardian waits for tee, up to 5 s.
      script: 'setsid sh -c "echo up; exec sleep 1" & sleep 0.2; exit 3',
      leftovers: 'leave',
    });
    one.launch();
    const { guardian } = await one.started();
    // From where on it no longer hears the request: it has seen the end.
    await eventually(() => hasIgnored(guardian, 15), { what: 'the guardian has seen the end' });
    await one.kill('killed');
    expect(await one.result()).toMatchObject({ why: 'exit', code: 3 });
  });

  it('that comes in the very instant of the end finds a result: its code, or killed if bash has forgotten that', async () => {
    const { attempt } = rig();
    for (let times = 0; times < 8; times++) {
      const one = attempt({ script: 'sleep 0.05; exit 3' });
      one.launch();
      const { guardian, job } = await one.started();
      writeFileSync(join(one.dir, 'end'), 'killed\n');
      const giveUpAt = performance.now() + 5000;
      while (realProcesses.isAlive(job) && performance.now() < giveUpAt);
      killIfThere(guardian, 'SIGTERM');
      const { why, code } = await one.result();
      expect(why === 'killed' ? [137, 3] : [3]).toContain(code);
    }
  });

  it('may be repeated, and says killed if it gives no reason', async () => {
    const one = rig().attempt({ script: 'trap "" TERM; echo up; while :; do sleep 0.05; done', graceMs: 400 });
    one.launch();
    await one.printed('up');
    const { guardian } = await one.started();
    const isOver = one.result();
    for (let times = 0; times < 5; times++) {
      process.kill(guardian, 'SIGTERM');
      await eventually(() => true, { what: '' });
    }
    expect(await isOver).toMatchObject({ why: 'killed', code: 137, left: 0 });
  });
});

describe('what a job leaves behind', () => {
  const daemon = 'setsid sh -c "echo \\$\\$; exec sleep 600" & while [ ! -e up ]; do sleep 0.01; done; exit 0';

  it('is ended and counted: a background process, a daemon in a session of its own, an orphan', async () => {
    const { attempt, folder } = rig();
    const one = attempt({ script: `(setsid sleep 600 &) ; sleep 600 & ${daemon}`, graceMs: 300 });
    one.launch();
    await eventually(() => /^\d+\n$/.test(one.output()), { what: 'the daemon runs' });
    writeFileSync(join(folder, 'up'), '');
    expect(await one.result()).toMatchObject({ why: 'exit', code: 0, tee: 0, left: 3 });
    expect(realProcesses.isAlive(Number(one.output()))).toBe(false);
    expect(realProcesses.treeOf({ token: one.token })).toEqual([]);
  });

  it('is left if the record says so; the result then waits 5 s for the log at most', async () => {
    const { attempt, folder } = rig();
    const one = attempt({ script: daemon, leftovers: 'leave' });
    const silent = attempt({ script: 'setsid sleep 600 > /dev/null 2>&1 & echo $!', leftovers: 'leave' });
    one.launch();
    await eventually(() => /^\d+\n$/.test(one.output()), { what: 'the daemon runs' });
    writeFileSync(join(folder, 'up'), '');
    silent.launch();
    // One that lets go of the log holds nobody up.
    expect(await silent.result(3000)).toMatchObject({ code: 0, tee: 0, left: 0 });
    expect(realProcesses.isAlive(Number(silent.output()))).toBe(true);
    expect(await one.result()).toMatchObject({ why: 'exit', code: 0, tee: 'open', left: 0 });
    expect(realProcesses.isAlive(Number(one.output()))).toBe(true);
  });
});

it('what the monitor itself inherited, such as a lock, is handed to no job', async () => {
  const { attempt, folder } = rig();
  const script = join(import.meta.dirname, '../../src/system/launcher.sh');
  const inherited = 'exec 3< /dev/zero 10< /dev/zero 200< /dev/zero; exec "$@"';
  const bash = ['/bin/bash', '--norc', '--noprofile'];
  const launcher = start('/bin/bash', ['-c', inherited, 'sh', ...bash, script, '/usr/bin/tee'], {
    cwd: join(folder, 'runs'),
    detached: true,
  });
  const one = attempt({ argv: ['ls', '-l', '/proc/self/fd'].map(bytes) });
  launcher.child.stdin?.write(`${one.id}\n`);
  await one.result();
  expect(one.output()).toContain(' 0 -> ');
  expect(one.output()).not.toContain('/dev/zero');
  launcher.child.stdin?.end();
  await eventually(() => launcher.child.exitCode === 0, { what: 'the launcher has ended' });
});

it('a job whose end bash misses while it waits for timeout and job at once is found after a moment', async () => {
  const { attempt, folder } = rig();
  const copy = join(folder, 'launcher.sh');
  const text = readFileSync(join(import.meta.dirname, '../../src/system/launcher.sh'), 'utf8');
  // What a job that ends in the instant in which the wait begins comes to: the wait is for the other alone.
  const deaf = text.replace('wait -f -n -p who "$job_pid" "$sleeper"', 'wait -f -n -p who "$sleeper"');
  expect(deaf).not.toBe(text);
  writeFileSync(copy, deaf, { mode: 0o755 });
  const launcher = start('/bin/bash', ['--norc', '--noprofile', copy, '/usr/bin/tee'], {
    cwd: join(folder, 'runs'),
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
  });
  const one = attempt({ script: 'exit 3', timeoutMs: 3_600_000 });
  launcher.child.stdin?.write(`${one.id}\n`);
  expect(await one.result()).toMatchObject({ why: 'exit', code: 3 });
  launcher.child.stdin?.end();
  await eventually(() => launcher.child.exitCode === 0, { what: 'the launcher has ended' });
});

it('a job whose tee is gone before it begins does not start, and that is no exit code of its own', async () => {
  const { attempt, folder } = rig();
  const copy = join(folder, 'launcher.sh');
  const text = readFileSync(join(import.meta.dirname, '../../src/system/launcher.sh'), 'utf8');
  // Time for a tee that ends at once to be missed.
  const late = text.replace('tee_pid=$!\n', 'tee_pid=$!; while kill -0 "$tee_pid"; do pause 0.01; done\n');
  writeFileSync(copy, late, { mode: 0o755 });
  const launcher = start('/bin/bash', ['--norc', '--noprofile', copy, '/bin/false'], {
    cwd: join(folder, 'runs'),
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
  });
  const one = attempt({ script: 'echo ran > ran' });
  launcher.child.stdin?.write(`${one.id}\n`);
  // 126 is what the monitor calls cannot-start.
  expect(await one.result()).toMatchObject({ why: 'exit', code: 126, tee: 1 });
  expect(existsSync(join(folder, 'ran'))).toBe(false);
  launcher.child.stdin?.end();
  await eventually(() => launcher.child.exitCode === 0, { what: 'the launcher has ended' });
});

it('the launcher runs on as it was when its file is replaced, and does not need it for what it starts later', async () => {
  const { attempt, folder } = rig();
  const copy = join(folder, 'launcher.sh');
  writeFileSync(copy, readFileSync(join(import.meta.dirname, '../../src/system/launcher.sh')));
  chmodSync(copy, 0o755);
  const launcher = start('/bin/bash', ['--norc', '--noprofile', copy, '/usr/bin/tee'], {
    cwd: join(folder, 'runs'),
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
  });
  const first = attempt({ script: 'echo first' });
  launcher.child.stdin?.write(`${first.id}\n`);
  await first.result();
  // In place, which is the hard case: the same inode that bash reads from.
  writeFileSync(copy, 'echo replaced > replaced; exit 1\n'.repeat(1000));
  const second = attempt({ script: 'echo second' });
  launcher.child.stdin?.write(`${second.id}\n`);
  expect((await second.result()).code).toBe(0);
  expect(second.output()).toBe('second\n');
  expect(existsSync(join(folder, 'runs/replaced'))).toBe(false);
  launcher.child.stdin?.end();
  await eventually(() => launcher.child.exitCode !== null, { what: 'the launcher has ended' });
  expect(launcher.child.exitCode).toBe(0);
});

describe('a job that is silent', () => {
  it('is ended when neither output nor progress came for as long, without its monitor', async () => {
    const one = rig().attempt({ script: 'echo out; sleep 60', idleMs: 1000, graceMs: 1000 });
    const { why, left } = await one.run();
    expect({ why, left, output: one.output() }).toEqual({ why: 'idle', left: 0, output: 'out\n' });
  });

  it('is not ended while it prints, tells its progress or is stopped', async () => {
    const every = (what: string): string => `for _ in 1 2 3 4 5 6; do sleep 0.5; ${what}; done`;
    const jobs = [
      { script: every('echo on'), output: 'append' },
      { script: every('echo on'), output: 'tee' },
      { script: every('echo 1 > "$(dirname runs/*.3-*/started)/progress"'), output: 'tee' },
      // Its own child lets it go on.
      { script: '(sleep 3; kill -CONT $$) & kill -STOP $$; wait', output: 'tee' },
    ] as const;
    const { attempt } = rig();
    const results = await Promise.all(jobs.map((job) => attempt({ ...job, idleMs: 1800 }).run()));
    expect(results.map(({ why, code }) => [why, code])).toEqual(jobs.map(() => ['exit', 0]));
  });
});

describe('an output of which a part is kept', () => {
  /** Gives what stands in the file of a job that prints `content`, of which 8 KiB with the head and 1000 bytes of the end are kept. */
  async function kept(content: Buffer, script = 'cat content'): Promise<string> {
    const { attempt, folder } = rig();
    writeFileSync(join(folder, 'content'), content);
    const one = attempt({ script, keep: { fileKib: 8, headBytes: 8192, tailBytes: 1000 } });
    const { code, tee } = await one.run();
    expect({ code, tee }).toEqual({ code: 0, tee: 0 });
    return one.output();
  }
  const bytesOf = (length: number): Buffer =>
    Buffer.from(Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) % 256));

  it('is whole up to what is kept, byte for byte', async () => {
    for (const length of [0, 10, 8192, 8193, 9192]) {
      const content = bytesOf(length);
      expect((await kept(content)) === content.toString('latin1'), `${length} bytes`).toBe(true);
    }
  });

  it('lacks the middle of what is more, and says how much of it', async () => {
    for (const length of [9193, 3_000_000]) {
      const text = bytesOf(length).toString('latin1');
      const left = `\n==== LEFT OUT ${length - 9192} bytes\n`;
      expect((await kept(Buffer.from(text, 'latin1'))) === text.slice(0, 8192) + left + text.slice(-1000)).toBe(true);
    }
  });

  it('is read on when its file takes nothing, and its head is there at once', async () => {
    const { attempt } = rig();
    const keep = { fileKib: 8, headBytes: 8192, tailBytes: 1000 };
    const one = attempt({
      script: 'echo first; until [ -e go ]; do sleep 0.05; done; head -c 2000000 /dev/zero',
      keep,
    });
    one.launch();
    await one.printed('first\n');
    writeFileSync(join(one.dir, '../../go'), '');
    expect(await one.result()).toMatchObject({ code: 0, tee: 0 });
    const lost = attempt({ script: 'head -c 2000000 /dev/zero; exit 3', keep });
    rmSync(lost.record.replace(/runs(.*)run$/, 'claimed$1uow'));
    mkdirSync(lost.record.replace(/runs(.*)run$/, 'claimed$1uow'));
    expect(await lost.run()).toMatchObject({ code: 3, tee: 1 });
  });

  it('has its end also where something that the job left holds it open', async () => {
    const script = 'cat content; (trap "" TERM HUP; exec sleep 30) & exit 0';
    const { attempt, folder } = rig();
    writeFileSync(join(folder, 'content'), bytesOf(20_000));
    const keep = { fileKib: 8, headBytes: 8192, tailBytes: 1000 };
    const one = attempt({ script, keep, leftovers: 'leave' });
    one.launch();
    expect(await one.result(20_000)).toMatchObject({ code: 0, tee: 'open' });
    expect(one.output().slice(-1000) === bytesOf(20_000).toString('latin1').slice(-1000)).toBe(true);
  }, 30_000);
});
