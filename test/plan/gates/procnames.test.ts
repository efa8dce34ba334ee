import { describe, expect, it } from 'vitest';
import type { JobType } from '../../../src/model/config.ts';
import type { ForeignProcess, WaitingUow } from '../../../src/model/seen.ts';
import type { Blocked } from '../../../src/plan/gate.ts';
import { procnames } from '../../../src/plan/gates/procnames.ts';
import { aJobType, aWaiting, testNow } from '../../support/builders.ts';
import { aView } from './view.ts';

const deploy: JobType = aJobType('deploy', { procnames: [{ name: 'terraform' }] });

function judged(uow: WaitingUow, running: readonly string[], ageMs = 0): Blocked | undefined {
  const processes = running.map((name, at): ForeignProcess => ({ pid: 100 + at, name, startedAt: testNow - 1000 }));
  const seen = { jobTypes: [deploy], machine: { foreign: { at: testNow - ageMs, processes } } };
  return procnames(uow, aView({ seen, config: { procnames: [{ name: 'ansible' }], sleepMs: 15_000 } }));
}

describe('a process with a name in procnames', () => {
  it('holds everybody if the name stands at the top of the config', () => {
    expect(judged(aWaiting('a'), ['ansible'])).toEqual({
      gate: 'procnames',
      reason: 'process ansible (pid 100) is running',
      holdsOthers: true,
      until: testNow + 15_000,
    });
    expect(judged(aWaiting('a'), ['vim'])).toBeUndefined();
    const processes = [{ pid: 100, name: 'ansible', startedAt: testNow }];
    const both = aView({
      seen: { machine: { foreign: { at: testNow, processes } } },
      config: { procnames: [{ name: 'rsync' }, { name: 'ansible' }] },
    });
    expect(procnames(aWaiting('a'), both)).toMatchObject({ holdsOthers: true });
  });

  it('holds only UOWs of a job type if the name is that type’s own, whatever their version', () => {
    expect(judged(aWaiting('a'), ['terraform'])).toBeUndefined();
    for (const jobType of ['deploy', 'deploy@1.4']) {
      expect(judged(aWaiting('a', { jobType }), ['terraform'])).toMatchObject({ holdsOthers: false });
    }
    expect(judged(aWaiting('a', { jobType: 'other' }), ['terraform'])).toBeUndefined();
  });

  it('of a job type holds wait-q too for a UOW in priority-q, which is kept first in line', () => {
    const urgent = aWaiting('a', { jobType: 'deploy', queue: 'priority' });
    expect(judged(urgent, ['terraform'])).toMatchObject({ holdsOthers: true });
  });

  it('is looked for when the last look is a second old', () => {
    expect(judged(aWaiting('a'), [], 999)).toBeUndefined();
    expect(judged(aWaiting('a'), [], 1000)).toMatchObject({
      ...{ ask: 'foreign-processes', holdsOthers: true, reason: 'foreign processes are being looked for' },
    });
    expect(judged(aWaiting('a'), ['ansible'], 1000)?.reason).toBe('process ansible (pid 100) is running');
    expect(procnames(aWaiting('a'), aView({ config: { procnames: [{ name: 'ansible' }] } }))).toMatchObject({
      ask: 'foreign-processes',
    });
  });

  it('is not looked for where no name concerns the UOW', () => {
    expect(procnames(aWaiting('a'), aView({ seen: { jobTypes: [deploy] } }))).toBeUndefined();
  });
});
