import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lineFromHistory } from '../../../src/format/history-line.ts';
import { utf8FromBytes } from '../../../src/model/bytes.ts';
import type { Rate, StartKey } from '../../../src/model/rate.ts';
import { noteRate, noteStart, startsSeen } from '../../../src/monitor/survey/starts.ts';
import { anAttempt, bytes } from '../../support/builders.ts';
import { testContext } from '../../support/context.ts';

const rate = (perMs: number): Pick<Rate, 'perMs'> => ({ perMs });
const key = (text: string): StartKey => text as StartKey;

it('nothing is read or kept without a rate; with one the history tells, however large it is, and each start is noted', () => {
  const { context } = testContext();
  const { picture, paths, machine } = context;
  const now = machine.clock.now();
  const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
  const line = (id: number, minutes: number, name: string): string =>
    lineFromHistory(
      anAttempt(name, {
        ...{ id: `id-${id}`, group: 'api', directory: `/${'x'.repeat(400)}` },
        ...{ claimed_at: ago(minutes), started_at: ago(minutes), ended_at: ago(minutes) },
      }),
    );
  const lines = Array.from({ length: 5000 }, (_, at) => line(at, 5000 - at, 'a'));
  appendFileSync(utf8FromBytes(paths.history), lines.join(''));
  noteStart(picture, { name: bytes('a') }, now);
  expect(startsSeen(context)).toEqual({});
  noteRate(picture, rate(60_000));
  expect(startsSeen(context).starts?.get(key('group api'))).toEqual(undefined);
  noteRate(picture, rate(3_000_000));
  expect(startsSeen(context).starts?.get(key('group api'))).toHaveLength(59);
  noteRate(picture, rate(7 * 86_400_000));
  expect(startsSeen(context).starts?.get(key('job a'))).toHaveLength(5000);
  noteStart(picture, { name: bytes('a'), group: 'api' }, now);
  expect(startsSeen(context).starts?.get(key('group api'))).toHaveLength(5001);
});
