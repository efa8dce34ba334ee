import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/model/bytes.ts';
import type { FlowWord } from '../../../src/model/flow.ts';
import type { Schedule } from '../../../src/model/schedule.ts';
import { zoneOf } from '../../../src/model/zone.ts';
import { fire } from '../../../src/plan/rules/fire.ts';
import { anArrival, aSeen } from '../../support/builders.ts';

const zone = zoneOf('UTC');
if (!zone) throw new Error('no UTC');
const schedule: Schedule = {
  ...{ crons: [], everyMs: [3_600_000], zone, catchUp: 'last', overlap: 'skip', jitterMs: 0 },
  ...{ enabled: true, rule: 'r' },
};
const at = Date.parse('2026-11-22T08:00:00Z');
const fired = { rule: 'r', after: at - 3_600_000, count: 1, isDisabled: false, firing: [] };
const due = { name: 'f' as Bytes, problems: [], schedule, fired, nextDueAt: at };

describe('the next time of a scheduled flow with overlap :: skip', () => {
  const before = 'f@2026-11-22T070000Z';
  const firedWith = (changed: Parameters<typeof aSeen>[0]): unknown =>
    fire(aSeen({ now: at, schedules: [due], ...changed }));

  it.each([
    ['running', before, false],
    ['taking-in', before, false],
    ['blocked', before, true],
    ['paused', before, true],
    ['running', 'g@2026-11-22T070000Z', true],
    ['running', 'f@home', true],
  ] as const)('with a flow that is %s as %s: made is %s', (word: FlowWord, name, isMade) => {
    const expected = isMade ? { times: [at], skipped: [] } : { times: [], skipped: [at] };
    expect(firedWith({ flows: [{ name, word }] })).toMatchObject([{ kind: 'fire', ...expected }]);
  });

  it('is left out while the flow before stands in its queue and is not taken in yet', () => {
    const arrivals = [anArrival(before, { is: { kind: 'flow', isSubmitted: true } })];
    expect(firedWith({ arrivals })).toMatchObject([{ times: [], skipped: [at] }]);
  });
});
