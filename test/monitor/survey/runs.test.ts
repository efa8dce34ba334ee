import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fakeGuardians, type FakeGuardians } from '../../support/fake-guardians.ts';
import { queueNames, uowText } from '../../support/root.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { live } from '../../support/simulated.ts';

/** A root in which a job runs that does not end by itself, left by its monitor. */
async function running(): Promise<{ readonly dir: string; readonly guardians: FakeGuardians }> {
  const dir = scratchFolder();
  for (const queue of queueNames) mkdirSync(join(dir, queue));
  writeFileSync(join(dir, 'config.yaml'), 'sleep: 20s\nstatus: off\n');
  const guardians = fakeGuardians(() => 'ends-later');
  writeFileSync(join(dir, 'wait-q/a'), uowText('command :: true'));
  await live(dir, guardians, { kind: 'none' }, () => guardians.alive > 0);
  return { dir, guardians };
}

it('a job whose end was asked for when its monitor died is ended by the next one, if it had not heard', async () => {
  const { dir, guardians } = await running();
  let asked = 0;
  const deaf: FakeGuardians = {
    ...guardians,
    get alive() {
      return guardians.alive;
    },
    endJobs: () => undefined,
    processes: { ...guardians.processes, signal: (targets) => ({ sent: (asked += targets.length), denied: 0 }) },
  };
  writeFileSync(join(dir, 'monitor_reads'), 'KILL JOB a\n', { flag: 'a' });
  // Until the message is answered for good.
  await live(dir, deaf, { kind: 'none' }, () => asked > 6);
  expect(guardians.alive).toBe(1);
  await live(dir, guardians);
  expect([...guardians.ends.values()].map(({ why }) => why)).toEqual(['killed']);
});
