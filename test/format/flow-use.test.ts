import { expect, it } from 'vitest';
import { memberText } from '../../src/format/flow-members.ts';
import { occurrenceFromTemplate, templateFromText } from '../../src/format/flow-template.ts';
import { type WholeFlow, wholeFlow } from '../../src/format/flow-use.ts';
import { bytes } from '../support/builders.ts';

const section = (name: string, ...lines: readonly string[]): string =>
  ['', `==== UNIT OF WORK ${name}`, '', ...lines, ''].join('\n');
const job = (name: string, ...lines: readonly string[]): string => section(name, 'command :: true', ...lines);

function whole(text: string, templates: Readonly<Record<string, string>>, name = 'f'): WholeFlow {
  return wholeFlow(bytes(text), (of) => (templates[of] === undefined ? undefined : bytes(templates[of])), bytes(name));
}

function flowOf(text: string, templates: Readonly<Record<string, string>>): Extract<WholeFlow, { kind: 'flow' }> {
  const read = whole(text, templates);
  if (read.kind !== 'flow') throw new Error(JSON.stringify(read));
  return read;
}

/** `2 what is wrong` for each problem. */
function problemsOf(text: string, templates: Readonly<Record<string, string>> = {}, name = 'f'): readonly string[] {
  const read = whole(text, templates, name);
  return read.kind === 'invalid' ? read.problems.map(({ line, message }) => `${line} ${message}`) : [read.kind];
}

const template = `# ours\n\n${section('x', 'enabled :: no', 'schedule :: @daily', 'command :: run x')}${job('y', 'after :: x')}${job('tell', 'after-not-ok :: x, y')}`;
const outer = `${job('a')}${section('in', 'use :: t', 'after :: a', 'ttl :: 1h')}${job('z', 'after :: in')}`;

it('a flow that another uses has its sections written out in it, which wait as they did, and the first of them as all of it does', () => {
  const { flow, text } = flowOf(outer, { t: template });
  expect(flow.uows.map(({ name }) => name)).toEqual(['a', 'in.x', 'in.y', 'in.tell', 'z']);
  expect(flow.parts).toEqual([{ name: 'in', members: ['in.x', 'in.y', 'in.tell'] }]);
  expect(text).toContain('==== UNIT OF WORK in\n\nused :: t\nafter :: a\nttl :: 1h\n');
  expect(flow.uows.slice(1, 4).map((uow) => memberText(uow, bytes('f'))?.trim())).toEqual([
    '==== UNIT OF WORK\n\ncommand :: run x\nafter :: a\nttl :: 1h\nflow :: f',
    '==== UNIT OF WORK\n\ncommand :: true\nafter :: in.x\nflow :: f',
    '==== UNIT OF WORK\n\ncommand :: true\nafter-not-ok :: in.x in.y\nflow :: f',
  ]);
});

it('what is written out is a flow by itself, whatever becomes of the one that it used', () => {
  const { flow, text } = flowOf(outer, { t: template });
  expect(flowOf(text, {})).toEqual({ kind: 'flow', flow, text });
});

it('a flow in a flow in a flow: each waits for its own, and all of one is waited for by its name', () => {
  const middle = `${section('deep', 'use :: t')}${job('end', 'after :: deep')}`;
  const { flow } = flowOf(outer, { t: middle.replace('use :: t', 'use :: u'), u: job('one') });
  expect(flow.parts).toEqual([
    { name: 'in', members: ['in.deep.one', 'in.end'] },
    { name: 'in.deep', members: ['in.deep.one'] },
  ]);
  const texts = flow.uows.map((uow) => memberText(uow, bytes('f')));
  expect(texts[1]).toContain('after :: a\n');
  expect(texts[2]).toContain('after :: in.deep\n');
});

it('an array in a flow that is used is one', () => {
  const { flow } = flowOf(section('in', 'use :: t'), {
    t: `${job('fit', 'array :: 1-2')}${job('sum', 'after :: fit')}`,
  });
  expect(flow.uows.map(({ name }) => name)).toEqual(['in.fit.1', 'in.fit.2', 'in.sum']);
  expect(flow.uows[2]?.text).toContain('after :: in.fit.1 in.fit.2\n');
});

