import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/model/action.ts';
import { Header } from '../../src/model/header.ts';
import type { HookingSeen } from '../../src/model/seen.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { hookCommandsOf, hooksArgv, hooksArguments } from '../../src/plan/hooks.ts';
import { recover } from '../../src/plan/rules/recover.ts';
import { aClaim, aResult, aSeen, bytes, testNow } from '../support/builders.ts';
import { scratchFolder } from '../support/scratch.ts';

const done: Outcome = { word: 'done', reason: { kind: 'exit', code: 0 }, flags: [] };
const lines = [
  ['finally', 'x'],
  ['on-fail', 'f'],
  ['on-error', 'e'],
  ['on-done', 'd1'],
  ['on-done', 'd2'],
] as const;
const commands = hookCommandsOf(new Header(lines.map(([name, content], line) => ({ name, content, line }))));
const hooks = { argv: hooksArgv.map(bytes), commands };

/** Gives what is concluded about a job that ended with that code. */
function concluded(code: number, changed: Parameters<typeof aClaim>[1] = {}): readonly Action[] {
  const { record, ...rest } = changed;
  const claim = { result: aResult(code), resultFile: 'none', record: { hooks, ...record } } as const;
  return recover(aSeen({ claims: [aClaim('a', { ...claim, ...rest })] }));
}

const ran = (code: number, changed?: Parameters<typeof aClaim>[1]): string =>
  concluded(code, changed)
    .map((action) =>
      action.kind === 'run-hooks' ? action.commands.map(({ command }) => command).join(' ') : action.kind,
    )
    .join(', ');

describe('which hooks run', () => {
  it('is those of the outcome, in the order in which they are written, then finally', () => {
    expect([ran(0), ran(3), ran(126)]).toEqual(['d1 d2 x', 'e x', 'f x']);
  });

  it('is only finally where the UOW is tried again', () => {
    const retrying = { made: 0, atMost: 1, delayMs: 1000, backoff: { kind: 'fixed' }, on: ['error'] } as const;
    expect(ran(3, { record: { judging: { retrying } } })).toBe('x');
    expect(ran(3, { record: { judging: { retrying: { ...retrying, made: 1 } } } })).toBe('e x');
  });

  it('is those of fail for what was interrupted, once its processes are gone', () => {
    const interrupted = { started: 'yes', isGuardianAlive: false, record: { hooks } } as const;
    const of = (changed: object): readonly Action[] =>
      recover(aSeen({ claims: [aClaim('a', { ...interrupted, ...changed })] }));
    expect(of({}).map(({ kind }) => kind)).toEqual(['sweep']);
    expect(of({ isTreeGone: true })).toMatchObject([
      { kind: 'run-hooks', commands: [{ command: 'f' }, { command: 'x' }] },
    ]);
    const isOver = { hooking: { ...begun, outcome: { ...done, word: 'fail' }, isOver: true } };
    expect(of(isOver)).toMatchObject([{ kind: 'finish', outcome: { word: 'fail', reason: { kind: 'interrupted' } } }]);
  });

  it('is none where an end calls for none', () => {
    const only = { argv: hooks.argv, commands: commands.filter(({ field }) => field === 'on-fail') };
    expect(ran(0, { record: { hooks: only } })).toBe('finish');
  });
});

const begun: HookingSeen = {
  ...{ outcome: done, go: 1, isStarted: true, isGuardianAlive: true, isOver: false, isTreeGone: false },
};

describe('a run of hooks', () => {
  const next = (changed: Partial<HookingSeen>): string => ran(3, { hooking: { ...begun, ...changed } });

  it('holds the UOW until it is over, and then its end is the one that was decided before it', () => {
    expect(next({})).toBe('');
    expect(concluded(3, { hooking: { ...begun, isOver: true } })).toMatchObject([{ kind: 'finish', outcome: done }]);
    // Not judged again: what a hook printed or wrote is nothing of the job’s.
    expect(ran(3, { hooking: { ...begun, isOver: true }, resultFile: 'unread' })).toBe('finish');
  });

  it('is asked for once more where it was not begun, by a monitor that has not asked or has waited long enough', () => {
    const unbegun = { isStarted: false, isGuardianAlive: false };
    expect(next(unbegun)).toBe('run-hooks-again');
    expect(next({ ...unbegun, askedAt: testNow - 29_999 })).toBe('look-again');
    expect(next({ ...unbegun, askedAt: testNow - 30_000 })).toBe('run-hooks-again');
  });

  it('is begun anew once when its guardian was killed, and not for ever', () => {
    const killed = { isGuardianAlive: false };
    expect(next(killed)).toBe('sweep');
    expect(concluded(3, { hooking: { ...begun, ...killed, isTreeGone: true } })).toMatchObject([
      { kind: 'run-hooks-again', isNew: true },
    ]);
    expect(next({ ...killed, isTreeGone: true, go: 2 })).toBe('finish');
  });
});

describe('what runs the hooks', () => {
  const run = (outcome: Outcome, text: string, env: NodeJS.ProcessEnv, ...all: typeof commands): object => {
    const [program = '', ...args] = [
      ...hooksArgv,
      env['DIR'] ?? '/nowhere',
      '/bin/sh',
      ...hooksArguments(outcome, text, all),
    ];
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('gives each the outcome, goes on behind one that says no, and says which did', () => {
    const tell = 'echo "$SJQ_OUTCOME $SJQ_REASON ${SJQ_EXIT-none} $PWD"';
    const [DIR, PATH] = ['/usr', '/usr/bin:/bin'];
    const all = [
      { field: 'on-fail', command: `${tell}; exit 4` },
      { field: 'finally', command: tell },
    ] as const;
    const told = 'fail signal=KILL none /usr\n';
    const outcome: Outcome = { word: 'fail', reason: { kind: 'signal', signal: 'KILL' }, flags: [] };
    expect(run(outcome, 'signal=KILL', { DIR, PATH }, ...all)).toEqual({
      ...{ status: 1, stdout: told + told, stderr: `sjq: on-fail ended with 4: ${tell}; exit 4\n` },
    });
    expect(run(done, 'exit=0', { PATH: '' }, { field: 'finally', command: '-x; echo "$SJQ_EXIT"' })).toMatchObject({
      stdout: '0\n',
    });
  });

  it('gives each 30 seconds', () => {
    const dir = scratchFolder();
    mkdirSync(join(dir, 'bin'));
    writeFileSync(join(dir, 'bin/timeout'), '#!/bin/sh\necho "$@"\nexit 124\n');
    chmodSync(join(dir, 'bin/timeout'), 0o755);
    expect(
      run(done, 'exit=0', { PATH: `${dir}/bin:/usr/bin:/bin` }, { field: 'finally', command: 'sleep 99' }),
    ).toEqual({
      ...{
        status: 1,
        stdout: '-k 5 30 /bin/sh -c sleep 99\n',
        stderr: 'sjq: finally was ended after 30 s: sleep 99\n',
      },
    });
  });
});
