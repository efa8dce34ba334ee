import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseUow } from '../../../src/format/uow-parse.ts';
import type { Bytes } from '../../../src/model/bytes.ts';
import { runIdOf } from '../../../src/model/run.ts';
import { type AttemptToLaunch, type LaunchOf, launchOf, noGroup } from '../../../src/monitor/apply/launch-of.ts';
import { aJobType, bytes } from '../../support/builders.ts';
import { type Given, testContext, type TestContext } from '../../support/context.ts';

const id = runIdOf({ seconds: 1, ordinal: 2 }, 3, 'abcdef');

/** Gives how a UOW of these header lines is launched. */
function launched(
  lines: readonly string[],
  given: Given = {},
  test: TestContext = testContext(given),
  file: AttemptToLaunch['file'] = { uid: 0, mode: 0o644 },
  group = noGroup,
): LaunchOf {
  const parsed = parseUow(bytes(['==== UNIT OF WORK', ...lines, ''].join('\n')));
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  const attempt = { id, number: 3, retry: 2, token: 'abcdef', groupFor: () => group, file };
  return launchOf(test.context, bytes('my job'), parsed.head, attempt);
}

const variablesOf = ({ launch }: LaunchOf): Readonly<Record<string, string>> =>
  Object.fromEntries(launch.environment.map((entry) => entry.split(/=(.*)/s, 2) as [string, string]));

