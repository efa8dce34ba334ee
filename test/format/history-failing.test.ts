import { expect, it } from 'vitest';
import { failingFromTail } from '../../src/format/history-failing.ts';
import { lineFromHistory } from '../../src/format/history-line.ts';
import { anAttempt, bytes } from '../support/builders.ts';

const line = (name: string, outcome: 'done' | 'error' | 'fail', changed = {}): string =>
  lineFromHistory(anAttempt(name, { outcome, reason: 'exit=1', ...changed }));

it('a job fails whose last end was bad, whatever its UOWs are called, and not one that is tried again', () => {
  const at = '2026-11-22T04:31:06.000Z';
  const lines = [
    line('a', 'error') + line('a~2', 'done'),
    line('b', 'done') + line('b~2', 'fail'),
    line('s@2026-11-22T070000Z', 'fail', { schedule: 's' }),
    line('c', 'error', { retry_at: at }),
    '{"kind":"attempt","outcome":"err',
  ];
  expect([...failingFromTail(bytes(lines.join('')))]).toEqual(['b', 's']);
  expect(failingFromTail(bytes(line('a', 'done'))).size).toBe(0);
});
