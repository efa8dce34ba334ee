import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Judging, RunResult } from '../../src/model/run.ts';
import type { ClaimSeen } from '../../src/model/seen.ts';
import { outcomeOf, signalOfExit } from '../../src/plan/outcome.ts';
import { aClaim, aResult } from '../support/builders.ts';

function judged(
  code: number,
  {
    judging,
    result,
    ...seen
  }: Omit<Partial<ClaimSeen>, 'record' | 'result'> & { judging?: Partial<Judging>; result?: Partial<RunResult> } = {},
): string {
  const whole = aResult(code, result);
  const { word, reason, flags } = outcomeOf(aClaim('a', { ...seen, record: { judging: { ...judging } } }), whole);
  const detail = reason.kind === 'exit' ? `=${reason.code}` : reason.kind === 'signal' ? `=${reason.signal}` : '';
  return [word, reason.kind + detail, ...flags].join(' ');
}

describe('the outcome of a job that ended by itself', () => {
  it.each([
    [0, 'done exit=0'],
    [1, 'error exit=1'],
    [255, 'error exit=255'],
    [126, 'fail cannot-start'],
    [127, 'fail cannot-start'],
    [128, 'error exit=128'],
    [137, 'fail signal=KILL'],
    [139, 'fail signal=SEGV'],
    [143, 'fail signal=TERM'],
    [160, 'fail signal=SIG32'],
    [161, 'fail signal=SIG33'],
    [162, 'fail signal=RTMIN+0'],
    [193, 'error exit=193'],
  ])('exit code %i is %s', (code, outcome) => {
    expect(judged(code)).toBe(outcome);
  });

  it('is done with a done-exit and fail with a fail-exit, whatever the code would else mean', () => {
    expect(judged(3, { judging: { doneExit: [3] } })).toBe('done exit=3');
    expect(judged(143, { judging: { doneExit: [143] } })).toBe('done exit=143');
    expect(judged(255, { judging: { failExit: [255] } })).toBe('fail exit=255');
    expect(judged(0, { judging: { failExit: [0], doneExit: [0] } })).toBe('fail exit=0');
  });

  it('is changed by patterns, never to the better', () => {
    expect(judged(0, { matched: { error: true, fail: false } })).toBe('error pattern');
    expect(judged(0, { matched: { error: true, fail: true } })).toBe('fail pattern');
    expect(judged(3, { matched: { error: true, fail: false } })).toBe('error exit=3');
    expect(judged(3, { matched: { error: false, fail: true } })).toBe('fail pattern');
    expect(judged(137, { matched: { error: true, fail: true } })).toBe('fail signal=KILL');
  });

  it('is error if its result is not JSON', () => {
    expect(judged(0, { resultFile: 'not-json' })).toBe('error bad-result');
    expect(judged(0, { resultFile: 'json' })).toBe('done exit=0');
    expect(judged(3, { resultFile: 'not-json' })).toBe('error exit=3');
  });
});

describe('the outcome of a job that was ended', () => {
  it.each(['timeout', 'killed', 'cannot-start', 'interrupted'] as const)(
    'is fail %s, whatever code it returned',
    (why) => {
      for (const code of [0, 3, 143]) {
        expect(judged(code, { result: { why }, judging: { doneExit: [3] } })).toBe(`fail ${why}`);
      }
    },
  );
});

describe('a log that could not be written whole', () => {
  it('is marked and does not change the outcome', () => {
    expect(judged(0, { result: { tee: 1 } })).toBe('done exit=0 log!');
    expect(judged(3, { result: { tee: 1 } })).toBe('error exit=3 log!');
    expect(judged(0, { result: { why: 'timeout', tee: 1 } })).toBe('fail timeout log!');
  });

  it('is not one that a process left behind still holds open', () => {
    expect(judged(0, { result: { tee: 'open' } })).toBe('done exit=0');
  });

  it('is the reason where its tee was killed and the job met the broken pipe', () => {
    expect(judged(141, { result: { tee: 137 } })).toBe('fail log-lost log!');
    expect(judged(141, { result: { tee: 1 } })).toBe('fail signal=PIPE log!');
    expect(judged(141)).toBe('fail signal=PIPE');
    expect(judged(0, { result: { tee: 137 } })).toBe('done exit=0 log!');
  });
});

it('signals have the names that this system gives them, and only those that end a process count', () => {
  const harmless = new Set(['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGWINCH']);
  const aliases = new Set(['SIGIOT', 'SIGPOLL', 'SIGUNUSED']);
  for (const [name, number] of Object.entries(constants.signals)) {
    if (aliases.has(name)) continue;
    expect(signalOfExit(128 + number), name).toBe(harmless.has(name) ? undefined : name.slice(3));
  }
  expect([0, 1, 127, 128, 193, 255].map(signalOfExit)).toEqual(Array(6).fill(undefined));
  expect(signalOfExit(192)).toBe('RTMIN+30');
});
