import { expect, it } from 'vitest';
import { shutGate } from '../../../src/plan/gates/index.ts';
import { aWaiting, testNow } from '../../support/builders.ts';
import { aView } from './view.ts';

it('the first shut gate gives the reason: what a person did, then the disk, slots and machine, at last foreign processes', () => {
  const uow = aWaiting('a');
  const busy = {
    seen: {
      control: { paused: true },
      machine: { load: 9, trouble: { until: testNow + 1, text: 'disk full' } },
    },
    config: { ready: { load: 1 }, procnames: [{ name: 'ansible' }] },
    freeSlots: 0,
  };
  const calm = { ...busy, seen: { machine: { load: 9 } } };
  const gateOf = (...args: Parameters<typeof shutGate>) => shutGate(...args)?.gate;
  expect(gateOf({ ...uow, held: true }, aView(busy))).toBe('held');
  expect(gateOf(uow, aView(busy))).toBe('paused');
  expect(gateOf(uow, aView({ ...busy, seen: { machine: busy.seen.machine } }))).toBe('trouble');
  expect(gateOf(uow, aView(calm))).toBe('slots');
  expect(gateOf(uow, aView({ ...calm, freeSlots: 1 }))).toBe('ready');
  expect(gateOf(uow, aView({ ...calm, seen: {}, freeSlots: 1 }))).toBe('procnames');
  expect(gateOf(uow, aView())).toBeUndefined();
});
