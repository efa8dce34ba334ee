// A flow drawn: as a tree of text with the state of each UOW, and as a Mermaid flowchart.
import type { Wanted } from '../model/parents.ts';

/** What a drawing shows by colour. */
export type DrawnAs = 'waiting' | 'running' | 'done' | 'bad';

/** A UOW of a flow, or an array, as it is drawn. Names are shown ones. */
export interface DrawnMember {
  readonly name: string;
  readonly state: string;
  readonly is: DrawnAs;
  readonly after: readonly { readonly name: string; readonly wanted: Wanted }[];
}

const words: Readonly<Record<Wanted, string>> = { done: 'after', ended: 'after-any', 'not-ok': 'after-not-ok' };

/**
 * Gives the lines of the tree, `paint` applied to each state. Each UOW stands once, below the one of its parents that stands lowest; one that waits for
 * several names the others.
 */
export function treeFromFlow(members: readonly DrawnMember[], paint: (state: string) => string): readonly string[] {
  const depths = depthsOf(members);
  const below = new Map<string, DrawnMember[]>();
  for (const member of members) {
    const under = underOf(member, depths)?.name ?? '';
    below.set(under, [...(below.get(under) ?? []), member]);
  }
  const rows: (readonly [string, DrawnMember])[] = [];
  const draw = (of: string, indent: string): void => {
    const children = below.get(of) ?? [];
    for (const [at, child] of children.entries()) {
      const isLast = at === children.length - 1;
      rows.push([of === '' ? child.name : `${indent}${isLast ? '└─ ' : '├─ '}${child.name}`, child]);
      draw(child.name, of === '' ? '' : `${indent}${isLast ? '   ' : '│  '}`);
    }
  };
  draw('', '');
  const width = Math.max(0, ...rows.map(([text]) => text.length));
  return rows.map(([text, member]) => {
    const under = underOf(member, depths);
    const others = member.after
      .filter((each) => each !== under || each.wanted !== 'done')
      .map(({ name, wanted }) => `${words[wanted]} ${name}`);
    const rest = others.length > 0 ? `  (${others.join(', ')})` : '';
    return `${text.padEnd(width)}  ${paint(member.state)}${rest}`;
  });
}

function underOf(
  { after }: DrawnMember,
  depths: ReadonlyMap<string, number>,
): DrawnMember['after'][number] | undefined {
  const depth = ({ name }: { readonly name: string }): number => depths.get(name) ?? 0;
  return after.reduce<DrawnMember['after'][number] | undefined>(
    (best, each) => (best === undefined || depth(each) > depth(best) ? each : best),
    undefined,
  );
}

/** Gives how many UOWs must end one behind another before each. Assumes no circle. */
export function depthsOf(members: readonly DrawnMember[]): ReadonlyMap<string, number> {
  const byName = new Map(members.map((member) => [member.name, member]));
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, 0);
    const parents = byName.get(name)?.after ?? [];
    const depth = parents.length === 0 ? 0 : 1 + Math.max(...parents.map((parent) => depthOf(parent.name)));
    depths.set(name, depth);
    return depth;
  };
  for (const { name } of members) depthOf(name);
  return depths;
}

const fills: Readonly<Partial<Record<DrawnAs, string>>> = { done: '#c8e6c9', running: '#b3e5fc', bad: '#ffcdd2' };

/** Gives the flow as a Mermaid flowchart. */
export function mermaidFromFlow(members: readonly DrawnMember[]): string {
  const ids = new Map(members.map(({ name }, at) => [name, `n${at}`]));
  const quoted = (text: string): string => `"${text.replaceAll('"', '#quot;')}"`;
  const arrows: Readonly<Record<Wanted, string>> = { done: '-->', ended: '-. any .->', 'not-ok': '-. not ok .->' };
  const lines = ['flowchart TD'];
  for (const { name, state } of members) lines.push(`  ${ids.get(name) ?? ''}[${quoted(`${name}: ${state}`)}]`);
  for (const { name, after } of members)
    for (const parent of after)
      lines.push(`  ${ids.get(parent.name) ?? ''} ${arrows[parent.wanted]} ${ids.get(name) ?? ''}`);
  for (const { name, is } of members) {
    const fill = fills[is];
    if (fill !== undefined) lines.push(`  style ${ids.get(name) ?? ''} fill:${fill}`);
  }
  return `${lines.join('\n')}\n`;
}
