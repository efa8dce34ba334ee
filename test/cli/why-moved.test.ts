// A UOW that starts between the two looks of `sjq why`.
import { expect, it, vi } from 'vitest';
import { openedRoot } from '../../src/cli/opened-root.ts';
import { whyOf } from '../../src/cli/commands/why.ts';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { mv } from '../support/hands.ts';
import { testRoot } from '../support/root.ts';
import { storedUow } from '../support/sjq.ts';

const between = vi.hoisted(() => ({ do: (): void => undefined }));
vi.mock('../../src/cli/uow/why.ts', async (original) => {
  const real = await original<typeof import('../../src/cli/uow/why.ts')>();
  return {
    ...real,
    whyNow: (...args: Parameters<typeof real.whyNow>) => {
      between.do();
      return real.whyNow(...args);
    },
  };
});

it('why of a UOW that left the queue between two looks tells what became of it', async () => {
  const root = testRoot();
  root.drop('job', storedUow('waiting #0 2026-11-22T04:31:06Z', ''));
  between.do = () => {
    mv(root, 'wait-q/job', 'done-q/job');
    between.do = () => undefined;
  };
  const [told] = await whyOf(openedRoot(bytesFromUtf8(root.dir)), [bytesFromUtf8('job')]);
  expect(told?.uow.queue).toBe('done');
  expect(told?.reason).not.toMatch(/others may not read/);
});
