import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { jsonFromPosted, postedFromJson } from '../../../src/format/status-json.ts';
import { bytesFromUtf8 } from '../../../src/model/bytes.ts';
import type { Config } from '../../../src/model/config.ts';
import { reportFault } from '../../../src/monitor/apply/fault.ts';
import { observeWith } from '../../../src/monitor/observe.ts';
import { postedNow } from '../../../src/monitor/report/posted.ts';
import { seenNow, survey } from '../../../src/monitor/survey/survey.ts';
import { enlistStamped } from '../../../src/monitor/survey/enlist.ts';
import { wake } from '../../../src/monitor/wake.ts';
import type { Inbox } from '../../../src/monitor/messages/inbox.ts';
import { waitingWithWhy } from '../../../src/plan/why.ts';
import { testContext, type TestContext } from '../../support/context.ts';

const command = 'ask';
const names = ['a', 'b', 'c'] as const;

/** A root in which three UOWs wait, the last of them for its own command, under these settings. */
function rootWith(config: Partial<Config>): TestContext {
  const test = testContext({ config: { slots: 5, ...config } });
  for (const [at, name] of names.entries()) {
    const header = `command :: true\n${name === 'c' ? 'when :: ask\n' : ''}`;
    const status = 'waiting #0 2026-11-22T04:31:06Z'.padEnd(63);
    const text = `timestamp: 170000000${at}-1 enqueued\n\n==== UNIT OF WORK\n\n${header}\n==== STATUS\n\n${status}\n\n==== JOB LOG\n\n`;
    writeFileSync(test.path('wait-q', name), text);
  }
  survey(test.context, [], true);
  enlistStamped(test.context);
  return test;
}

/** Gives why each waits: to the monitor, to who looks from outside, and to who looks and is told what it posted. */
function reasons({ context }: TestContext): Readonly<Record<'monitor' | 'outside' | 'told', readonly string[]>> {
  const { picture, config } = context;
  const of = (seen: ReturnType<typeof seenNow>): readonly string[] =>
    [...waitingWithWhy(seen, config)].map(({ uow, why }) => `${uow.name}: ${why}`);
  const text = jsonFromPosted(postedNow(context, seenNow(context), { isAlive: true, waitingLimit: 0 }));
  const told = postedFromJson(bytesFromUtf8(text))?.machine;
  return {
    monitor: of(seenNow(context)),
    outside: of(observeWith(context, picture.control).seen),
    told: of(observeWith(context, picture.control, { machine: told }).seen),
  };
}

it.each<[string, Partial<Config>, (test: TestContext) => void, string]>([
  [
    'the ready command says no',
    { ready: { command } },
    ({ context, clock }) => {
      context.picture.readyCommand = { at: clock.now(), isOk: false, text: 'exit 1: not now' };
    },
    'a: the ready command says no: exit 1: not now',
  ],
  [
    'the ready command says yes, and a foreign process runs',
    { ready: { command }, procnames: [{ name: 'ansible' }] },
    ({ context, clock }) => {
      context.picture.readyCommand = { at: clock.now(), isOk: true, text: '' };
      context.picture.foreign = { at: clock.now(), processes: [{ pid: 7, name: 'ansible', startedAt: 0 }] };
    },
    'a: process ansible (pid 7) is running',
  ],
  [
    'a when says no',
    {},
    ({ context, clock }) => {
      context.picture.whenAnswers.set('1700000002-1', { at: clock.now(), isOk: false, text: 'exit 1: no' });
    },
    'c: its when says no: exit 1: no',
  ],
  [
    'the machine refuses one',
    {},
    ({ context }) => {
      const uow = context.picture.waiting.wait.get('b');
      if (uow) reportFault(context, { kind: 'claim', uow }, Object.assign(new Error('no'), { code: 'EPERM' }));
    },
    'b: the disk refused (EPERM): give the monitor’s user the right to read and write the root',
  ],
  [
    'the disk is in trouble',
    {},
    ({ context, clock }) => {
      context.picture.trouble = { until: clock.now() + 5000, text: 'the disk refused (EIO): look' };
    },
    'a: the disk refused (EIO): look',
  ],
])('who looks from outside says what the monitor says when %s', (_what, config, happen, reason) => {
  const test = rootWith(config);
  happen(test);
  const { monitor, outside, told } = reasons(test);
  expect(monitor).toHaveLength(3);
  expect(monitor).toContain(reason);
  expect(told).toEqual(monitor);
  expect(outside).not.toEqual(monitor);
});

it('a status that is none, or of another version, tells nothing and throws nothing', () => {
  const nothing = { foreign: [], when: [], refused: [] };
  for (const text of [
    '',
    '{',
    '[]',
    '1',
    '{"machine": 1}',
    '{"machine": {"when": [1, {"stamp": 1}], "ready": {"ok": 1}}}',
  ])
    expect(postedFromJson(bytesFromUtf8(text))?.machine ?? nothing, text).toEqual(nothing);
});

it('what the machine refuses is news when it begins, when it is another, and when it is over', () => {
  const test = testContext();
  const { context, clock } = test;
  const inbox = { read: () => [], hasOpen: false } as unknown as Inbox;
  const isNews = (): boolean => wake(context, inbox, true).isNews;
  const refuse = (code: string): void => {
    context.picture.trouble = { until: clock.now() + 5000, text: code };
  };
  isNews();
  expect(isNews()).toBe(false);
  refuse('EIO');
  expect([isNews(), isNews()]).toEqual([true, false]);
  clock.pass(4000);
  refuse('EIO');
  expect(isNews()).toBe(false);
  refuse('EROFS');
  expect([isNews(), isNews()]).toEqual([true, false]);
  clock.pass(5000);
  expect([isNews(), isNews()]).toEqual([true, false]);
});
