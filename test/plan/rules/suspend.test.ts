import { expect, it } from 'vitest';
import type { CouldNotStart } from '../../../src/model/seen.ts';
import { plan } from '../../../src/plan/plan.ts';
import { suspend } from '../../../src/plan/rules/suspend.ts';
import { aConfig, aSeen, aWaiting, bytes } from '../../support/builders.ts';

const failed = (count: number): CouldNotStart => ({
  jobs: Array.from({ length: count }, (_, at) => bytes(`u${at}`)),
  launchers: 0,
});
const running = { paused: false, finishing: false };

it('so many different jobs in a row that could not start suspend the monitor, which says why; nothing starts in that very plan', () => {
  const waiting = { wait: [aWaiting('a')] };
  const kindsOf = (couldNotStart: CouldNotStart) =>
    plan(aSeen({ couldNotStart, waiting }), aConfig({ suspendAfter: 3 })).map(({ kind }) => kind);
  expect(kindsOf(failed(2))).toEqual(['claim']);
  expect(kindsOf(failed(3))).toEqual(['control', 'alarm']);
  const { control, actions } = suspend({ control: running, couldNotStart: failed(7) }, aConfig());
  const why = '7 different jobs in a row could not start (u0, u1, u2, u3, u4 and 2 more)';
  expect(control).toEqual({ paused: true, suspended: why, finishing: false });
  const text = `${why}: nothing more is started until RESUME`;
  expect(actions[1]).toEqual({ kind: 'alarm', alarm: { kind: 'monitor-suspended', text } });
});

it('launchers that end at once do so too, nothing does while it is paused, and with 0 nothing ever', () => {
  const launchers = { jobs: [], launchers: 5 };
  expect(suspend({ control: running, couldNotStart: launchers }, aConfig()).control.suspended).toBe(
    'the launcher ended at once 5 times in a row',
  );
  const paused = { ...running, paused: true };
  expect(suspend({ control: paused, couldNotStart: failed(9) }, aConfig())).toEqual({ actions: [], control: paused });
  expect(suspend({ control: running, couldNotStart: failed(9) }, aConfig({ suspendAfter: 0 })).actions).toEqual([]);
});

it('RESUME ends it, and the why with it', () => {
  const control = { paused: true, suspended: 'why' };
  const [action] = plan(aSeen({ control, messages: ['RESUME'], couldNotStart: failed(0) }), aConfig());
  expect(action).toEqual({ kind: 'control', control: running });
});
