import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lineFromHistory } from '../../src/format/history-line.ts';
import { anAttempt } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { testRoot, type TestRoot } from '../support/root.ts';

/** Gives what monitor_says has of alarms, without their times. */
const alarms = (root: TestRoot): readonly string[] =>
  root
    .says()
    .split('\n')
    .flatMap((line) => / (alarm .*)$/.exec(line)?.[1] ?? []);

function raised(root: TestRoot, name: string, kind: string): Promise<unknown> {
  const begin = `alarm ${name} kind=${kind} `;
  const isThere = (): boolean => alarms(root).some((line) => line.startsWith(begin));
  return eventually(isThere, { withinMs: 20_000, what: begin });
}

it('each kind of alarm is raised once for what it is about, over a restart too, and none that is not asked for', async () => {
  const root = testRoot('settle: 100ms\nslots: 9\nalarms: {late: 2s, longer: 1.5}\n');
  const past = (name: string, ms: number, changed = {}): string =>
    lineFromHistory(anAttempt(name, { started_at: '2026-11-22T04:31:06.000Z', duration_ms: ms, ...changed }));
  const usual = (name: string, ms: number): readonly string[] => [1, 2, 3].map(() => past(name, ms));
  const bad = past('well', 9, { outcome: 'error', reason: 'exit=1' });
  writeFileSync(
    root.path('history.jsonl'),
    [...usual('slow', 2000), ...usual('quick', 60_000), bad].join(''),
    'latin1',
  );
  mkdirSync(root.path('schedules'));
  const first = await root.monitor();
  root.drop('slow', ['command :: sleep 600']);
  root.drop('quick', ['command :: true']);
  root.drop('well', ['command :: true']);
  root.drop('wrong', ['command :: exit 3', 'retries :: 1', 'retry-delay :: 0s']);
  const time = new Date(Date.now() - 1000).toISOString().replace(/\.\d+/, '');
  root.drop('nightly', ['command :: true', 'when :: false', 'scheduled-by :: nights', `scheduled-at :: ${time}`]);
  const flow = ['==== UNIT OF WORK a', 'command :: false', '==== UNIT OF WORK b', 'command :: true', 'after :: a', ''];
  root.drop('etl', flow.join('\n\n'));
  const schedule = ['==== UNIT OF WORK', 'every :: 1s', 'catch-up :: none', 'command :: sleep 600', ''].join('\n\n');
  writeFileSync(root.path('schedules/tick'), schedule);
  await Promise.all([
    raised(root, 'slow', 'longer-than-usual attempt=1'),
    raised(root, 'quick', 'shorter-than-usual attempt=1'),
    raised(root, 'well', 'back-to-normal attempt=1'),
    raised(root, 'wrong', 'failed attempt=2'),
    raised(root, 'nightly', 'late'),
    raised(root, 'etl', 'flow-blocked'),
    eventually(() => alarms(root).some((line) => /^alarm tick@\S+ kind=skipped the one before/.test(line)), {
      withinMs: 20_000,
      what: 'one was skipped',
    }),
  ]);
  await first.crash();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await root.monitor();
  await eventually(() => alarms(root).some((line) => /^alarm tick@\S+ kind=missed .* unfired/.test(line)), {
    withinMs: 20_000,
    what: `some were missed: ${root.says()}`,
  });
  root.drop('last', ['command :: true']);
  await root.arrival('done-q', 'last');
  const rest = alarms(root).filter((line) => !/kind=(skipped|missed)/.test(line));
  const named = rest.map((line) => line.split(' ').slice(1, 3).join(' ')).sort();
  expect(named).toEqual([
    'etl kind=flow-blocked',
    'etl.a kind=failed',
    'nightly kind=late',
    'quick kind=shorter-than-usual',
    'slow kind=longer-than-usual',
    'well kind=back-to-normal',
    'wrong kind=failed',
  ]);
  expect(rest).toContain('alarm wrong kind=failed attempt=2 error exit=3: it stands in error-q');
});
