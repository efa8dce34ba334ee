import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { testRoot } from '../support/root.ts';

const isQuiet = (dir: string): boolean =>
  brokenInvariants(dir, [], []).every((line) => !line.startsWith('left in .sjq'));

it('hooks run in the job’s directory and environment, hold the slot, print behind its output, and change no outcome', async () => {
  const root = testRoot('slots: 1');
  await root.monitor();
  root.drop('first', [
    'command :: echo out; exit 3',
    'env.WHAT :: it',
    'directory :: /usr',
    'error-when :: hook',
    'on-done :: echo never',
    'on-error :: echo "hook $WHAT $SJQ_OUTCOME $SJQ_REASON $SJQ_EXIT $SJQ_NAME $PWD"; exit 7',
    `finally :: until [ -e ${root.path('go')} ]; do sleep 0.1; done`,
    'finally :: echo "last ${SJQ_RESULT-none}"',
  ]);
  root.drop('next', ['command :: true']);
  await eventually(
    () => root.where('first')[0] === 'currently-executing' && root.log('currently-executing', 'first').includes('hook'),
    {
      what: 'its first hook has run',
    },
  );
  expect(root.where('next')).toEqual(['wait-q']);
  writeFileSync(root.path('go'), '');
  await root.arrival('done-q', 'next');
  expect(root.status('error-q', 'first')).toMatch(/^error exit=3 #1 /);
  expect(root.log('error-q', 'first')).toMatch(
    /^out\n\n==== HOOKS \S+\nhook it error exit=3 3 first \/usr\nsjq: on-error ended with 7: [^\n]*\nlast none\n$/,
  );
  expect(root.says()).toMatch(/ ended first .* a hook did not end well/);
  await eventually(() => isQuiet(root.dir), { what: 'nothing is left in .sjq' });
  expect(root.history().find(({ name }) => name === 'first')).toMatchObject({ log_bytes: 4, outcome: 'error' });
}, 60_000);

it('a hook goes on while its monitor is killed, and runs once', async () => {
  const root = testRoot();
  const first = await root.monitor();
  root.drop('job', [
    'command :: true',
    `on-done :: echo begun >> hooked; until [ -e go ]; do sleep 0.1; done; echo over >> hooked`,
  ]);
  await eventually(() => existsSync(root.path('hooked')), { what: 'the hook runs' });
  await first.crash();
  await root.monitor();
  writeFileSync(root.path('go'), '');
  await root.arrival('done-q', 'job');
  expect(root.status('done-q', 'job')).toMatch(/^done exit=0 #1 /);
  expect(readFileSync(root.path('hooked'), 'utf8')).toBe('begun\nover\n');
  await eventually(() => isQuiet(root.dir), { what: 'nothing is left in .sjq' });
}, 60_000);
