// Scenarios of the calls rig: flows.
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { uowText } from '../root.ts';
import { simulatedNow } from '../simulated.ts';
import { done, type Playground, type Scenario } from './playground.ts';

const section = (name: string, id: string, ...fields: readonly string[]): string =>
  ['', `==== UNIT OF WORK ${name}`, '', `label :: ${id}`, 'command :: true', ...fields, ''].join('\n');

const three = section('a', 'A') + section('b', 'B', 'after :: a') + section('c', 'C', 'after :: b');

export const flows: readonly Scenario[] = [
  {
    title: 'a flow that is taken in and runs, one whose name is taken, and one that is none',
    config: 'slots: 2',
    prepare(root) {
      put(root, 'wait-q/f', three);
      put(root, 'priority-q/f', section('a', 'D'));
      put(root, 'wait-q/bad', section('a', 'BAD', 'after :: nosuch'));
    },
    expected: [done('A'), done('B'), done('C'), done('D')],
    mayHave: ['BAD'],
    problems: (root) => [
      ...ordered(root),
      ...statuses(root, 'done 3 of 3 done', 'done 1 of 1 done'),
      ...leftOver(root),
    ],
  },
  {
    title: 'a flow of which one ends badly, paused and let go on',
    config: 'slots: 2',
    exit: { 'f.b': 3 },
    prepare(root) {
      put(root, 'wait-q/f', three);
      root.message('PAUSE');
    },
    meanwhile({ message }) {
      for (const line of ['PAUSE FLOW f', 'RESUME', 'RESUME FLOW f']) message(line);
    },
    expected: [
      // What the disk refuses of a message is its answer: then it stays paused.
      { id: 'A', queues: ['done-q', 'wait-q'], starts: [0, 1] },
      { id: 'B', queues: ['error-q', 'wait-q'], starts: [0, 1] },
      { id: 'C', queues: ['wait-q'], starts: [0] },
    ],
    problems: leftOver,
  },
  ...(
    [
      ['when the drop was set aside', 'apply/take-in-flow.ts create', 1],
      ['when its file was to stand in flows/', 'apply/take-in-flow.ts link', 1],
      ['when its file stood in flows/', 'apply/batch.ts syncDirectory', 1],
      ['when its first UOW was to be linked', 'apply/take-in-flow.ts link', 2],
      ['when two of its UOWs stood in their queue', 'apply/take-in-flow.ts link', 4],
      ['when all of its UOWs did', 'apply/take-in-flow.ts overwrite', 1],
      ['when it was running and no first name was gone', 'apply/take-in-flow.ts unlink', 6],
    ] as const
  ).map(([title, place, at]): Scenario => ({
    title: `a crash in taking a flow in ${title}`,
    async prepare(root) {
      put(root, 'wait-q/f', three);
      await root.dieAt(place, at);
    },
    expected: [done('A'), done('B'), done('C')],
    problems: (root) => [...ordered(root), ...statuses(root, 'done 3 of 3 done'), ...leftOver(root)],
  })),
  {
    title: 'an array that is taken in and runs, and one that waits for all of it',
    config: 'slots: 2',
    prepare(root) {
      put(root, 'wait-q/f', arrayOfThree);
      root.drop('wait-q', 'sum', 'SUM', 'after :: f');
    },
    expected: [done('SUM')],
    mayHave: ['A'],
    problems: (root) => [...eachOnce(root), ...statuses(root, 'done 3 of 3 done'), ...leftOver(root)],
  },
  ...(
    [
      ['when its file was to stand in flows/', 'apply/take-in-flow.ts link', 1],
      ['when two of its UOWs stood in their queue', 'apply/take-in-flow.ts link', 4],
      ['when it was running and no first name was gone', 'apply/take-in-flow.ts unlink', 6],
    ] as const
  ).map(([title, place, at]): Scenario => ({
    title: `a crash in taking an array in ${title}`,
    async prepare(root) {
      put(root, 'wait-q/f', arrayOfThree);
      await root.dieAt(place, at);
    },
    expected: [],
    mayHave: ['A'],
    problems: (root) => [...eachOnce(root), ...statuses(root, 'done 3 of 3 done'), ...leftOver(root)],
  })),
  {
    title: 'a flow that uses another one',
    config: 'slots: 2',
    prepare(root) {
      putUsed(root);
      put(root, 'wait-q/f', using);
    },
    expected: [done('A'), done('B'), done('C')],
    mayHave: ['N'],
    problems: (root) => [...ordered(root), ...statuses(root, 'done 3 of 4 done'), ...leftOver(root)],
  },
  ...(
    [
      ['when its file was to stand in flows/', 'apply/take-in-flow.ts link', 1],
      ['when its file stood in flows/', 'apply/batch.ts syncDirectory', 1],
      ['when two of its UOWs stood in their queue', 'apply/take-in-flow.ts link', 4],
    ] as const
  ).map(([title, place, at]): Scenario => ({
    title: `a crash in taking a flow that uses another one in ${title}`,
    async prepare(root) {
      putUsed(root);
      put(root, 'wait-q/f', using);
      await root.dieAt(place, at);
      // It stands written out in flows/, or was not taken in and does without it no more.
      if (existsSync(root.path('flows/f'))) writeFileSync(root.path('schedules/used'), 'changed');
    },
    expected: [done('A'), done('B'), done('C')],
    mayHave: ['N'],
    problems: (root) => [...ordered(root), ...statuses(root, 'done 3 of 4 done'), ...leftOver(root)],
  })),
  {
    title: 'a flow that another UOW joins, and which is closed meanwhile',
    config: 'slots: 2',
    prepare(root) {
      put(root, 'wait-q/f', section('a', 'A', 'persistent :: yes'));
      root.drop('wait-q', 'b', 'B', 'flow :: f', 'after :: a');
    },
    meanwhile({ message }) {
      message('CLOSE FLOW f');
    },
    expected: [done('A'), done('B')],
    problems: (root) => [
      // What the disk refuses of a message is its answer: then it is open still. Closed, it is done.
      ...(flowsSay(root).every((text) => ['running 1 of 1 done', 'done closed 1 of 1 done'].includes(text))
        ? []
        : flowsSay(root)),
      ...leftOver(root),
    ],
  },
  {
    title: 'a crash in taking a flow in, behind which somebody dropped a file of the name of one of its UOWs',
    async prepare(root) {
      put(root, 'wait-q/f', three);
      await root.dieAt('apply/take-in-flow.ts link', 2);
      put(root, 'wait-q/f.b', uowText('label :: S', 'command :: true'));
    },
    expected: [done('A'), done('B'), done('C'), done('S')],
    problems: (root) => [...ordered(root), ...statuses(root, 'done 3 of 3 done'), ...leftOver(root)],
  },
];

