import { expect, it } from 'vitest';
import type { MessageSeen } from '../../../src/model/seen.ts';
import type { Inbox } from '../../../src/monitor/messages/inbox.ts';
import { nextMessages } from '../../../src/monitor/messages/messages.ts';
import { aMessage } from '../../support/builders.ts';
import { brokenFiles, testContext } from '../../support/context.ts';

/** Gives the messages of the next wake while these lines are open. */
function next(test: ReturnType<typeof testContext>, ...lines: readonly string[]): readonly MessageSeen[] {
  const inbox: Partial<Inbox> = { read: () => lines.map((line) => aMessage(line)) };
  return nextMessages(test.context, inbox as Inbox);
}

it.each(['read', 'stat'] as const)('a file that the monitor may not %s is a fault of that message alone', (call) => {
  let isBroken = false;
  const test = testContext({ files: brokenFiles('EACCES', [call], () => isBroken) });
  test.write('trash/secret', '==== UNIT OF WORK\n\ncommand :: true\n');
  isBroken = true;
  const [message] = next(test, 'RETRY secret');
  expect(message?.about).toMatchObject({ isTakenIn: true, fault: expect.stringContaining('readable') as string });
});

it('a wake ends before a second message about one UOW, and behind one that makes names or settings', () => {
  const test = testContext();
  const count = (...lines: readonly string[]): number => next(test, ...lines).length;
  expect(count('HOLD a', 'HOLD b', 'NOTE a text', 'HOLD c')).toBe(2);
  expect(count('HOLD a', 'SUBMIT backup', 'HOLD backup')).toBe(2);
  expect(count('RETRY a', 'HOLD a~2')).toBe(1);
  expect(count('RELOAD', 'CONFIG')).toBe(1);
  expect(count('PAUSE', 'STATUS', 'RESUME')).toBe(3);
});

it.each(['README', '.hidden', 'a~', '../config.yaml', 'a/b', ''.padEnd(300, 'a')])(
  '%j is the name of no UOW, and is not waited for',
  (name) => {
    const test = testContext();
    test.write('wait-q/README', 'text');
    expect(next(test, `HOLD ${name}`)[0]).not.toHaveProperty('about');
  },
);
