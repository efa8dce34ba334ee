import { expect, it } from 'vitest';
import { textFromStamp } from '../../../src/model/stamp.ts';
import { askWhen } from '../../../src/monitor/apply/ask-when.ts';
import { aWaiting } from '../../support/builders.ts';
import { brokenFiles, testContext } from '../../support/context.ts';
import { eventually } from '../../support/eventually.ts';

it('what the disk refuses when a UOW is asked is an answer like any other: it is said, and asked again when it is old', async () => {
  const { context } = testContext({ files: brokenFiles('EIO', ['stat'], () => true) });
  const uow = aWaiting('a', { whenEveryMs: 60_000 });
  askWhen(context, uow);
  const answer = await eventually(() => context.picture.whenAnswers.get(textFromStamp(uow.stamp)), {
    what: 'there is an answer',
  });
  expect(answer).toMatchObject({ isOk: false, text: expect.stringContaining('EIO') as string });
});