it('a time of a schedule is that of each UOW of the flow that it uses', () => {
  const first = section('in', 'schedule :: @daily', 'use :: t') + job('z', 'after :: in');
  const head = templateFromText(bytes(first));
  if (head.kind !== 'uow') throw new Error(JSON.stringify(head));
  const madeFor = {
    by: bytes('s'),
    scheduledAt: '2026-01-01T00:00:00Z',
    stamp: { seconds: 1, ordinal: 0 },
    event: '',
    now: 0,
  };
  const made = occurrenceFromTemplate(bytes(first), head.head, madeFor);
  const { flow } = flowOf(made ?? '', { t: template });
  const texts = flow.uows.map((uow) => memberText(uow, bytes('f')) ?? '');
  expect(texts.map((text) => /^scheduled-by :: s\nscheduled-at :: 2026-01-01T00:00:00Z$/m.test(text))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(texts.join('')).not.toContain('schedule ::');
});

it('says on which line a flow uses what it cannot', () => {
  expect(problemsOf(outer, {})).toEqual(['8 there is no schedules/t to use']);
  expect(problemsOf(outer, { t: outer })).toEqual(['8 schedules/t: a circle: t uses t']);
  expect(problemsOf(outer, { t: outer.replace('use :: t', 'use :: u'), u: outer })).toEqual([
    '8 schedules/u: a circle: t uses u uses t',
  ]);
  expect(problemsOf(outer, { t: '==== UNIT OF WORK\ncommand :: true\n' })).toEqual([
    '8 schedules/t is no flow of named sections',
  ]);
  expect(problemsOf(outer, { t: job('x', 'after :: nobody') })).toEqual([
    '8 schedules/t is no right flow: line 5: no UOW of this flow is named nobody: names in a flow are those behind its titles',
  ]);
  expect(problemsOf(outer, { t: job('x'.repeat(64)) })).toEqual([
    `8 in.${'x'.repeat(64)} is too long a name (67 bytes, at most 64)`,
  ]);
  expect(problemsOf(`${outer}${job('in.x')}`, { t: template })).toEqual(['8 with what it uses: in.x stands twice']);
  expect(problemsOf(outer.replace('after :: a', 'after :: z'), { t: template })[0]).toBe(
    '15 a circle: in waits for z waits for in',
  );
});

it('says what a section with `use` may not have, and where `use` may not stand', () => {
  expect(problemsOf(section('in', 'use :: t', 'command :: x'))).toEqual(['5 command in a section that uses a flow']);
  expect(problemsOf(section('in', 'use :: t', 'use :: u'))).toEqual(['5 use stands on line 4 too']);
  expect(problemsOf(section('in', 'use :: t u'))).toEqual(['4 not the name of one flow']);
  expect(problemsOf(section('in', 'used :: t'))).toEqual(['2 no section is named in.…']);
  const plain = templateFromText(bytes('==== UNIT OF WORK\nuse :: t\n'));
  expect(plain.kind === 'invalid' && plain.problems[0]).toMatchObject({
    line: 2,
    message: 'use in a UOW that is no section of a flow',
  });
});

it('refuses what would be too much, soon: two of two of two, and so on', () => {
  const templates: Record<string, string> = { t0: job('x') };
  for (let at = 1; at < 30; at++)
    templates[`t${at}`] = section('a', `use :: t${at - 1}`) + section('b', `use :: t${at - 1}`);
  expect(problemsOf(section('in', 'use :: t29'), templates)[0]).toMatch(/the flow is longer than 64 KiB/);
  expect(problemsOf(section('in', 'use :: t'), { t: job('x', 'array :: 1-999') + job('y', 'array :: 1-2') })).toEqual([
    '4 schedules/t is no right flow: the flow has 1001 UOWs, at most 1000: make several flows of it',
  ]);
});
