import { expect, it } from 'vitest';
import { type DrawnMember, mermaidFromFlow, treeFromFlow } from '../../src/format/flow-graph.ts';
import type { Wanted } from '../../src/model/parents.ts';

const member = (name: string, ...after: readonly (readonly [string, Wanted])[]): DrawnMember => ({
  ...{ name, state: `${name} is well`, is: 'waiting', after: after.map(([of, wanted]) => ({ name: of, wanted })) },
});
const diamond = [
  member('join', ['left', 'done'], ['right', 'ended']),
  member('a'),
  member('left', ['a', 'done']),
  member('right', ['left', 'not-ok']),
  member('alone'),
];

it('each UOW stands once, below the lowest of its parents, and names the others', () => {
  expect(treeFromFlow(diamond, (state) => `<${state}>`)).toEqual([
    'a              <a is well>',
    '└─ left        <left is well>',
    '   └─ right    <right is well>  (after-not-ok left)',
    '      └─ join  <join is well>  (after left, after-any right)',
    'alone          <alone is well>',
  ]);
});

it('as Mermaid it has a node a UOW and an arrow a parent', () => {
  expect(
    mermaidFromFlow([member('a "b"'), { ...member('c', ['a "b"', 'not-ok']), state: 'done exit=0', is: 'done' }]),
  ).toBe(
    'flowchart TD\n  n0["a #quot;b#quot;: a #quot;b#quot; is well"]\n  n1["c: done exit=0"]\n  n0 -. not ok .-> n1\n  style n1 fill:#c8e6c9\n',
  );
});
