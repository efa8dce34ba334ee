import { describe, expect, it } from 'vitest';
import { instantFromText } from '../../src/format/instant.ts';

describe('instants', () => {
  const now = new Date(2026, 10, 22, 6, 30).getTime();

  it('are RFC 3339, local, the next such time of day, or counted from now', () => {
    expect(instantFromText('2026-11-22T04:31:06Z', now)).toBe(Date.UTC(2026, 10, 22, 4, 31, 6));
    expect(instantFromText('2026-11-22T04:31:06+02:00', now)).toBe(Date.UTC(2026, 10, 22, 2, 31, 6));
    expect(instantFromText('2026-11-23 07:00', now)).toBe(new Date(2026, 10, 23, 7).getTime());
    expect(instantFromText('2026-11-23 07:00:30', now)).toBe(new Date(2026, 10, 23, 7, 0, 30).getTime());
    expect(instantFromText('  2026-11-23   07:00 ', now)).toBe(new Date(2026, 10, 23, 7).getTime());
    expect(instantFromText('2026-11-23', now)).toBe(new Date(2026, 10, 23).getTime());
    expect(instantFromText('07:00', now)).toBe(new Date(2026, 10, 22, 7).getTime());
    expect(instantFromText('6:30', now)).toBe(new Date(2026, 10, 23, 6, 30).getTime());
    expect(instantFromText('+2h', now)).toBe(now + 7_200_000);
  });

  it.each([
    '',
    'tomorrow',
    '25:00',
    '2026-13-01',
    '2026-02-30',
    '+',
    '+soon',
    '2026-11-2',
    'x2026-11-22',
    'on 2026-11-23 07:00',
    '107:00',
    '07:001',
    '7',
  ])('are not %j', (text) => {
    expect(instantFromText(text, now)).toBeUndefined();
  });
});
