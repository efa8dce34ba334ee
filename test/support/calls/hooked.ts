// Scenarios of the calls rig: hooks. Each that an end calls for begins at least once, and in which order and how often they run
// changes nothing about the end.
import type { Playground, Scenario } from './playground.ts';

const all = ['on-done :: d', 'on-error :: e', 'on-fail :: f', 'finally :: x'];

/** Gives what is wrong where the hooks of a UOW have not run with these words, or more often than so. */
function unhooked({ guardians }: Playground, label: string, words: string, atMost: number): readonly string[] {
  const own = guardians.hooks.filter(([of]) => of === label).map(([, ...each]) => each.join(' '));
  const wrong = own.filter((each) => each !== words).map((each) => `hooks of ${label} ran with ${each}`);
  if (own.length >= 1 && own.length <= atMost) return wrong;
  return [...wrong, `hooks of ${label} ran ${own.length} times`];
}

export const hooked: readonly Scenario[] = [
  {
    // A note that the disk refused is not there.
    title: 'hooks of jobs that end with done, error and fail, a result and a note behind them',
    config: 'slots: 3',
    exit: { b: 3, c: 126 },
    behaviour: { c: 'ends-later' },
    leaves: { a: { result: '{"rows": 3}' } },
    async prepare(root) {
      root.drop('wait-q', 'c', 'C', ...all);
      await root.untilRunning();
      root.message('NOTE c noted');
      root.drop('wait-q', 'a', 'A', ...all, 'idle-timeout :: 1h', 'log-max :: 1MB');
      root.drop('wait-q', 'b', 'B', ...all, 'error-when :: hook');
    },
    expected: [
      {
        ...{ id: 'A', queues: ['done-q'], starts: [1] },
        log: /^out 1\nend 1\n\n==== HOOKS \S+\nhook 1\nhooked 1\n(hook 1\nhooked 1\n)?\n==== RESULT [^\n]*\n$/,
      },
      { id: 'B', queues: ['error-q'], starts: [1], log: /^out 1\nend 1\n\n==== HOOKS \S+\n(hook 1\nhooked 1\n)+$/ },
      {
        id: 'C',
        queues: ['fail-q'],
        starts: [1],
        log: /^out 1\nend 1\n\n==== HOOKS \S+\n(hook 1\nhooked 1\n)+(\n==== NOTE [^\n]*\n)?$/,
      },
    ],
    problems: (root) => [
      ...unhooked(root, 'A', 'done exit=0 0 on-done d finally x', 2),
      ...unhooked(root, 'B', 'error exit=3 3 on-error e finally x', 2),
      ...unhooked(root, 'C', 'fail cannot-start  on-fail f finally x', 2),
    ],
  },
  {
    title: 'hooks of a UOW that is tried again, and of one whose guardian was killed',
    config: 'slots: 2',
    exit: { a: 3 },
    behaviour: { b: 'guardian-killed' },
    prepare({ drop }) {
      drop('wait-q', 'a', 'A', 'retries :: 1', 'retry-delay :: 1s', 'on-error :: e', 'on-error :: e2');
      drop('wait-q', 'b', 'B', ...all);
    },
    expected: [
      { id: 'A', queues: ['error-q'], starts: [2] },
      { id: 'B', queues: ['fail-q'], starts: [1] },
    ],
    problems: (root) => [
      ...unhooked(root, 'A', 'error exit=3 3 on-error e on-error e2', 2),
      ...unhooked(root, 'B', 'fail interrupted  on-fail f finally x', 2),
    ],
  },
  {
    title: 'hooks whose guardian is killed, once and each time',
    config: 'slots: 2',
    behaviour: { a: 'hooks-killed-first', b: 'hooks-killed' },
    prepare({ drop }) {
      drop('wait-q', 'a', 'A', ...all);
      drop('wait-q', 'b', 'B', ...all);
    },
    expected: [
      { id: 'A', queues: ['done-q'], starts: [1], log: /^out 1\nend 1\n\n==== HOOKS \S+\n(hook 1\n)+hooked 1\n$/ },
      { id: 'B', queues: ['done-q'], starts: [1], log: /^out 1\nend 1\n\n==== HOOKS \S+\n(hook 1\n)+$/ },
    ],
    problems: (root) => [
      ...unhooked(root, 'A', 'done exit=0 0 on-done d finally x', 3),
      ...unhooked(root, 'B', 'done exit=0 0 on-done d finally x', 3),
    ],
  },
];
