import { expect, it } from 'vitest';
import { realHost } from '../../src/system/host.ts';

it('knows users by number, and says the number where nobody has a name for it', () => {
  const host = realHost();
  expect(host.userName(host.uid)).toBe(host.user.name);
  expect(host.userName(0)).toBe('root');
  expect(host.userName(4_294_967_000)).toBe('4294967000');
  expect(host.userName(4_294_967_000)).toBe('4294967000');
});
