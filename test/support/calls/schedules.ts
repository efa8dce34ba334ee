// Scenarios of the calls rig: schedules whose time has come.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { uowText } from '../root.ts';
import { simulatedNow, submitted } from '../simulated.ts';
import { done, type Playground, type Scenario } from './playground.ts';

const hourMs = 3_600_000;

export const schedules: readonly Scenario[] = [
  {
    title: 'a schedule that is new, one whose time has come, and one that asks for what cannot be',
    config: 'slots: 2',
    prepare(root) {
      due(root, 'a', 'A', 1);
      // As the monitor leaves one.
      appendFileSync(root.path('schedules/a'), `\n==== STATUS\n\n${'last - next -'.padEnd(63)}\n`);
      utimesSync(root.path('schedules/a'), 1, 1);
      scheduled(root, 'new', 'NEW', 'schedule :: 0 0 30 2 *');
      scheduled(root, 'bad', 'BAD', 'schedule :: 61 * * * *');
    },
    expected: [done('A')],
    // Templates are nobody's UOWs.
    mayHave: ['NEW', 'BAD'],
    problems: (root) => [...unsaid(root, 'refused bad in=schedules line 5'), ...times(root, 'a', 1), ...leftOver(root)],
  },
  {
    title: 'a schedule that makes up for three times, one behind the other',
    config: 'slots: 2',
    prepare: (root) => due(root, 'b', 'B', 3, 'catch-up :: all'),
    expected: [],
    mayHave: ['B'],
    problems: (root) => [...times(root, 'b', 3), ...leftOver(root)],
  },
  {
    title: 'a firing that was cut short before its record was written',
    async prepare(root) {
      due(root, 'a', 'A', 1);
      await root.dieAt('apply/fire.ts rename');
    },
    expected: [done('A')],
    problems: (root) => [...times(root, 'a', 1), ...leftOver(root), ...counted(root, 'a', 1)],
  },
  {
    title: 'a firing that was cut short behind its record, and one whose UOW was moved before it was done',
    async prepare(root) {
      due(root, 'a', 'A', 1);
      await root.dieAt('apply/deliver.ts link');
      due(root, 'b', 'B', 1);
      await root.dieAt('apply/deliver.ts unlink', 2);
      const name = readdirSync(root.path('wait-q')).find((each) => each.startsWith('b@')) ?? '';
      renameSync(root.path('wait-q', name), root.path('priority-q', name));
    },
    expected: [done('A'), done('B')],
    problems: (root) => [...times(root, 'a', 1), ...times(root, 'b', 1), ...leftOver(root)],
  },
  {
    title:
      'times that were missed, one that is left out because the one before is held up, and a schedule that is gone',
    prepare(root) {
      due(root, 'c', 'C', 2, 'catch-up :: none');
      due(root, 'gone', 'GONE', 1);
      rmSync(root.path('schedules/gone'));
      root.message('PAUSE');
      due(root, 'd', 'D', 1);
      const before = uowText('label :: BEFORE', 'command :: true', 'scheduled-by :: d');
      submitted(root.dir, 'before', before, { kind: 'none' });
    },
    meanwhile: (root) => root.message('RESUME'),
    expected: [done('BEFORE')],
    // A disk that refuses may hold its firing up until the one before has run.
    mayHave: ['C', 'D'],
    problems: (root) => [...times(root, 'c', 0), ...leftOver(root)],
  },
  {
    title: 'a flow whose time has come',
    config: 'slots: 2',
    prepare: (root) => dueFlow(root, 'f', 1),
    expected: [done('A'), done('B')],
    problems: (root) => [...iterations(root, 'f', 1), ...leftOver(root)],
  },
  ...(
    [
      ['before its record was written', 'apply/fire.ts rename'],
      ['before the flow stood in its queue', 'apply/deliver.ts link'],
      ['when it stood there under two names', 'apply/deliver.ts unlink'],
      ['when it was to be taken in', 'apply/take-in-flow.ts rename'],
      ['when it was set aside', 'apply/take-in-flow.ts create'],
    ] as const
  ).map(([title, place]): Scenario => ({
    title: `the firing of a flow that was cut short ${title}`,
    async prepare(root) {
      dueFlow(root, 'f', 1);
      await root.dieAt(place);
    },
    expected: [done('A'), done('B')],
    problems: (root) => [...iterations(root, 'f', 1), ...leftOver(root), ...counted(root, 'f', 1)],
  })),
  {
    title: 'DISABLE, ENABLE and FIRE of a schedule',
    prepare(root) {
      scheduled(root, 'a', 'A', 'schedule :: 0 0 30 2 *');
      for (const line of ['DISABLE a', 'ENABLE a', 'FIRE a', 'FIRE nosuch']) root.message(line);
    },
    // What the disk refuses is the answer.
    expected: [],
    mayHave: ['A'],
    problems(root) {
      const isFired = / answer - to="FIRE a".* fired as /.test(said(root));
      return isFired ? times(root, 'a', 1) : [];
    },
  },
];

