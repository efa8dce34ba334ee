// The output of a job whose file grows as a monitor and a job let it, in steps that a reader may see one by one.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openedRoot } from '../../../src/cli/opened-root.ts';
import { createJobOutput } from '../../../src/cli/uow/job-output.ts';
import { Pursuit } from '../../../src/cli/uow/pursuit.ts';
import { lineFromHistory } from '../../../src/format/history-line.ts';
import { bytesFromUtf8 } from '../../../src/model/bytes.ts';
import { anAttempt } from '../../support/builders.ts';
import { afterwards } from '../../support/afterwards.ts';
import { mv } from '../../support/hands.ts';
import { testRoot } from '../../support/root.ts';
import { storedUow } from '../../support/sjq.ts';

it('a result that stands in the log before STATUS tells the end is not taken for output of the job', async () => {
  const root = testRoot();
  const running = 'running #1 2026-11-22T04:31:06Z';
  root.drop('job', storedUow(running, ''), 'currently-executing');
  const file = root.path('currently-executing/job');
  const pursuit = new Pursuit(openedRoot(bytesFromUtf8(root.dir)), bytesFromUtf8('job'));
  afterwards(() => {
    pursuit.close();
  });
  let printed = '';
  const output = createJobOutput(pursuit, async (chunk) => void (printed += chunk.toString()));
  const shown = async (): Promise<string> => {
    await output.take(pursuit.look());
    return printed;
  };

  appendFileSync(file, 'one\n');
  expect(await shown()).toBe('one\n');
  // A heading of its own, which looks like a result until the next line is there.
  appendFileSync(file, '\n==== RESULT of the first half\n');
  expect(await shown()).toBe('one\n');
  appendFileSync(file, 'two\n');
  const all = 'one\n\n==== RESULT of the first half\ntwo\n';
  expect(await shown()).toBe(all);
  appendFileSync(file, '\n==== RESULT {"rows":3}\n');
  expect(await shown()).toBe(all);
  appendFileSync(file, '\n==== NOTE 2026-11-22T04:31:07Z me looks good\n');
  expect(await shown()).toBe(all);

  const done = 'done exit=0 #1 2026-11-22T04:31:08Z 2.0s';
  writeFileSync(file, readFileSync(file, 'utf8').replace(running.padEnd(63), done.padEnd(63)));
  mv(root, 'currently-executing/job', 'done-q/job');
  const told = { stamp: '1795329066-2', log_bytes: all.length };
  writeFileSync(root.path('history.jsonl'), lineFromHistory(anAttempt('job', told)), 'latin1');
  const look = pursuit.look();
  if (look.state.kind !== 'ended') throw new Error(`it has not ended: ${look.state.kind}`);
  await output.finish(look, look.state);
  expect(printed).toBe(all);
});

it.for([
  ['running and waiting', true, true],
  ['running', true, false],
  ['waiting', false, true],
  ['never', false, false],
] as const)(
  'a retry that is over before it was seen to run is handed on: seen before was %s',
  async ([, isRunningSeen, isSeen]) => {
    const root = testRoot();
    const attempts = ['one, the longer one\n', 'two\n'];
    const text = (status: string, log: string): string => storedUow(status, log);
    root.drop('job', text('running #1 2026-11-22T04:31:06Z', attempts[0] ?? ''), 'currently-executing');
    const file = root.path('currently-executing/job');
    const pursuit = new Pursuit(openedRoot(bytesFromUtf8(root.dir)), bytesFromUtf8('job'));
    afterwards(() => {
      pursuit.close();
    });
    let printed = '';
    const output = createJobOutput(pursuit, async (chunk) => void (printed += chunk.toString()));
    const becomes = (from: string, to: string): void =>
      writeFileSync(file, readFileSync(file, 'utf8').replace(from.padEnd(63), to.padEnd(63)));
    const history = (attempt: number, outcome: 'error' | 'done'): string => {
      const told = { stamp: '1795329066-2', attempt, outcome, log_bytes: attempts[attempt - 1]?.length ?? 0 };
      return lineFromHistory(anAttempt('job', { ...told, ...(attempt === 1 && { retry_at: '2026-11-22T04:31:09Z' }) }));
    };

    if (isRunningSeen) {
      await output.take(pursuit.look());
      expect(printed).toBe(attempts[0]);
    }
    writeFileSync(root.path('history.jsonl'), history(1, 'error'), 'latin1');
    if (isSeen) {
      becomes('running #1 2026-11-22T04:31:06Z', 'waiting retry #2 2026-11-22T04:31:09Z');
      mv(root, 'currently-executing/job', 'wait-q/job');
      await output.take(pursuit.look());
      mv(root, 'wait-q/job', 'currently-executing/job');
      becomes('waiting retry #2 2026-11-22T04:31:09Z', 'done exit=0 #2 2026-11-22T04:31:09Z 0.0s');
    } else becomes('running #1 2026-11-22T04:31:06Z', 'done exit=0 #2 2026-11-22T04:31:09Z 0.0s');
    appendFileSync(
      file,
      `\n==== ATTEMPT 2 2026-11-22T04:31:09Z\n${attempts[1]}\n==== NOTE 2026-11-22T04:31:10Z me good\n`,
    );
    mv(root, 'currently-executing/job', 'done-q/job');
    appendFileSync(root.path('history.jsonl'), history(2, 'done'), 'latin1');
    const look = pursuit.look();
    if (look.state.kind !== 'ended') throw new Error(`it has not ended: ${look.state.kind}`);
    await output.finish(look, look.state);
    expect(printed).toBe(attempts.join(''));
  },
);
