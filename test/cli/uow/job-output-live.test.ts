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