describe('the argv', () => {
  it('is the command’s own words where no shell is needed, and else the shell’s', () => {
    expect(launched(['command :: rsync -a /home /backup']).launch.argv).toEqual(['rsync', '-a', '/home', '/backup']);
    expect(launched(['command :: ls | wc']).launch.argv).toEqual(['/bin/sh', '-c', 'ls | wc']);
    expect(launched(['command :: ls', 'shell :: /bin/zsh']).launch.argv).toEqual(['/bin/zsh', '-c', 'ls']);
    expect(launched(['command :: echo é']).launch.argv.at(-1)).toBe(bytes('echo é'));
  });

  it('has before it what sets nice, I/O class and user, in an order in which each is still allowed', () => {
    const lines = ['command :: rsync x', 'nice :: 5', 'ionice :: best-effort:3', 'user :: bob'];
    const bob = { name: 'bob', uid: 4321, gid: 4322, home: '/home/bob', shell: '/bin/bash' };
    const host = {
      uid: 0,
      user: { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh' },
      findUser: () => bob,
    };
    const found = launched(lines, { host, config: { allowUsers: ['bob'] } });
    expect(found.fault).toBeUndefined();
    expect(found.launch.argv.join(' ')).toBe(
      'nice -n 5 ionice -c 2 -n 3 setpriv --reuid=4321 --regid=4322 --init-groups rsync x',
    );
    expect(found.user).toEqual(bob);
    expect(variablesOf(found)).toMatchObject({ HOME: '/home/bob', USER: 'bob', SHELL: '/bin/bash' });
    expect(launched(['command :: rsync x', 'ionice :: idle']).launch.argv.join(' ')).toBe('ionice -c 3 rsync x');
  });

  it('has before it what limits each process, where no control group limits them all', () => {
    const lines = ['command :: rsync x', 'nice :: 5', 'memory-max :: 1M', 'cpu-max :: 2m'];
    const alone = launched(lines);
    expect(alone.launch.argv.join(' ')).toBe('prlimit --data=1048576 --cpu=120:125 nice -n 5 rsync x');
    expect(alone.limits).toEqual({ memory: 'process', cpu: 'process' });
    const group = { dir: '/g' as Bytes, keeps: new Set(['memory', 'cpu'] as const) };
    const grouped = launched([...lines.slice(0, 3), 'cpu-max :: 50%'], {}, undefined, undefined, group);
    expect(grouped.launch.argv.join(' ')).toBe('nice -n 5 rsync x');
    expect([grouped.launch.cgroup, grouped.limits]).toEqual(['/g', { memory: 'cgroup', cpu: 'cgroup' }]);
    expect(launched(['command :: rsync x']).limits).toBeUndefined();
  });

  it('is refused where only job types may run and the header would choose where it runs or what it reads', () => {
    const make = aJobType('make', { argv: ['make'], defaults: { directory: '/srv/src' } });
    const sort = aJobType('sort', { argv: ['sort'], fields: { stdin: { pattern: '/srv/[a-z]+' } } });
    const given = { jobTypes: [make, sort], config: { allowCommands: false } };
    expect(launched(['job :: make', 'directory :: /tmp/mine'], given).fault).toMatch(/^directory is not declared by/);
    expect(launched(['job :: make', 'stdin :: /etc/shadow'], given).fault).toMatch(/^stdin is not declared by/);
    expect(launched(['job :: sort', 'stdin :: /etc/shadow'], given).fault).toMatch(
      /^stdin is "\/etc\/shadow", which is not/,
    );
    expect(launched(['job :: sort', 'stdin :: /srv/list'], given).launch.input).toBe('/srv/list');
    const { fault, launch } = launched(['job :: make'], given);
    expect({ fault, directory: launch.directory }).toEqual({ directory: '/srv/src' });
  });

  it('is refused where only job types may run and the header would choose the environment its type did not declare', () => {
    const copy = aJobType('copy', { argv: ['cp'], fields: { 'env.MODE': {} } });
    const config = { allowCommands: false };
    const fault = (...lines: readonly string[]): string | undefined =>
      launched(['job :: copy', ...lines], { jobTypes: [copy], config }).fault;
    expect(fault('env.MODE :: fast')).toBeUndefined();
    expect(fault('env.OTHER :: x')).toMatch(/^env\.OTHER is not declared by job type copy/);
    // It would run the hooks that the type or the settings give.
    expect(fault('shell :: /tmp/mine')).toMatch(/^shell could choose another program/);
    expect(fault('env-file :: x')).toMatch(/^env-file could choose another program/);
    expect(launched(['job :: copy', 'env.PATH :: /tmp'], { jobTypes: [copy] }).fault).toBeUndefined();
  });

  it.each([
    'PATH',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'BASH_ENV',
    'ENV',
    'PYTHONPATH',
    'PERL5LIB',
    'NODE_OPTIONS',
    'IFS',
    'GIT_SSH_COMMAND',
  ])(
    'is refused where only job types may run and %s, which chooses programs, would come from the header, declared or not',
    (variable) => {
      const fields = { [`env.${variable}`]: {}, [`secret.${variable}`]: {} };
      const given = { jobTypes: [aJobType('copy', { argv: ['cp'], fields })], config: { allowCommands: false } };
      for (const family of ['env', 'secret']) {
        const { fault } = launched(['job :: copy', `${family}.${variable} :: /tmp/x`], given);
        expect(fault).toMatch(new RegExp(`^${family}\\.${variable} could choose another program`));
      }
    },
  );

  it('is filled from a job type, whose environment, path and defaults count too', () => {
    const copy = aJobType('copy', {
      ...{ version: '1.4', argv: ['cp', '{FROM}', '--to={TO}'], environment: { MODE: 'fast' }, path: ['/opt/copy'] },
      ...{ fields: { from: { pattern: '[a-z]+' }, to: { fallback: '/tmp' } }, defaults: { timeout: '5m' } },
    });
    const found = launched(['job :: copy', 'from :: home'], { jobTypes: [copy], config: { allowCommands: false } });
    expect(found).toMatchObject({
      jobType: 'copy@1.4',
      launch: { argv: ['cp', 'home', '--to=/tmp'], timeoutMs: 300_000 },
    });
    expect(found.fault).toBeUndefined();
    expect(variablesOf(found)).toMatchObject({ MODE: 'fast', SJQ_FROM: 'home' });
    expect(variablesOf(found)['PATH']).toMatch(/^\/opt\/copy:/);
    expect(found.given).toEqual({ searchPath: variablesOf(found)['PATH'], environment: ['MODE=fast'] });
  });
});

describe('run_as: owner', () => {
  it('needs a monitor that runs as root', () => {
    const host = { uid: 1000, user: { name: 'ada', uid: 1000, gid: 1000, home: '/home/ada', shell: '/bin/sh' } };
    const { fault } = launched(['command :: id'], { host, config: { runAs: 'owner' } }, undefined, {
      uid: 1000,
      mode: 0o644,
    });
    expect(fault).toBe('run_as: owner needs a monitor that runs as root');
  });

  it('runs nothing as its owner that others may write to by now', () => {
    const host = { uid: 0, findUser: () => ({ name: 'bob', uid: 7, gid: 7, home: '/', shell: '/bin/sh' }) };
    const fault = (mode: number): string | undefined =>
      launched(['command :: id'], { host, config: { runAs: 'owner' } }, undefined, { uid: 7, mode }).fault;
    expect(fault(0o644)).toBeUndefined();
    expect(fault(0o664)).toMatch(/others than its owner may write to it.*chmod go-w/);
    expect(fault(0o646)).toMatch(/others than its owner may write to it/);
  });
});

describe('the environment', () => {
  it('tells the job what it is', () => {
    const test = testContext();
    const variables = variablesOf(launched(['command :: rsync'], {}, test));
    expect(variables).toMatchObject({
      ...{ SJQ_ROOT: test.dir, SJQ_NAME: 'my job', SJQ_UOW: test.path('currently-executing/my job'), SJQ_ATTEMPT: '3' },
      ...{ SJQ_HOST: 'host', SJQ_TOKEN: 'abcdef', SJQ_RESULT: test.path('.sjq/runs', id, 'result') },
    });
  });

  it('is told of the attempt where everybody may read what set it', () => {
    const test = testContext();
    test.write('open', 'A=1\nB=1\n');
    test.write('closed', 'B=2\nC=2\n');
    chmodSync(test.path('open'), 0o644);
    chmodSync(test.path('closed'), 0o640);
    const lines = ['command :: x', 'env-file :: open', 'env-file :: closed', 'env.D :: 3', 'secret.E :: /e'];
    const of = (mode: number): object => launched(lines, {}, test, { uid: 0, mode }).given;
    expect(of(0o644)).toEqual({ environment: ['A=1', 'D=3'], hidden: ['B', 'C', 'E'] });
    expect(of(0o600)).toEqual({ environment: ['A=1'], hidden: ['B', 'C', 'D', 'E'] });
    expect(launched(['command :: x', 'other :: 1']).given).toEqual({});
  });

  it('reads env-files as people write them, the later one winning and the header over both', () => {
    const test = testContext();
    test.write('one', '# comment\n\nA=1\nexport B="two words"\r\nC=\'x\'\nD=a=b\n');
    writeFileSync(test.path('two'), 'A=2\nE=\nF= x \n');
    const found = launched(
      ['command :: rsync', 'env-file :: one', `env-file :: ${test.path('two')}`, 'env.C :: y'],
      {},
      test,
    );
    expect(found.fault).toBeUndefined();
    expect(variablesOf(found)).toMatchObject({ A: '2', B: 'two words', C: 'y', D: 'a=b', E: '', F: ' x ' });
  });

  it('goes through env(1) where the launcher’s shell keeps a name for itself', () => {
    const names = ['UID', 'IFS', 'BASH_ENV', 'SHLVL', 'POSIXLY_CORRECT', '_'];
    const { launch } = launched(['command :: rsync x', 'env.FINE :: 1', ...names.map((name) => `env.${name} :: v`)]);
    expect(launch.argv).toEqual(['env', ...names.map((name) => bytes(`${name}=v`)), 'rsync', 'x']);
    expect(launch.environment).toContain('FINE=1');
    expect(launch.environment.filter((entry) => entry.endsWith('=v'))).toEqual([]);
  });
});

describe('the surroundings', () => {
  it('are the root and nothing, or what the header names, relative to the root', () => {
    const test = testContext();
    expect(launched(['command :: rsync'], {}, test).launch).toMatchObject({ directory: test.dir, input: '' });
    expect(launched(['command :: rsync', 'directory :: sub/é', 'stdin :: /etc/hosts'], {}, test).launch).toMatchObject({
      ...{ directory: bytes(`${test.dir}/sub/é`), input: '/etc/hosts' },
    });
  });

  it('and limits have the header’s word over that of the config, job type before all', () => {
    const config = { defaults: { timeout: '1h', grace: '3s' }, jobTypeDefaults: { copy: { timeout: '2h' } } };
    const jobTypes = [aJobType('copy', { defaults: { timeout: '5m', leftovers: 'leave' } })];
    const given = { config, jobTypes };
    expect(launched(['command :: x'], given).launch).toMatchObject({ timeoutMs: 3_600_000, graceMs: 3000 });
    expect(launched(['job :: copy'], given).launch).toMatchObject({ timeoutMs: 7_200_000, leftovers: 'leave' });
    expect(launched(['job :: copy', 'timeout :: 9s'], given).launch).toMatchObject({ timeoutMs: 9000 });
    const plain = launched(['command :: x', 'umask :: 027', 'slots :: 3']);
    expect(plain).toMatchObject({
      launch: { umask: '027', graceMs: 10_000, leftovers: 'kill', output: 'tee' },
    });
    expect(plain.launch).not.toHaveProperty('timeoutMs');
  });

  it('and how the end is judged come along', () => {
    const lines = ['done-exit :: 1, 24-25', 'fail-exit :: 255', 'error-when :: oops', 'idempotent :: yes'];
    expect(launched(['command :: x', ...lines]).judging).toEqual({
      ...{ doneExit: [1, 24, 25], failExit: [255], errorWhen: 'oops', idempotent: true },
    });
    expect(launched(['command :: x']).judging).toEqual({ doneExit: [], failExit: [], idempotent: false });
  });
});

describe('secrets', () => {
  it('are names of files, relative to the root, or credentials of the service', () => {
    const test = testContext({ host: { credentialsDir: '/run/credentials/sjq' } });
    const lines = ['command :: x', 'secret.KEY :: keys/a', 'secret.OTHER :: /etc/key', 'secret.C :: credential:db'];
    expect(launched(lines, {}, test).launch.secrets).toEqual([
      ...[`KEY=${test.dir}/keys/a`, 'OTHER=/etc/key', 'C=/run/credentials/sjq/db'],
    ]);
  });
});

describe('what keeps a UOW from starting is said, all of it', () => {
  it.each<[string, readonly string[], Given, RegExp]>([
    ['commands are not allowed', ['command :: x'], { config: { allowCommands: false } }, /allow_commands/],
    ['no such job type', ['job :: nope'], {}, /no job type named "nope"/],
    [
      'a field is missing',
      ['job :: copy'],
      { jobTypes: [aJobType('copy', { argv: ['cp', '{FROM}'] })] },
      /needs the field from/,
    ],
    ['no env-file', ['command :: x', 'env-file :: nope'], {}, /env-file nope cannot be read/],
    [
      'another user without root',
      ['command :: x', 'user :: bob'],
      { host: { uid: 1000 } },
      /needs a monitor that runs as root/,
    ],
    ['a user not allowed', ['command :: x', 'user :: bob'], { host: { uid: 0 } }, /not in allow_users/],
    [
      'no such user',
      ['command :: x', 'user :: bob'],
      { host: { uid: 0 }, config: { allowUsers: ['bob'] } },
      /no user bob/,
    ],
    ['no credentials', ['command :: x', 'secret.A :: credential:db'], {}, /given none by systemd/],
    ['a secret’s name', ['command :: x', 'secret.UID :: /k'], {}, /secret\.UID: the shell keeps that name/],
  ])('%s', (_what, lines, given, fault) => {
    expect(launched(lines, given).fault).toMatch(fault);
  });

  it('two at once', () => {
    const found = launched(['command :: x', 'env-file :: one', 'env-file :: two']);
    expect(found.fault).toMatch(/env-file one .*; env-file two /);
  });

  it('a bad line of an env-file, with its number', () => {
    const test = testContext();
    test.write('env', 'A=1\nnonsense\n');
    expect(launched(['command :: x', 'env-file :: env'], {}, test).fault).toBe(
      'env-file env, line 2: write NAME=VALUE',
    );
  });
});
