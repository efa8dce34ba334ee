import { describe, expect, it } from 'vitest';
import { stop } from '../../../src/plan/rules/stop.ts';
import { aClaim, aSeen, aWaiting } from '../../support/builders.ts';

describe('a monitor that finishes', () => {
  const finishing = { control: { finishing: true } };

  it('ends when nothing runs any more, whatever still waits', () => {
    const seen = aSeen({ ...finishing, waiting: { wait: [aWaiting('a')] } });
    expect(stop(seen, [])).toEqual([{ kind: 'stop', why: 'finished' }]);
  });

  it('does not end while a UOW is claimed, or was in this very plan', () => {
    expect(stop(aSeen({ ...finishing, claims: [aClaim('a')] }), [])).toEqual([]);
    expect(stop(aSeen(finishing), [{ kind: 'claim', uow: aWaiting('a') }])).toEqual([]);
  });

  it('is one that was told to', () => {
    expect(stop(aSeen(), [])).toEqual([]);
  });
});
