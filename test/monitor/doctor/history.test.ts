import { expect, it } from 'vitest';
import { lineFromHistory } from '../../../src/format/history-line.ts';
import { historyAtOdds } from '../../../src/monitor/doctor/history.ts';
import { anAttempt } from '../../support/builders.ts';
import { historyFaults } from '../../support/history-schema.ts';
import { aWard, historyStart } from '../../support/patient.ts';

const checks = [historyAtOdds];
const stamp = { seconds: 1_500_000_000, ordinal: 7 };

it('an attempt that STATUS tells of and history does not is found; --fix appends what STATUS tells, as the schema says', async () => {
  const { root, put, history, kinds, findings, mend } = aWard();
  history(historyStart());
  put('error-q', 'a', {
    ...{ stamp, header: ['directory :: /srv'] },
    status: { word: 'error', reason: { kind: 'exit', code: 3 }, attempt: 2, durationMs: 12_300 },
  });
  expect(kinds('live', checks)).toEqual(['history-missing history.jsonl']);
  expect(findings('live', checks)[0]?.text).toBe(
    'has no line of attempt 2 of error-q/a, which ended 2026-11-22T04:31:06.000Z',
  );
  await mend(checks);
  expect(kinds('quiet', checks)).toEqual([]);
  const line = root.history().at(-1);
  expect(line).toMatchObject({ name: 'a', stamp: '1500000000-7', attempt: 2, exit: 3, directory: '/srv' });
  expect(line).toMatchObject({ started_at: '2026-11-22T04:30:53.700Z', duration_ms: 12_300 });
  expect(historyFaults(line)).toEqual([]);
});

it('what history cannot be known to hold is not missed', () => {
  const { put, history, kinds } = aWard();
  // Nothing is known of a history that does not begin with the start of a monitor, nor of a time before that.
  put('done-q', 'a', { stamp });
  expect(kinds('quiet', checks)).toEqual([]);
  history(lineFromHistory(anAttempt('b')));
  expect(kinds('quiet', checks)).toEqual([]);
  history(historyStart().replace('2026-01-01', '2026-12-01'));
  expect(kinds('quiet', checks)).toEqual([]);
});

it('what never ran needs no line', () => {
  const { put, history, kinds } = aWard();
  history(historyStart());
  put('done-q', 'b', { status: { word: 'skipped', attempt: 0 } });
  expect(kinds('quiet', checks)).toEqual([]);
});

it('an attempt with two lines is found, and pieces of lines are noted', async () => {
  const { put, history, kinds, findings, mend } = aWard();
  put('done-q', 'a', { stamp });
  const line = lineFromHistory(anAttempt('a', { id: '1500000000-7.1-abcdef', stamp: '1500000000-7' }));
  history(historyStart(), line, line.slice(0, 40), '\n', line, line.slice(0, 50));
  expect(kinds('stopped', checks)).toEqual(['history-twice history.jsonl', 'history-torn history.jsonl +']);
  expect(findings('stopped', checks).map(({ severity }) => severity)).toEqual(['fault', 'note']);
  expect(findings('stopped', checks)[1]?.text).toMatch(/^has 2 pieces of lines/);
  await mend(checks);
  expect(kinds('stopped', checks)).toEqual(['history-twice history.jsonl', 'history-torn history.jsonl']);
});

it('a history of several megabytes is read to its end', () => {
  const { put, history, kinds } = aWard();
  put('done-q', 'a', { stamp });
  const others = Array.from({ length: 300 }, (_, at) =>
    lineFromHistory(anAttempt('x'.repeat(9000), { id: `1500000000-9.${at + 1}-abcdef` })),
  );
  history(historyStart(), ...others);
  expect(kinds('quiet', checks)).toEqual(['history-missing history.jsonl']);
  history(lineFromHistory(anAttempt('a', { stamp: '1500000000-7' })));
  expect(kinds('quiet', checks)).toEqual([]);
});
