import { describe, expect, it } from 'vitest';
import { type Expiry, expiryOf, type Waited } from '../../src/model/expiry.ts';
import { Header } from '../../src/model/header.ts';
import { aStatus, testNow } from '../support/builders.ts';

function expiry(fields: Readonly<Record<string, string>>, waited: Partial<Waited> = {}): Expiry | undefined {
  const lines = Object.entries(fields).map(([name, content]) => ({ name, content, line: 1 }));
  return expiryOf(new Header(lines), { from: testNow, attempts: 0, status: aStatus('waiting'), ...waited });
}

describe('a ttl', () => {
  it('counts from the stamp or the time that a schedule made it for', () => {
    expect(expiry({ ttl: '2m' })).toEqual({ at: testNow + 120_000, how: 'fail' });
    expect(expiry({ ttl: '2m', 'on-expire': 'Skip' })?.how).toBe('skip');
    expect(expiry({ ttl: '2m', 'on-expire': 'trash' })?.how).toBe('trash');
    expect(expiry({ 'on-expire': 'trash' })).toBeUndefined();
  });

  it('begins anew for a rerun, from the time at which it was put back', () => {
    const status = aStatus('waiting', { attempt: 1, at: testNow + 5000 });
    expect(expiry({ ttl: '1s' }, { attempts: 1, status })?.at).toBe(testNow + 6000);
  });

  it('is nothing to what waits for a retry: it has had its start', () => {
    const status = aStatus('waiting', { flags: ['retry'], attempt: 2 });
    expect(expiry({ ttl: '1s' }, { attempts: 1, status })).toBeUndefined();
  });
});
