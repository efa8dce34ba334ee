// Scenarios of the calls rig: UOWs that wait for others.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { done, type Scenario } from './playground.ts';

export const parents: readonly Scenario[] = [
  {
    title: 'UOWs that wait for one that runs, for one that fails, and for each other in a row',
    config: 'slots: 3',
    behaviour: { a: 'ends-later' },
    exit: { b: 3 },
    prepare({ drop }) {
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B');
      drop('wait-q', 'c', 'C', 'after :: a', 'after-any :: b');
      drop('priority-q', 'd', 'D', 'after :: c', 'after-not-ok :: b');
      drop('wait-q', 'e', 'E', 'after :: b', 'on-parent-error :: fail');
      drop('wait-q', 'f', 'F', 'after :: b');
    },
    expected: [
      ...[done('A'), done('C'), done('D')],
      { id: 'B', queues: ['error-q'], starts: [1] },
      { id: 'E', queues: ['fail-q'], starts: [0] },
      { id: 'F', queues: ['wait-q'], starts: [0] },
    ],
    problems: ({ guardians }) => {
      const order = guardians.starts.map(({ label }) => label).filter((label) => 'ACD'.includes(label));
      return order.join('') === 'ACD' ? [] : [`they started so: ${order.join(' ')}`];
    },
  },
  {
    title: 'UOWs that wait for one that a person takes away, and for one that is continued',
    config: 'slots: 3',
    exit: { b: 3 },
    async prepare({ drop, quiet, message }) {
      drop('wait-q', 'b', 'B');
      await quiet();
      message('PAUSE');
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'c', 'C', 'after-any :: a');
      drop('wait-q', 'd', 'D', 'after :: a');
      drop('wait-q', 'e', 'E', 'after :: b');
    },
    meanwhile({ path, message }) {
      rmSync(path('wait-q/a'), { force: true });
      for (const line of ['CONTINUE b', 'RESUME']) message(line);
    },
    expected: [
      done('C'),
      { id: 'D', queues: ['wait-q'], starts: [0] },
      { id: 'B', queues: ['error-q'], starts: [1] },
      // What the disk refused of a message is its answer.
      { id: 'E', queues: ['done-q', 'wait-q'], starts: [0, 1] },
    ],
    // One that was never taken in was not cancelled.
    mayHave: ['A'],
  },
  {
    title: 'what is kept of parents and is written anew because most of it is over',
    prepare({ drop, path }) {
      const old = Array.from({ length: 1200 }, (_, at) =>
        JSON.stringify({ parent: `1-${at}`, name: 'x', state: 'done' }),
      );
      mkdirSync(path('.sjq'), { recursive: true });
      writeFileSync(path('.sjq/parents'), `${old.join('\n')}\n{"child":"1`);
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B', 'after :: a');
      drop('wait-q', 'c', 'C', 'after :: b, absent');
    },
    expected: [done('A'), done('B'), { id: 'C', queues: ['wait-q'], starts: [0] }],
  },
];
