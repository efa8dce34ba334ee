import { describe, expect, it } from 'vitest';
import type { ReadyLimits } from '../../../src/model/config.ts';
import type { MachineSeen } from '../../../src/model/seen.ts';
import type { Blocked } from '../../../src/plan/gate.ts';
import { ready } from '../../../src/plan/gates/ready.ts';
import { aWaiting, testNow } from '../../support/builders.ts';
import { aView } from './view.ts';

function judged(limits: ReadyLimits, machine: Partial<MachineSeen> = {}): Blocked | undefined {
  return ready(aWaiting('a'), aView({ seen: { machine }, config: { ready: limits, sleepMs: 15_000 } }));
}

describe('the limits of the machine', () => {
  it('hold everybody while one is passed, and are looked at again at the next poll', () => {
    const until = testNow + 15_000;
    expect(judged({ load: 2 }, { load: 2.5 })).toEqual({
      gate: 'ready',
      reason: 'load 2.50 is over 2',
      holdsOthers: true,
      until,
    });
    expect(judged({ freeMemoryBytes: 2e9 }, { freeMemoryBytes: 1e9 })?.reason).toBe(
      '1000 MB of memory free, 2000 MB wanted',
    );
    expect(judged({ freeDiskBytes: 2e9 }, { freeDiskBytes: 1e6 })?.reason).toBe('1 MB of disk free, 2000 MB wanted');
  });

  it('are kept at the limit itself', () => {
    expect(judged({ load: 2 }, { load: 2 })).toBeUndefined();
    expect(judged({ freeMemoryBytes: 5, freeDiskBytes: 5 }, { freeMemoryBytes: 5, freeDiskBytes: 5 })).toBeUndefined();
    expect(judged({}, { load: 99, freeMemoryBytes: 0, freeDiskBytes: 0 })).toBeUndefined();
  });
});

describe('the ready command', () => {
  const answer = (isOk: boolean, ageMs: number, text = ''): Partial<MachineSeen> => ({
    readyCommand: { at: testNow - ageMs, isOk, text },
  });

  it('is asked when nobody has asked it for a poll', () => {
    expect(judged({ command: 'x' })).toEqual({
      ...{ gate: 'ready', reason: 'the ready command is being asked', holdsOthers: true, ask: 'ready-command' },
    });
    expect(judged({ command: 'x' }, answer(true, 15_000))).toMatchObject({ ask: 'ready-command' });
  });

  it('lets UOWs start for a poll after it agreed, and holds them for a poll after it said no', () => {
    expect(judged({ command: 'x' }, answer(true, 14_999))).toBeUndefined();
    expect(judged({ command: 'x' }, answer(false, 5000, 'backup runs'))).toEqual({
      gate: 'ready',
      reason: 'the ready command says no: backup runs',
      holdsOthers: true,
      until: testNow + 10_000,
    });
    expect(judged({ command: 'x' }, answer(false, 0))?.reason).toBe('the ready command says no');
  });

  it('is not asked while a limit is passed anyway', () => {
    expect(judged({ command: 'x', load: 1 }, { load: 2 })).not.toHaveProperty('ask');
  });
});
