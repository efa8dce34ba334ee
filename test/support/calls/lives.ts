// Scenarios of the calls rig: a UOW from its drop to its end.
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { uowText } from '../root.ts';
import { simulatedNow, submitted } from '../simulated.ts';
import { done, isRoot, type Playground, type Scenario } from './playground.ts';

// A flow has its scenarios here as soon as the product has it.
export const lives: readonly Scenario[] = [
  {
    title: 'an unstamped drop',
    prepare: ({ drop }) => drop('wait-q', 'a', 'A'),
    expected: [done('A')],
  },
  {
    title: 'two drops of one name in both queues, and a third whose name is the suffixed one',
    config: 'slots: 2',
    prepare({ drop }) {
      drop('wait-q', 'a', 'A');
      drop('priority-q', 'a', 'B');
      drop('wait-q', 'a~2', 'C');
    },
    expected: [done('A'), done('B'), done('C')],
  },
  {
    title: 'a submitted UOW',
    prepare({ dir }) {
      submitted(dir, 'a', uowText('label :: A', 'command :: true'), { kind: 'none' });
    },
    expected: [done('A')],
  },
  {
    title: 'jobs that end with done, error and fail, one of them later',
    config: 'slots: 3',
    behaviour: { a: 'ends-later' },
    exit: { b: 3, c: 126 },
    prepare({ drop }) {
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B', 'rate :: 10/s');
      drop('wait-q', 'c', 'C', 'error-when :: never');
    },
    expected: [done('A'), { id: 'B', queues: ['error-q'], starts: [1] }, { id: 'C', queues: ['fail-q'], starts: [1] }],
  },
  {
    // A claim that a full disk undid leaves its line, or a piece of that, in the log: then there are two.
    title: 'a rerun by mv',
    exit: { a: 3 },
    async prepare({ drop, quiet, move }) {
      drop('wait-q', 'a', 'A');
      await quiet();
      move(['error-q', 'a'], ['wait-q', 'a']);
    },
    expected: [
      { id: 'A', queues: ['error-q'], starts: [2], log: /^out 1\nend 1\n[^]*\n==== ATTEMPT 2 .*\nout 2\nend 2\n$/ },
    ],
  },
  {
    title: 'a UOW moved by hand into currently-executing, and one renamed to a name that is taken',
    async prepare({ drop, quiet, move }) {
      drop('wait-q', 'a', 'A');
      drop('trash', 'b', 'B');
      await quiet();
      drop('currently-executing', 'c', 'C');
      move(['trash', 'b'], ['wait-q', 'a']);
    },
    expected: [done('A'), done('B'), done('C')],
  },
  {
    title: 'a stamped UOW whose name is taken, brought back while the monitor runs',
    behaviour: { a: 'guardian-killed' },
    async prepare({ drop, quiet }) {
      drop('wait-q', 'a', 'A', 'idempotent :: no');
      await quiet();
      drop('wait-q', 'a', 'B');
    },
    expected: [
      { id: 'A', queues: ['fail-q'], starts: [1] },
      { id: 'B', queues: ['fail-q', 'done-q'], starts: [1] },
    ],
  },
  {
    title: 'a guardian that was killed',
    behaviour: { a: 'guardian-killed' },
    prepare: ({ drop }) => drop('wait-q', 'a', 'A'),
    expected: [{ id: 'A', queues: ['fail-q'], starts: [1] }],
  },
  {
    title: 'a guardian that was killed, of a UOW that is idempotent',
    behaviour: { a: 'guardian-killed-first' },
    prepare: ({ drop }) => drop('wait-q', 'a', 'A', 'idempotent :: yes'),
    expected: [{ id: 'A', queues: ['done-q'], starts: [2], log: /^out 1\n[^]*\n==== ATTEMPT 2 .*\nout 2\nend 2\n$/ }],
  },
  {
    title: 'a UOW that is tried again, and once more',
    exit: { a: 3 },
    leaves: { a: { result: '{"rows": 3}' } },
    prepare: ({ drop }) => drop('priority-q', 'a', 'A', 'retries :: 2', 'retry-delay :: 1s'),
    expected: [
      {
        ...{ id: 'A', queues: ['error-q'], starts: [3] },
        log: /^out 1\nend 1\n\n==== RESULT [^\n]*\n[^]*\n==== ATTEMPT 2 [^\n]*\nout 2\nend 2\n[^]*\n==== ATTEMPT 3 [^\n]*\nout 3\nend 3\n[^]*$/,
      },
    ],
  },
  {
    title: 'UOWs whose ttl is over, for fail-q, done-q and trash',
    config: 'slots: 2',
    prepare({ drop, message }) {
      message('PAUSE');
      drop('wait-q', 'a', 'A', 'ttl :: 1s');
      drop('priority-q', 'b', 'B', 'ttl :: 1s', 'on-expire :: skip');
      drop('wait-q', 'c', 'C', 'ttl :: 1s', 'on-expire :: trash');
    },
    expected: [
      { id: 'A', queues: ['fail-q'], starts: [0] },
      { id: 'B', queues: ['done-q'], starts: [0] },
      { id: 'C', queues: ['trash'], starts: [0] },
    ],
  },
  {
    title: 'a request that the launcher never came to',
    behaviour: { a: 'never-asked-first' },
    prepare: ({ drop }) => drop('wait-q', 'a', 'A'),
    expected: [done('A')],
  },
  {
    title: 'a root that was restored without its .sjq',
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      root.drop('wait-q', 'b', 'B', 'idempotent :: yes');
      await root.quiet();
      restoreAsRunning(root, 'a');
      restoreAsRunning(root, 'b');
      rmSync(join(root.dir, '.sjq'), { recursive: true });
    },
    expected: [
      { id: 'A', queues: ['fail-q'], starts: [1] },
      { id: 'B', queues: ['done-q'], starts: [2] },
    ],
  },
  {
    title: 'a file that is no UOW, and a second README',
    prepare({ dir, drop }) {
      drop('wait-q', 'a', 'A');
      writeFileSync(join(dir, 'wait-q/bad'), 'label :: BAD\nnot a UOW\n');
      writeFileSync(join(dir, 'wait-q/README'), 'one');
      writeFileSync(join(dir, 'wait-q/README.md'), 'two');
    },
    expected: [done('A'), { id: 'BAD', queues: ['trash'] }],
  },

  {
    title: 'a status that is posted in the root, of jobs that tell their progress',
    config: 'status: {dir: status}\nslots: 2\ndurability: process',
    behaviour: { a: 'ends-later' },
    exit: { b: 2 },
    leaves: { a: { progress: '40 half of it\n', result: '{"rows": 3}' } },
    prepare({ drop }) {
      for (const name of ['a', 'b', 'c']) drop('wait-q', name, name.toUpperCase());
    },
    expected: [
      done('A', /^out 1\nend 1\n\n?==== RESULT .*\n$/),
      { id: 'B', queues: ['error-q'], starts: [1] },
      done('C'),
    ],
    problems: ({ path }) => (existsSync(path('status/status.json')) ? [] : ['the status was not posted']),
  },
  {
    title: 'a status that is posted outside the root, with copies',
    config: 'status: {dir: STATUS_DIR}',
    exit: { b: 2 },
    async prepare({ drop, quiet, path }) {
      drop('wait-q', 'a', 'A', `env.LONG :: ${'x'.repeat(5000)}`);
      await quiet();
      mkdirSync(path('../web/uow'), { recursive: true });
      writeFileSync(path('../web/uow/b.txt'), 'somebody’s');
      drop('wait-q', 'b', 'B');
      drop('wait-q', 'c', 'C');
    },
    meanwhile: ({ path }) => renameSync(path('done-q/a'), path('archive/a')),
    expected: [{ id: 'A', queues: ['archive'], starts: [1] }, { id: 'B', queues: ['error-q'], starts: [1] }, done('C')],
    problems: ({ path }) => [
      ...(existsSync(path('../web/index.html')) ? [] : ['the status was not posted']),
      ...(readFileSync(path('../web/uow/b.txt'), 'utf8') === 'somebody’s' ? [] : ['a stranger’s file was replaced']),
    ],
  },
  {
    title: 'a status that is posted in a directory that is not there yet, and copies of what goes away',
    config: 'status: {dir: STATUS_DIR}',
    prepare({ drop, message }) {
      message('PAUSE');
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B');
    },
    meanwhile({ message, path }) {
      rmSync(path('wait-q/a'));
      message('RESUME');
    },
    expected: [done('B')],
  },
  {
    title: 'a job type with an env-file and a secret, and one that nobody offers',
    config: 'slots: 3',
    prepare({ drop, path }) {
      mkdirSync(path('job-types'));
      writeFileSync(path('job-types/copy.yaml'), 'name: copy\nversion: "1"\nargv: ["true"]\nfields: {label: {}}\n');
      writeFileSync(path('job-types/bad.yaml'), 'name: [\n');
      writeFileSync(path('variables'), 'ONE=1\n');
      writeFileSync(path('wait-q/a'), uowText('label :: A', 'job :: copy', 'env-file :: variables'));
      writeFileSync(path('wait-q/b'), uowText('label :: B', 'job :: nobody-offers-it'));
      drop('wait-q', 'c', 'C', 'secret.KEY :: variables', 'error-when :: nothing');
    },
    isHinted: true,
    expected: [
      // An env-file that cannot be read just then keeps its job from starting.
      { id: 'A', queues: ['done-q', 'fail-q'], starts: [0, 1] },
      { id: 'B', queues: ['fail-q'], starts: [0] },
      // An output that cannot be searched is not called good.
      { id: 'C', queues: ['done-q', 'error-q'], starts: [1] },
    ],
  },
  {
    title: 'a job whose guardian is killed while a line of its output is looked for',
    config: 'slots: 2',
    behaviour: { a: 'guardian-killed' },
    leaves: { b: { result: 'no JSON' } },
    prepare({ drop }) {
      drop('wait-q', 'a', 'A', 'fail-when :: out');
      drop('wait-q', 'b', 'B', 'fail-when :: nothing');
    },
    expected: [
      { id: 'A', queues: ['fail-q'], starts: [1] },
      { id: 'B', queues: ['error-q'], starts: [1] },
    ],
  },
  {
    title: 'a claimed UOW without a record',
    prepare({ dir }) {
      submitted(dir, 'a', uowText('label :: A', 'command :: true'), { kind: 'none' });
      mkdirSync(join(dir, '.sjq/claimed'), { recursive: true });
      renameSync(join(dir, 'wait-q/a'), join(dir, '.sjq/claimed/1795329066-2-1-abcdef.uow'));
    },
    expected: [{ id: 'A', queues: ['fail-q'], starts: [0] }],
  },
  {
    title: 'a drop of another user, a head of many pages, one just written, and what is no regular file',
    config: 'slots: 2\nallow_users: [nobody]',
    prepare({ drop, path }) {
      drop('wait-q', 'a', 'A', ...Array.from({ length: 300 }, (_, at) => `note${at} :: ${'x'.repeat(20)}`));
      drop('wait-q', 'b', 'B', ...(isRoot ? ['user :: nobody'] : []));
      if (isRoot) chownSync(path('wait-q/b'), 65_534, 65_534);
      utimesSync(path('wait-q/a'), simulatedNow() / 1000, simulatedNow() / 1000);
      symlinkSync('/etc/passwd', path('wait-q/link'));
    },
    expected: [done('A'), done('B')],
    mayHave: [''],
  },
];

/** Makes a UOW that has ended one of a backup that was taken while it ran: a file of its own, its STATUS still running. */
function restoreAsRunning({ dir }: Playground, name: string): void {
  const text = readFileSync(join(dir, 'done-q', name), 'latin1');
  rmSync(join(dir, 'done-q', name));
  const running = text.replace(/done exit=0 #1 (\S+) \S+/, (whole, at: string) =>
    `running #1 ${at}`.padEnd(whole.length),
  );
  writeFileSync(join(dir, 'currently-executing', name), running, 'latin1');
}