const using =
  section('a', 'A') + '\n==== UNIT OF WORK in\n\nuse :: used\nafter :: a\n' + section('c', 'C', 'after :: in');

/** Its second UOW waits for what does not come, and is not needed. */
function putUsed(root: Playground): void {
  mkdirSync(root.path('schedules'), { recursive: true });
  put(root, 'schedules/used', section('b', 'B', 'enabled :: no') + section('n', 'N', 'after-not-ok :: b'));
}

const arrayOfThree = uowText('label :: A', 'command :: true', 'array :: 1-3%1');

/** Each of an array started once, and is done. */
function eachOnce({ guardians, path }: Playground): readonly string[] {
  const names = ['f.1', 'f.2', 'f.3'];
  const started = guardians.starts.map(({ name }) => name).filter((name) => name.startsWith('f.'));
  const missing = names.filter((name) => !existsSync(path('done-q', name)));
  return [
    ...(started.toSorted().join() === names.join() ? [] : [`they started so: ${started.join(' ')}`]),
    ...missing.map((name) => `${name} is not done`),
  ];
}

function put({ path }: Playground, place: string, text: string): void {
  writeFileSync(path(place), text);
  // At rest for long.
  utimesSync(path(place), simulatedNow() / 1000 - 600, simulatedNow() / 1000 - 600);
}

function ordered({ guardians }: Playground): readonly string[] {
  const order = guardians.starts.map(({ label }) => label).filter((label) => 'ABC'.includes(label));
  return order.join('') === 'ABC' ? [] : [`they started so: ${order.join(' ')}`];
}

function flowsSay({ path }: Playground): readonly string[] {
  const names = existsSync(path('flows')) ? readdirSync(path('flows')) : [];
  return names.map((name) => {
    const text = readFileSync(path('flows', name), 'latin1');
    return /^==== STATUS\n\n(\S+ .*? done) \S+ *$/m.exec(text)?.[1] ?? `${name} has none`;
  });
}

function statuses(root: Playground, ...expected: readonly string[]): readonly string[] {
  const found = flowsSay(root);
  return found.toSorted().join() === [...expected].sort().join() ? [] : [`the flows say: ${found.join(', ')}`];
}

function leftOver({ path }: Playground): readonly string[] {
  const left = existsSync(path('.sjq/flowing')) ? readdirSync(path('.sjq/flowing')) : [];
  return left.map((name) => `.sjq/flowing/${name} was left`);
}