/** Makes a schedule of an array with so many times in the past: `array` is among the fields. */
export function dueArray(root: Playground, name: string, count: number, ...fields: readonly string[]): void {
  due(root, name, 'A', count, ...fields);
}

/** The same of a flow: its times are in its first section. */
export function dueFlow(root: Playground, name: string, count: number, ...fields: readonly string[]): void {
  due(root, name, 'A', count, ...fields);
  const path = root.path('schedules', name);
  const first = readFileSync(path, 'utf8').replace('UNIT OF WORK', 'UNIT OF WORK a');
  writeFileSync(path, `${first}\n==== UNIT OF WORK b\n\nlabel :: B\ncommand :: true\nafter :: a\n`);
  utimesSync(path, 1, 1);
}

/** Makes a schedule of so many times in the past, none behind them, and with the record of one that was served before. */
function due(root: Playground, name: string, id: string, count: number, ...fields: readonly string[]): void {
  // More than a minute ago: later than that a time is not called missed.
  const until = Math.floor((simulatedNow() - 300_000) / hourMs) * hourMs;
  const from = until - (count - 1) * hourMs;
  const [first, last] = [from, until].map((at) => new Date(at).toISOString().replace('.000', ''));
  scheduled(root, name, id, `every :: 1h`, `from :: ${first}`, `until :: ${last}`, ...fields);
  mkdirSync(root.path('.sjq/fired'), { recursive: true });
  const rule = JSON.stringify([[], [hourMs], 'UTC', from, until, true]);
  const fired = { rule, after: from - hourMs, count: 0, isDisabled: false, firing: [`${name}@2000-01-01T000000Z`] };
  writeFileSync(root.path('.sjq/fired', name), JSON.stringify(fired));
}

function scheduled(root: Playground, name: string, id: string, ...fields: readonly string[]): void {
  mkdirSync(root.path('schedules'), { recursive: true });
  const path = root.path('schedules', name);
  writeFileSync(path, uowText(`label :: ${id}`, 'timezone :: UTC', ...fields, 'command :: true'));
  utimesSync(path, 1, 1);
}

/** The name of a UOW of a schedule, in the queues. */
function times(root: Playground, name: string, count: number): readonly string[] {
  const found = ['wait-q', 'priority-q', 'currently-executing', 'done-q', 'error-q', 'fail-q'].flatMap((queue) =>
    readdirSync(root.path(queue)).filter((each) => each.startsWith(`${name}@`)),
  );
  return found.length === count && new Set(found).size === count ? [] : [`${name} was fired so: ${found.join(', ')}`];
}

/** The flows of a schedule, each with two UOWs. */
function iterations(root: Playground, name: string, count: number): readonly string[] {
  const flows = readdirSync(root.path('flows')).filter((each) => each.startsWith(`${name}@`));
  return [...(flows.length === count ? [] : [`it was fired so: ${flows.join(', ')}`]), ...times(root, name, 2 * count)];
}

/** How often its record says that it fired. */
function counted({ path }: Playground, name: string, count: number): readonly string[] {
  const said = (JSON.parse(readFileSync(path('.sjq/fired', name), 'utf8')) as { readonly count: number }).count;
  return said === count ? [] : [`${name} says that it fired ${said} times`];
}

function unsaid(root: Playground, text: string): readonly string[] {
  return said(root).includes(text) ? [] : [`not said: ${text}`];
}

function said({ path }: Playground): string {
  return existsSync(path('monitor_says')) ? readFileSync(path('monitor_says'), 'utf8') : '';
}

function leftOver({ path }: Playground): readonly string[] {
  const left = existsSync(path('.sjq/firing')) ? readdirSync(path('.sjq/firing')) : [];
  return left.map((name) => `.sjq/firing/${name} was left`);
}
