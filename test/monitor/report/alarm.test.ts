import { expect, it } from 'vitest';
import { lineFromNotice } from '../../../src/format/notice-line.ts';
import { utf8FromBytes } from '../../../src/model/bytes.ts';
import type { Alarm, Sink } from '../../../src/model/alarm.ts';
import { raise } from '../../../src/monitor/report/alarm.ts';
import { aConfig, bytes } from '../../support/builders.ts';
import { testContext } from '../../support/context.ts';

const noticeOf = { event: 'alarm', name: 'a b', fields: { kind: 'failed', attempt: 2 } } as const;
const alarm: Alarm = { kind: 'failed', name: bytes('a b'), attempt: 2, text: 'error exit=3' };

it('an alarm is a line in monitor_says and told to every sink, one that throws is a fault and no more', () => {
  const told: unknown[] = [];
  const sinks: readonly Sink[] = [
    () => {
      throw new Error('no network');
    },
    (each, at) => told.push([each, at]),
  ];
  const { context, notices, clock } = testContext();
  raise({ ...context, sinks }, alarm);
  expect(told).toEqual([[alarm, clock.now()]]);
  expect(notices).toEqual([
    { event: 'alarm', name: 'a b', fields: { kind: 'failed', attempt: 2 }, text: 'error exit=3' },
    { event: 'fault', text: 'an alarm could not be passed on: Error: no network' },
  ]);
});

it('one that an earlier life raised is not raised again, and one of another attempt is', () => {
  const { context, notices, write } = testContext();
  write('monitor_says', utf8FromBytes(lineFromNotice({ ...noticeOf, text: 'error exit=1' }, 0)));
  raise(context, alarm, { isAgain: true });
  expect(notices).toHaveLength(0);
  raise(context, { ...alarm, attempt: 3 }, { isAgain: true });
  expect(notices).toHaveLength(1);
});

it('a kind that the settings leave out is not raised', () => {
  const { context, notices } = testContext({ config: { alarms: { ...aConfig().alarms, kinds: ['late'] } } });
  raise(context, alarm);
  raise(context, { kind: 'late', text: 'x' });
  expect(notices.map(({ fields }) => fields?.['kind'])).toEqual(['late']);
});
