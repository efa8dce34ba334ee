import { expect, it } from 'vitest';
import { tookFromTail } from '../../src/format/history-durations.ts';
import { lineFromHistory } from '../../src/format/history-line.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import { anAttempt } from '../support/builders.ts';

const line = (name: string, more: object): string => lineFromHistory({ ...anAttempt(name), ...more });
const done = { outcome: 'done', duration_ms: 60_000 } as const;

it('how long a job took is told by those of its runs that were done and took a while, oldest first', () => {
  const tail = [
    'half a line"duration_ms":90000}\n',
    line('copy', done),
    line('copy~2', { ...done, duration_ms: 2000 }),
    line('short', { ...done, duration_ms: 1999 }),
    line('bad', { ...done, outcome: 'error' }),
    line('nightly@2026-11-22T060000Z', { ...done, schedule: 'nightly' }),
    '{"kind":"invented","name":"x","duration_ms":5000}\n{"kind":"attempt","duration_ms":50000}\n',
    line('copy', { ...done, duration_ms: 7000 }).slice(0, -1),
  ].join('') as Bytes;
  expect(tookFromTail(tail)).toEqual([
    { job: 'copy', durationMs: 60_000 },
    { job: 'copy', durationMs: 2000 },
    { job: 'nightly', durationMs: 60_000 },
  ]);
});
