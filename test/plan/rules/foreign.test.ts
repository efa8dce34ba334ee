import { describe, expect, it } from 'vitest';
import { foreign } from '../../../src/plan/rules/foreign.ts';
import { aConfig, aJobType, aSeen, testNow } from '../../support/builders.ts';

const minute = 60_000;

function reported(
  processes: readonly (readonly [string, number])[],
  config: Parameters<typeof aConfig>[0],
  seen: Parameters<typeof aSeen>[0] = {},
): readonly number[] {
  const found = processes.map(([name, ageMs], at) => ({ pid: 100 + at, name, startedAt: testNow - ageMs }));
  const actions = foreign(aSeen({ ...seen, machine: { foreign: { at: testNow, processes: found } } }), aConfig(config));
  return actions.map((action) => (action.kind === 'report-foreign' ? action.pid : NaN));
}

describe('a foreign process over its time', () => {
  const config = { procnames: [{ name: 'ansible', timeoutMs: 10 * minute }, { name: 'vim' }] };

  it('is reported from its timeout on; one without a timeout never', () => {
    expect(
      reported(
        [
          ['ansible', 10 * minute - 1],
          ['ansible', 10 * minute],
          ['vim', 999 * minute],
        ],
        config,
      ),
    ).toEqual([101]);
  });

  it('is reported once', () => {
    expect(reported([['ansible', 11 * minute]], config, { reportedForeign: new Set([100]) })).toEqual([]);
  });

  it('has the shortest timeout of all that name it', () => {
    const jobTypes = [aJobType('deploy', { procnames: [{ name: 'vim', timeoutMs: minute }] })];
    expect(reported([['vim', 2 * minute]], config, { jobTypes })).toEqual([100]);
  });

  it('is named with what to do about it', () => {
    const processes = [{ pid: 7, name: 'ansible', startedAt: 0 }];
    const seen = aSeen({ machine: { foreign: { at: testNow, processes } } });
    expect(foreign(seen, aConfig(config))).toEqual([
      {
        kind: 'report-foreign',
        pid: 7,
        notice: {
          event: 'attention',
          fields: { process: 'ansible', pid: 7, limit: '10m00s' },
          text: expect.stringContaining('raise its timeout') as string,
        },
      },
    ]);
  });
});
