// Scenarios of the calls rig: what people ask for in monitor_reads.
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { uowText } from '../root.ts';
import { done, isRoot, type Scenario, textOf } from './playground.ts';

export const messages: readonly Scenario[] = [
  {
    title: 'KILL JOB of a job that the monitor before has started',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      root.drop('wait-q', 'b', 'B');
      await root.untilRunning();
      root.message('KILL JOB a');
    },
    expected: [{ id: 'A', queues: ['fail-q', 'done-q'], starts: [1] }, done('B')],
  },
  {
    title: 'SLOTS 2, which is kept',
    prepare({ drop, message }) {
      message('SLOTS 2');
      message('HELP');
      drop('wait-q', 'a', 'A');
    },
    expected: [done('A')],
    problems({ dir }) {
      const path = join(dir, '.sjq/control');
      const isKept = existsSync(path) && readFileSync(path, 'utf8').includes('"slots":2');
      return unanswered(dir, { 'SLOTS 2': () => isKept });
    },
  },
  {
    title: 'RESOURCE, which is kept, and lets go what waited for it',
    config: 'resources: {license: 0}',
    prepare({ drop, message }) {
      drop('priority-q', 'a', 'A', 'needs :: license 2');
      drop('wait-q', 'b', 'B');
      message('RESOURCE license 2');
    },
    expected: [done('A'), done('B')],
    problems({ dir }) {
      const path = join(dir, '.sjq/control');
      const isKept = existsSync(path) && readFileSync(path, 'utf8').includes('"license":2');
      return unanswered(dir, { 'RESOURCE license 2': () => isKept });
    },
  },
  {
    title: 'PAUSE GROUP, which is kept, and RESUME GROUP of another',
    config: 'slots: 2\ngroups: {g: {slots: 1}, h: {priority: 2}}',
    prepare({ drop, message }) {
      for (const line of ['PAUSE GROUP g', 'PAUSE GROUP h', 'RESUME GROUP h']) message(line);
      drop('wait-q', 'a', 'A', 'group :: g');
      drop('wait-q', 'b', 'B', 'group :: h');
    },
    meanwhile: ({ message }) => message('RESUME GROUP g'),
    expected: [done('A'), done('B')],
  },
  {
    title: 'HOLD, NOTE and PRIORITY of a waiting UOW',
    prepare({ drop, message }) {
      drop('wait-q', 'a', 'A');
      for (const line of ['PAUSE', 'HOLD a', 'NOTE a one', 'PRIORITY a 7', 'NOTE a two', 'RESUME']) message(line);
    },
    expected: [{ id: 'A', queues: ['wait-q', 'done-q'] }],
    problems: ({ dir }) =>
      unanswered(dir, {
        'HOLD a': (text) => /^waiting held #0 /m.test(text('wait-q/a')),
        'NOTE a one': (text) => onlyOne(text('wait-q/a', 'done-q/a'), / - one\n/g),
        'NOTE a two': (text) => onlyOne(text('wait-q/a', 'done-q/a'), / - two\n/g),
        'PRIORITY a 7': (text) => onlyOne(text('wait-q/a', 'done-q/a'), /^priority :: 7\n/gm),
      }),
  },
  {
    title: 'RETRY of what ended in error, ACK and CONTINUE of another',
    exit: { a: 3, b: 4 },
    async prepare({ drop, quiet, message }) {
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B');
      await quiet();
      for (const line of ['ACK b somebody looks', 'CONTINUE b', 'RETRY a']) message(line);
    },
    expected: [
      { id: 'A', queues: ['error-q'], starts: [1, 2] },
      { id: 'B', queues: ['error-q'], starts: [1] },
    ],
    problems: ({ dir, guardians }) =>
      unanswered(dir, {
        'ACK b somebody looks': (text) => onlyOne(text('error-q/b'), /^==== NOTE \S+ - somebody looks\n/gm),
        'CONTINUE b': (text) => /^error exit=4 (ack )?cont #1 /m.test(text('error-q/b')),
        'RETRY a': () => guardians.starts.some(({ name, attempt }) => name === 'a' && attempt === 2),
      }),
  },
  {
    title: 'RETRY of a UOW that waits for its retry, which is tried now',
    exit: { a: 3 },
    async prepare({ drop, quiet, message }) {
      drop('wait-q', 'a', 'A', 'retries :: 2', 'retry-delay :: 1d');
      await quiet();
      message('RETRY a');
    },
    expected: [{ id: 'A', queues: ['wait-q'], starts: [1, 2] }],
    problems: ({ dir, guardians }) =>
      unanswered(dir, { 'RETRY a': () => guardians.starts.some(({ attempt }) => attempt === 2) }),
  },
  {
    title: 'NOTE on a running job',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      await root.untilRunning();
      root.message('NOTE a one');
    },
    expected: [done('A', /^out 1\nend 1\n(\n==== NOTE [^\n]*\n?)*$/)],
    problems: ({ dir }) =>
      unanswered(dir, { 'NOTE a one': (text) => onlyOne(text('done-q/a'), /^==== NOTE \S+ - one\n/gm) }),
  },
  {
    title: 'CANCEL and SKIP of waiting UOWs',
    prepare({ drop, message }) {
      drop('wait-q', 'a', 'A');
      drop('priority-q', 'b', 'B');
      for (const line of ['PAUSE', 'CANCEL a', 'SKIP b']) message(line);
    },
    expected: [
      { id: 'A', queues: ['archive', 'wait-q'], starts: [0] },
      { id: 'B', queues: ['done-q', 'priority-q'], starts: [0] },
    ],
    problems: ({ dir }) =>
      unanswered(dir, {
        'CANCEL a': (text) =>
          /^cancelled #0 /m.test(text('archive/a')) && onlyOne(text('history.jsonl'), /"cancelled".*\}\n/g),
        'SKIP b': (text) =>
          /^skipped #0 /m.test(text('done-q/b')) && onlyOne(text('history.jsonl'), /"skipped".*\}\n/g),
      }),
  },
  {
    title: 'SUBMIT of a job type',
    prepare({ dir, message }) {
      mkdirSync(join(dir, 'job-types'));
      writeFileSync(
        join(dir, 'job-types/copy.yaml'),
        'name: copy\nversion: "1"\nargv: ["true"]\nfields: {label: {}}\n',
      );
      message('SUBMIT copy label=A');
    },
    expected: [],
    problems: ({ dir, guardians }) => [
      ...unanswered(dir, { 'SUBMIT copy label=A': () => guardians.starts.length === 1 }),
      ...(guardians.starts.length > 1 ? ['it was submitted twice'] : []),
    ],
    mayHave: ['A'],
  },
  {
    title: 'RELOAD of a config.yaml that changed, and one that is no good',
    isHinted: true,
    async prepare({ drop, quiet, message, path }) {
      drop('wait-q', 'a', 'A');
      await quiet();
      // Kept elsewhere, as who keeps all configuration in one place does.
      writeFileSync(path('kept.yaml'), 'sleep: 20s\nstatus: off\nslots: 2\nready: {free_disk: 1B}\n');
      rmSync(path('config.yaml'));
      symlinkSync('kept.yaml', path('config.yaml'));
      drop('wait-q', 'b', 'B');
      message('PAUSE');
      message('RELOAD');
      message('RESUME');
    },
    meanwhile({ path, message, drop }) {
      writeFileSync(path('config.yaml'), 'slots: none\n');
      message('RELOAD by=anna');
      writeFileSync(path('config.yaml'), 'sleep: 20s\nstatus: off\n');
      drop('wait-q', 'c', 'C');
    },
    expected: [done('A'), done('B'), done('C')],
    problems: ({ dir }) => unanswered(dir, { PAUSE: () => true, RESUME: () => true }),
  },
  {
    title: 'SUSPEND JOB and RESUME JOB',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      await root.untilRunning();
      root.message('SUSPEND JOB a');
    },
    meanwhile: ({ message }) => message('RESUME JOB a'),
    expected: [done('A')],
    problems: ({ dir }) => unanswered(dir, { 'SUSPEND JOB a': () => true, 'RESUME JOB a': () => true }),
  },
  {
    title: 'RELEASE, RETRY, SKIP and CANCEL of what has ended and what is put away',
    exit: { a: 3, b: 4 },
    async prepare({ drop, quiet, message, path }) {
      for (const name of ['a', 'b', 'c']) drop('wait-q', name, name.toUpperCase());
      await quiet();
      message('PAUSE');
      message('NOTE c well done');
      drop('wait-q', 'd', 'D');
      writeFileSync(path('wait-q/e'), 'timestamp: 1795329066-7 enqueued\n' + uowText('label :: E', 'command :: true'));
      message('HOLD d');
      message('CANCEL e');
    },
    meanwhile({ message }) {
      for (const line of ['RELEASE d', 'RETRY e', 'RETRY b', 'RESUME']) message(line);
    },
    expected: [
      { id: 'A', queues: ['error-q'], starts: [1] },
      { id: 'B', queues: ['error-q'], starts: [1, 2] },
      // One that a full disk cut off was refused.
      done('C', /^out 1\nend 1\n(\n==== NOTE \S+ - well done\n|\n==== NOTE \S*)?$/),
      // One whose RELEASE a fault refused still waits.
      { id: 'D', queues: ['wait-q', 'done-q'], starts: [0, 1] },
      { id: 'E', queues: ['archive', 'wait-q', 'done-q'], starts: [0, 1] },
    ],
    problems: ({ dir }) =>
      unanswered(dir, {
        'NOTE c well done': (text) => onlyOne(text('done-q/c'), /^==== NOTE \S+ - well done\n/gm),
        'HOLD d': () => true,
        'RELEASE d': () => true,
        'CANCEL e': () => true,
        'RETRY e': (text) => text('done-q/e', 'wait-q/e') !== '',
        'RETRY b': () => true,
      }),
  },
  {
    title: 'SHUTDOWN KILL',
    behaviour: { a: 'ends-later' },
    async prepare(root) {
      root.drop('wait-q', 'a', 'A');
      await root.untilRunning();
      root.drop('wait-q', 'b', 'B');
      root.message('SHUTDOWN KILL');
    },
    expected: [{ id: 'A', queues: ['fail-q', 'done-q'], starts: [1] }, done('B')],
    problems: ({ dir }) => unanswered(dir, { 'SHUTDOWN KILL': () => true }),
  },
  {
    title: 'messages with comments between them, and a message file that an editor replaced',
    prepare({ drop, message, path }) {
      drop('wait-q', 'a', 'A');
      writeFileSync(path('monitor_reads'), '# mine\n');
      message('PAUSE');
      message('# about b');
      if (isRoot) chownSync(path('monitor_reads'), 65_534, 65_534);
    },
    meanwhile({ message, path }) {
      // The line was appended when the editor had read the file, and before it saved.
      message('RESUME');
      writeFileSync(path('.new'), '# edited\nHELP\n');
      renameSync(path('.new'), path('monitor_reads'));
    },
    expected: [{ id: 'A', queues: ['wait-q', 'done-q'], starts: [0, 1] }],
    problems: ({ dir }) => unanswered(dir, { PAUSE: () => true }),
  },
];

/**
 * Gives the messages that were not answered once, and those that were answered as done and are not. One that met a fault of the
 * disk may be refused.
 */
function unanswered(
  dir: string,
  messages: Readonly<Record<string, (text: (...paths: readonly string[]) => string) => boolean>>,
): readonly string[] {
  const text = (...paths: readonly string[]): string => textOf(dir, ...paths);
  const says = text('monitor_says').split('\n');
  return Object.entries(messages).flatMap(([line, isDone]) => {
    const shown = line.includes(' ') ? `to="${line}"` : `to=${line}`;
    const answers = says.filter((each) => / (answer|refused) - /.test(each) && each.includes(shown));
    if (answers.length !== 1) return [`${line} was answered ${answers.length} times: ${answers.join(' | ')}`];
    if (answers[0]?.includes(' refused ')) return [];
    return isDone(text) ? [] : [`${line} was answered, and is not done`];
  });
}

function onlyOne(text: string, pattern: RegExp): boolean {
  return text.match(pattern)?.length === 1;
}
