// Scenarios of the calls rig: what people's hands and jobs do to UOWs and directories under the monitor.
import { chownSync, existsSync, linkSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { done, isRoot, type Playground, type Scenario } from './playground.ts';

export const hands: readonly Scenario[] = [
  {
    // After a crash A may have ended before anybody looks at B.
    title: 'two UOWs that are unique by the same key, and one by another',
    config: 'slots: 3',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A', 'unique :: k');
      await root.untilRunning();
      root.drop('wait-q', 'b', 'B', 'unique :: k');
      root.drop('priority-q', 'c', 'C', 'unique :: other');
    },
    expected: [done('A'), { id: 'B', queues: ['trash', 'done-q'] }, done('C')],
  },
  {
    title: 'a file under the name of a held UOW that was removed',
    prepare({ drop, message }) {
      drop('wait-q', 'a', 'A');
      for (const line of ['PAUSE', 'HOLD a', 'RESUME']) message(line);
    },
    meanwhile({ path, drop }) {
      rmSync(path('wait-q/a'), { force: true });
      drop('wait-q', 'a', 'B');
    },
    expected: [done('B')],
    // One whose HOLD a fault refused has run by then.
    mayHave: ['A'],
  },
  {
    title: 'a running UOW whose head is edited in place',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      if (isRoot) chownSync(root.path('wait-q/a'), 65_534, 65_534);
      await root.untilRunning();
    },
    meanwhile({ path }) {
      const uow = path('currently-executing/a');
      if (!existsSync(uow)) return;
      writeFileSync(uow, readFileSync(uow, 'latin1').replace('label :: A', 'label :: EDITED'));
    },
    expected: [done('A')],
    // What was edited: its head is in trash then, its log in the file that took its place.
    mayDelete: ['currently-executing/a'],
    mayHave: ['EDITED'],
  },
  {
    title: 'a running UOW that is moved, and one that an editor replaces',
    config: 'slots: 2',
    behaviour: { a: 'ends-later', b: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      root.drop('wait-q', 'b', 'B');
      await root.untilRunning();
    },
    meanwhile({ path, move, guardians }) {
      if (guardians.alive < 2) return;
      move(['currently-executing', 'a'], ['done-q', 'other']);
      const text = readFileSync(path('currently-executing/b'), 'latin1').replace('label :: B', 'label :: EDITED');
      rmSync(path('currently-executing/b'));
      writeFileSync(path('currently-executing/b'), text);
    },
    expected: [done('A'), done('B')],
    mayHave: ['EDITED'],
  },
  {
    title: 'waiting UOWs that are removed, put away and put into done-q by hand',
    prepare({ drop, message }) {
      message('PAUSE');
      for (const name of ['a', 'b', 'c', 'd']) drop('wait-q', name, name.toUpperCase());
    },
    meanwhile(root) {
      const { move, path, message } = root;
      rmSync(path('wait-q/a'));
      move(['wait-q', 'b'], ['archive', 'b']);
      move(['wait-q', 'c'], ['done-q', 'c']);
      message('RESUME');
    },
    expected: [done('D')],
    // Their STATUS says what a person's hand made of them, unless the monitor died before it could see that: the queue wins.
    mayHave: ['B', 'C'],
    mayNeedDoctor: [
      'archive/b: STATUS says waiting, and it stands in archive',
      'done-q/c: STATUS says waiting, and it stands in done-q',
    ],
    problems: ({ path }) => ['archive/b', 'done-q/c'].filter((place) => !existsSync(path(place))),
  },
  {
    title: 'a queue whose directory somebody removed, and an ended UOW put into another queue',
    behaviour: { b: 'ends-later' },
    exit: { a: 3 },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      await root.quiet();
      root.drop('wait-q', 'b', 'B');
      await root.untilRunning();
    },
    meanwhile(root) {
      removeQueue(root, 'done-q');
      root.move(['error-q', 'a'], ['archive', 'a']);
      writeFileSync(root.path('fail-q/bad'), 'no UOW\n');
    },
    expected: [{ id: 'A', queues: ['archive'], starts: [1] }, done('B')],
    mayHave: [''],
  },
  {
    title: 'a rerun under a name that is taken, and a second name of a UOW that waits',
    config: 'slots: 2',
    async prepare({ drop, quiet, message }) {
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B');
      await quiet();
      message('PAUSE');
      drop('wait-q', 'c', 'C');
      await quiet();
    },
    meanwhile({ move, path, message }) {
      move(['done-q', 'b'], ['wait-q', 'a']);
      linkSync(path('wait-q/c'), path('priority-q/c'));
      message('RESUME');
    },
    expected: [done('A'), { id: 'B', queues: ['done-q'], starts: [2] }, { id: 'C', queues: ['done-q'], starts: [1] }],
  },
  {
    title: 'drops that have a name in both queues',
    config: 'slots: 2',
    prepare({ drop, path }) {
      drop('wait-q', 'a', 'A');
      linkSync(path('wait-q/a'), path('priority-q/b'));
      drop('priority-q', 'c', 'C');
      linkSync(path('priority-q/c'), path('wait-q/c'));
    },
    expected: [done('A'), done('C')],
  },
  {
    title: 'copies of a UOW that waits, and of a rerun',
    config: 'slots: 2',
    async prepare({ drop, quiet, message }) {
      drop('wait-q', 'a', 'A');
      await quiet();
      message('PAUSE');
      drop('wait-q', 'b', 'B');
      await quiet();
      for (const line of ['HOLD b', 'RESUME']) message(line);
      await quiet();
    },
    meanwhile(root) {
      root.move(['done-q', 'a'], ['wait-q', 'd']);
      copy(root, 'wait-q/b', 'wait-q/c', 'C');
      copy(root, 'wait-q/d', 'priority-q/e', 'E');
    },
    // Which of two files is the copy nobody can tell if the one that came first could not be looked at.
    expected: [
      ...['A', 'E'].map((id) => ({ id, queues: ['done-q'], starts: [1, 2] }) as const),
      ...['B', 'C'].map((id) => ({ id, queues: ['wait-q'], starts: [0] }) as const),
    ],
    problems: ({ guardians }) => (guardians.starts.length === 3 ? [] : ['the rerun and its copy are not two']),
  },
  {
    title: 'currently-executing, which somebody removed while a job ran',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      await root.untilRunning();
    },
    meanwhile(root) {
      rmSync(root.path('currently-executing/a'), { force: true });
      removeQueue(root, 'currently-executing');
    },
    expected: [done('A')],
  },
];

function removeQueue({ path }: Playground, queue: string): void {
  if (readdirSync(path(queue)).length === 0) rmdirSync(path(queue));
}

/** Copies a UOW and gives the copy a label of its own. */
function copy({ path }: Playground, from: string, to: string, id: string): void {
  writeFileSync(path(to), readFileSync(path(from), 'latin1').replace(/label :: \S+/, `label :: ${id}`), 'latin1');
}
