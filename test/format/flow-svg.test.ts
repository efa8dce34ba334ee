import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { DrawnMember } from '../../src/format/flow-graph.ts';
import { svgFromFlow } from '../../src/format/flow-svg.ts';
import type { Wanted } from '../../src/model/parents.ts';

const member = (
  name: string,
  is: DrawnMember['is'],
  ...after: readonly (readonly [string, Wanted])[]
): DrawnMember => ({
  ...{ name, state: `${name} is well`, is, after: after.map(([of, wanted]) => ({ name: of, wanted })) },
});

interface Box {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly is: string;
}

const boxPattern =
  /<rect class="box (\w+)" x="([\d.-]+)" y="([\d.]+)" width="(\d+)" height="44"\/><text class="name"[^>]*>([^<]*)</g;

function boxesOf(svg: string): readonly Box[] {
  return [...svg.matchAll(boxPattern)].map(([, is = '', x, y, width, name = '']) => ({
    ...{ name, is, x: Number(x), y: Number(y), width: Number(width) },
  }));
}

it('a flow as SVG has a box a UOW in the colour of its state, below those it waits for, and an arrow a wait', () => {
  const svg = svgFromFlow('etl: blocked', [
    member('a', 'done'),
    member('b', 'bad', ['a', 'done']),
    member('c', 'waiting', ['b', 'not-ok'], ['a', 'ended']),
  ]);
  const boxes = boxesOf(svg);
  expect(boxes.map(({ name, is }) => `${name} ${is}`)).toEqual(['a done', 'b bad', 'c waiting']);
  expect(boxes.map(({ y }) => y)).toEqual([16, 116, 216]);
  expect(svg.match(/<path class="line/g)).toHaveLength(3);
  expect(svg.match(/<path class="line other"/g)).toHaveLength(2);
  expect(svg).toContain('>not ok</text>');
  // From the first layer to the third: past the box between them.
  expect(svg).toMatch(/<path class="line other" d="M\d+ 60C[\d .]+116V160C[\d .]+ 216"/);
});

it('names and states are no markup, and what XML cannot hold is not in it', () => {
  const odd = member('<script>&"', 'running');
  const svg = svgFromFlow('\u0001</title>', [{ ...odd, state: `]]>\u0000\uFFFF<b>${'x'.repeat(99)}` }]);
  expect(svg).not.toMatch(/<script|<b>|<\/title><\/title>|[\u0000-\u0008\uFFFF]/);
  expect(svg).toContain('&lt;script&gt;&amp;&quot;');
  expect(svg).toMatch(/…<\/text>/);
});

it('whatever the flow, no box lies over another or beside the picture, and none stands above one that it waits for', () => {
  const drawn = fc.array(fc.array(fc.nat(11), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(drawn, (all) => {
      const members = all.map((parents, at) =>
        member(
          `u${at}`,
          'waiting',
          ...[...new Set(parents)].filter((of) => of < at).map((of) => [`u${of}`, 'done'] as const),
        ),
      );
      const svg = svgFromFlow('f', members);
      const boxes = boxesOf(svg);
      expect(boxes).toHaveLength(members.length);
      const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
      for (const box of boxes) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        for (const other of boxes)
          if (other !== box && other.y === box.y)
            expect(other.x >= box.x + box.width || other.x + other.width <= box.x).toBe(true);
      }
      const yOf = new Map(boxes.map(({ name, y }) => [name, y]));
      for (const { name, after } of members)
        for (const parent of after) expect(yOf.get(name)).toBeGreaterThan(yOf.get(parent.name) ?? Infinity);
    }),
  );
});
