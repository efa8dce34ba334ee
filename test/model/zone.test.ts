import { expect, it } from 'vitest';
import { zoneOf } from '../../src/model/zone.ts';

it('an offset that changes within an hour of UTC is known to the second on both sides, whatever was asked before', () => {
  const zone = zoneOf('Australia/Adelaide');
  const changesAt = Date.UTC(2026, 9, 3, 16, 30);
  const minutes = (at: number): number => (zone?.offsetMsAt(at) ?? 0) / 60_000;
  const hour = 3_600_000;
  expect([changesAt - hour, changesAt - 1000, changesAt, changesAt + 1000, changesAt + hour].map(minutes)).toEqual([
    ...[570, 570, 630, 630, 630],
  ]);
  expect([changesAt, changesAt - 1].map(minutes)).toEqual([630, 570]);
});
