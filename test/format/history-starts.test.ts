import { expect, it } from 'vitest';
import { lineFromHistory } from '../../src/format/history-line.ts';
import { startsFromTail } from '../../src/format/history-starts.ts';
import { anAttempt, bytes } from '../support/builders.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 22, 4, 0, seconds)).toISOString();
const line = (name: string, from: number, to: number, changed: Parameters<typeof anAttempt>[1] = {}): string =>
  lineFromHistory(
    anAttempt(name, { id: `id-${name}`, claimed_at: at(from), started_at: at(from), ended_at: at(to), ...changed }),
  );

it('gives those that began after a time, at their claim, the newest first, and says whether more can stand before', () => {
  const lines = [
    line('old', 1, 2),
    line('a', 5, 20, { group: 'api', schedule: 's', job_type: 'scan' }),
    line('b', 9, 21),
    line('never', 22, 23, { started_at: undefined, reason: 'cannot-start' }),
    '{"kind":"monitor-stopped"}\n{"kind":"attempt","na',
  ];
  const since = Date.parse(at(4));
  const { starts, hasOlder } = startsFromTail(bytes(lines.join('')), since, true);
  expect(hasOlder).toBe(true);
  expect(starts.map(({ id }) => id)).toEqual(['id-b', 'id-a']);
  expect(starts[1]).toEqual({
    ...{ id: 'id-a', at: Date.parse(at(5)), name: bytes('a'), group: 'api', schedule: 's', jobType: 'scan' },
  });
});

it('keeps the end of a line that a piece begins with, and says that all before may be newer', () => {
  const tail = bytes(`nd":"attempt"}\n${line('a', 5, 6)}`);
  const piece = startsFromTail(tail, Date.parse(at(4)), false);
  expect([piece.head, piece.hasOlder, piece.starts.length]).toEqual(['nd":"attempt"}', false, 1]);
});
