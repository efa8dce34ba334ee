import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/plan/plan.ts';
import { outcomeOf } from '../../../src/plan/outcome.ts';
import { whyWaiting } from '../../../src/plan/why.ts';
import { aClaim, aConfig, aResult, aSeen, aWaiting, testNow } from '../../support/builders.ts';

const old = aWaiting('old', { expires: { at: testNow, how: 'fail' } });

function claims(seen: Parameters<typeof aSeen>[0]): readonly string[] {
  const actions = plan(aSeen({ waiting: { wait: [old, aWaiting('next')] }, expired: [old], ...seen }), aConfig());
  return actions.flatMap((each) =>
    each.kind === 'claim' ? `${each.uow.name}${each.isExpired ? ' expired' : ''}` : [],
  );
}

describe('a UOW whose ttl is over', () => {
  it('ends without having begun, and takes no slot from others', () => {
    expect(claims({})).toEqual(['old expired', 'next']);
    expect(claims({ control: { paused: true } })).toEqual(['old expired']);
    expect(whyWaiting(old, aSeen(), aConfig())).toBe('it has waited longer than its ttl');
  });

  it('waits for the person who holds it, a disk that recovers, and for what a dying monitor leaves to the next', () => {
    expect(claims({ expired: [{ ...old, held: true }] })).toEqual(['next']);
    expect(claims({ machine: { trouble: { until: testNow + 1, text: 'full' } } })).toEqual([]);
    expect(claims({ control: { finishing: true } })).toEqual([]);
    expect(claims({ isPartial: true })).toEqual([]);
    expect(claims({ expired: [{ ...old, refused: { until: testNow + 1, text: 'not mine' } }] })).toEqual(['next']);
  });

  it('is looked for when its time comes', () => {
    const seen = aSeen({ nextExpiryAt: testNow + 7000 });
    expect(plan(seen, aConfig())).toEqual([{ kind: 'look-again', at: testNow + 7000 }]);
  });

  it('goes where on-expire says, and is never tried again', () => {
    const result = aResult(126, { why: 'expired' });
    const outcome = (how?: 'skip' | 'trash') =>
      outcomeOf(aClaim('a', { record: { judging: how ? { onExpire: how } : {} } }), result);
    expect([outcome(), outcome('skip'), outcome('trash')].map(({ word }) => word)).toEqual([
      'fail',
      'skipped',
      'cancelled',
    ]);
    const retrying = { made: 0, atMost: 3, delayMs: 0, backoff: { kind: 'fixed' }, on: ['fail'] } as const;
    const claim = aClaim('a', { result, record: { judging: { onExpire: 'fail', retrying } } });
    const [action] = plan(aSeen({ claims: [claim] }), aConfig());
    expect(action).toMatchObject({ kind: 'finish', outcome: { word: 'fail', reason: { kind: 'expired' } } });
    expect(action).not.toHaveProperty('startedAt');
  });
});
