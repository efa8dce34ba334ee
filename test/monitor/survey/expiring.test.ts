import { expect, it } from 'vitest';
import type { WaitingUow } from '../../../src/model/seen.ts';
import { expiredNow, noteExpiry } from '../../../src/monitor/survey/expiring.ts';
import { emptyPicture } from '../../../src/monitor/survey/picture.ts';
import { aWaiting, testNow } from '../../support/builders.ts';

function pictureWith(...uows: readonly WaitingUow[]): ReturnType<typeof emptyPicture> {
  const picture = emptyPicture({ paused: false, finishing: false });
  for (const uow of uows) {
    picture.waiting[uow.queue].add(uow);
    noteExpiry(picture, uow);
  }
  return picture;
}

const uow = (name: string, at: number, changed: Partial<WaitingUow> = {}): WaitingUow =>
  aWaiting(name, { expires: { at: testNow + at, how: 'fail' }, ...changed });

it('those whose time has come are told, and when the next one’s comes', () => {
  const picture = pictureWith(uow('c', 5000), uow('a', 0), uow('b', -1, { queue: 'priority' }), aWaiting('d'));
  const { expired, nextExpiryAt } = expiredNow(picture, testNow);
  expect(expired.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(nextExpiryAt).toBe(testNow + 5000);
});

it('one that left its queue, was replaced, or has no ttl any more is not told', () => {
  const picture = pictureWith(uow('gone', 0), uow('other', 0), uow('edited', 0));
  picture.waiting.wait.remove('gone');
  picture.waiting.wait.add(aWaiting('other', { ino: 2 }));
  noteExpiry(picture, aWaiting('edited'));
  expect(expiredNow(picture, testNow)).toEqual({ expired: [] });
  expect(picture.expiring.size).toBe(0);
});

it('of thousands some are told in one wake, and those that are long gone are forgotten', () => {
  const many = Array.from({ length: 600 }, (_, at) => uow(`u${at}`, -at));
  const picture = pictureWith(...many);
  const { expired, nextExpiryAt } = expiredNow(picture, testNow);
  expect([expired.length, nextExpiryAt]).toEqual([256, testNow]);
  for (const { name } of many) picture.waiting.wait.remove(name);
  for (let at = 0; at < 600; at++) {
    const next = uow(`v${at}`, 1000);
    picture.waiting.wait.add(next);
    noteExpiry(picture, next);
    picture.waiting.wait.remove(next.name);
  }
  expect(picture.expiring.size).toBeLessThanOrEqual(1001);
});
