import { expect, it } from 'vitest';
import { openedRoot } from '../../../src/cli/opened-root.ts';
import { Pursuit } from '../../../src/cli/uow/pursuit.ts';
import { bytesFromUtf8 } from '../../../src/model/bytes.ts';
import { testRoot } from '../../support/root.ts';
import { storedUow } from '../../support/sjq.ts';

const done = 'done exit=0 #1 2026-11-22T04:31:06Z 0.1s';
const failed = 'fail killed #1 2026-11-22T04:31:06Z 0.1s';

it('a UOW that the monitor gave the next name, because two had one in the same instant, is known by its stamp', () => {
  const root = testRoot();
  root.drop('job', storedUow(done, 'theirs'), 'done-q');
  root.drop('job~2', storedUow(done, 'theirs too'), 'done-q');
  const ours = storedUow(failed, 'ours').replace('1795329066-2', '1795329066-3');
  root.drop('job~3', ours, 'fail-q');
  const pursuit = new Pursuit(openedRoot(bytesFromUtf8(root.dir)), bytesFromUtf8('job'), {
    seconds: 1795329066,
    ordinal: 3,
  });
  expect(pursuit.look().state).toMatchObject({ kind: 'ended', word: 'fail' });
  expect(pursuit.name).toBe('job~3');
  expect(pursuit.readLog(1, 100).toString()).toBe('ours');
  pursuit.close();
});
