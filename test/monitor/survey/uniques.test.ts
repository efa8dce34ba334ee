import { expect, it } from 'vitest';
import type { RunState } from '../../../src/monitor/survey/run-state.ts';
import { emptyPicture } from '../../../src/monitor/survey/picture.ts';
import { noteUnique, uniquesFor } from '../../../src/monitor/survey/uniques.ts';
import { anArrival, aRecord, aWaiting } from '../../support/builders.ts';

const asking = anArrival('new', { is: { kind: 'unstamped', unique: 'k' } });

function holders(picture: ReturnType<typeof emptyPicture>): readonly string[] | undefined {
  return uniquesFor(picture, [asking])
    .get('k')
    ?.map(({ name }) => name);
}

it('who waits with a key has it until it has left its queue', () => {
  const picture = emptyPicture({ paused: false, finishing: false });
  const uow = aWaiting('a', { unique: 'k' });
  picture.waiting.wait.add(uow);
  noteUnique(picture, uow);
  noteUnique(picture, aWaiting('b'));
  expect(holders(picture)).toEqual(['a']);
  expect(uniquesFor(picture, [anArrival('other')]).size).toBe(0);
  picture.waiting.wait.remove('a');
  expect(holders(picture)).toEqual([]);
  expect(picture.uniques.size).toBe(0);
});

it('who runs with a key has it until its end is decided, and on if it is to be tried again', () => {
  const picture = emptyPicture({ paused: false, finishing: false });
  const record = aRecord('a', { unique: 'k' });
  const run = { record, uowFile: { ino: 1, dev: 1 } } as RunState;
  picture.runs.set(record.id, run);
  expect(holders(picture)).toEqual(['a']);
  run.destination = { queue: 'done', suffix: 1 };
  expect(holders(picture)).toEqual([]);
  run.destination = { queue: 'wait', suffix: 1 };
  expect(holders(picture)).toEqual(['a']);
});
