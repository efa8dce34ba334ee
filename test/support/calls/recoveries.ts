// Scenarios of the calls rig: what a monitor that died left behind, for the next one to end. The faults come to that one.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { done, type Scenario, textOf } from './playground.ts';

/** A crash at one place in the life of a plain UOW, after which it must still run once and well. */
const plain = (title: string, place: string, at = 1): Scenario => ({
  title: `a crash ${title}`,
  async prepare({ drop, dieAt }) {
    drop('wait-q', 'a', 'A');
    await dieAt(place, at);
  },
  expected: [done('A')],
});

export const recoveries: readonly Scenario[] = [
  plain('when a drop was set aside', 'apply/take-in.ts create'),
  plain('when the copy was made', 'apply/take-in.ts link'),
  plain('when the copy was linked in', 'apply/batch.ts syncDirectory'),
  plain('when the original was dropped, and its copy not', 'apply/batch.ts syncDirectory', 2),
  plain('when the record was written', 'apply/claim.ts link'),
  plain('when the second link was made', 'apply/write-status.ts overwrite'),
  plain('when the UOW had its name in currently-executing', 'apply/until-done.ts unlink'),
  plain('when STATUS told the end', 'apply/destination.ts overwrite'),
  plain('when the destination was decided', 'apply/destination.ts link'),
  plain('when the UOW had its name in done-q', 'apply/destination.ts unlink'),
  plain('when the line of history was written', 'survey/runs.ts unlink'),
  plain('when the second link was gone', 'survey/runs.ts unlink', 3),
  {
    title: 'a crash when the line between two attempts was to be written',
    exit: { a: 3 },
    async prepare({ drop, quiet, move, dieAt }) {
      drop('wait-q', 'a', 'A');
      await quiet();
      move(['error-q', 'a'], ['wait-q', 'a']);
      await dieAt('apply/claim.ts append');
    },
    expected: [
      { id: 'A', queues: ['error-q'], starts: [2], log: /^out 1\nend 1\n[^]*\n==== ATTEMPT 2 .*\nout 2\nend 2\n$/ },
    ],
  },
  {
    title: 'a crash when the name of a UOW was taken, and its original has another then',
    async prepare({ drop, quiet, dieAt }) {
      drop('wait-q', 'a', 'A');
      await quiet();
      drop('wait-q', 'a', 'B');
      await dieAt('apply/batch.ts syncDirectory');
      drop('wait-q', 'a', 'C');
    },
    expected: [done('A'), done('B'), done('C')],
  },
  {
    title: 'a UOW that its job made read-only, and a record in whose directory it left a folder',
    behaviour: { a: 'ends-later' },
    leaves: { a: { own: 'something' } },
    async prepare({ drop, untilRunning }) {
      drop('wait-q', 'a', 'A');
      await untilRunning();
    },
    expected: [done('A')],
  },
  {
    title: 'an ended UOW that a person moved on while the monitor was dead',
    async prepare({ drop, dieAt, move }) {
      drop('wait-q', 'a', 'A');
      await dieAt('survey/runs.ts unlink');
      move(['done-q', 'a'], ['archive', 'a']);
    },
    expected: [{ id: 'A', queues: ['archive'], starts: [1] }],
  },
  {
    title: 'a running UOW that was moved and one that was replaced while the monitor was dead',
    config: 'slots: 2',
    behaviour: { a: 'ends-later', b: 'ends-later' },
    async prepare({ drop, untilRunning, guardians, move, path }) {
      drop('wait-q', 'a', 'A');
      drop('wait-q', 'b', 'B');
      await untilRunning();
      if (guardians.alive < 2) throw new Error('they do not run');
      move(['currently-executing', 'a'], ['fail-q', 'a']);
      rmSync(path('currently-executing/b'));
      writeFileSync(path('currently-executing/b'), 'label :: OTHER\nno UOW\n');
    },
    expected: [done('A'), done('B')],
    mayHave: ['OTHER'],
  },
  {
    title: 'messages of which one is acted upon, and comments that stand in no new file yet',
    async prepare({ drop, message, dieAt, path }) {
      drop('wait-q', 'a', 'A');
      writeFileSync(path('monitor_reads'), '# first\n');
      message('PAUSE');
      message('# second');
      message('NOTE a one');
      message('RESUME');
      await dieAt('messages/drawer.ts overwrite', 2);
    },
    expected: [done('A', /^(\n==== NOTE .*\n)?out 1\nend 1\n$/)],
  },
  {
    title: 'a NOTE that was written and not answered',
    async prepare({ drop, message, quiet, dieAt }) {
      message('PAUSE');
      drop('wait-q', 'a', 'A');
      await quiet();
      message('NOTE a one');
      message('RESUME');
      await dieAt('report/says.ts append');
    },
    expected: [done('A', /^(\n==== NOTE \S+ - one\n)*out 1\nend 1\n$/)],
  },
  {
    title: 'a message file that was set aside, and no new one made',
    async prepare({ drop, message, dieAt, path }) {
      drop('wait-q', 'a', 'A');
      writeFileSync(path('monitor_reads'), '# mine\n');
      message('PAUSE');
      message('# and mine');
      message('RESUME');
      await dieAt('messages/inbox.ts create');
      writeFileSync(path('monitor_reads'), '# new\n');
    },
    expected: [done('A')],
    problems: ({ dir }) => {
      const kept = textOf(dir, 'monitor_reads');
      return ['# mine', '# and mine', '# new'].filter((line) => !kept.includes(line)).map((line) => `${line} is lost`);
    },
  },
  {
    title: 'the notes of a message file that is gone',
    async prepare({ drop, message, dieAt }) {
      drop('wait-q', 'a', 'A');
      message('HELP');
      await dieAt('messages/drawer.ts unlink', 3);
      message('HELP');
    },
    expected: [done('A')],
  },
  {
    title: 'a crash when a file was moved to trash, and when a UOW without a record was moved to fail-q',
    async prepare({ drop, path, quiet, dieAt }) {
      drop('wait-q', 'a', 'A');
      await quiet();
      const running = textOf(path(), 'done-q/a').replace(/done exit=0 #1 (\S+) \S+/, (whole, at: string) =>
        `running #1 ${at}`.padEnd(whole.length),
      );
      rmSync(path('done-q/a'));
      writeFileSync(path('currently-executing/a'), running, 'latin1');
      writeFileSync(path('wait-q/bad'), 'label :: BAD\nnot a UOW\n');
      rmSync(path('.sjq'), { recursive: true });
      await dieAt('apply/write-status.ts overwrite');
      await dieAt('apply/trash.ts unlink');
    },
    expected: [
      { id: 'A', queues: ['fail-q'], starts: [1] },
      { id: 'BAD', queues: ['trash'] },
    ],
  },
  {
    title: 'an idempotent UOW that says running and has no record',
    async prepare({ drop, path, quiet }) {
      drop('wait-q', 'a', 'A', 'idempotent :: yes');
      await quiet();
      const running = textOf(path(), 'done-q/a').replace(/done exit=0 #1 (\S+) \S+/, (whole, at: string) =>
        `running #1 ${at}`.padEnd(whole.length),
      );
      rmSync(path('done-q/a'));
      writeFileSync(path('currently-executing/a'), running, 'latin1');
      rmSync(path('.sjq'), { recursive: true });
    },
    expected: [{ id: 'A', queues: ['done-q'], starts: [2] }],
  },
  {
    title: 'a SUBMIT that was noted, and not made',
    async prepare({ message, dieAt, path }) {
      writeFileSync(path('job.yaml'), 'name: copy\nversion: "1"\nargv: ["true"]\nfields: {label: {}}\n');
      await dieAt('root.ts create');
      renameSync(path('job.yaml'), path('job-types/copy.yaml'));
      message('SUBMIT copy label=A');
      await dieAt('submit.ts link');
    },
    expected: [],
    mayHave: ['A'],
    problems: ({ guardians }) => (guardians.starts.length > 1 ? ['it was submitted twice'] : []),
  },
];
