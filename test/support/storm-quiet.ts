// When a storm is over: nothing waits, nothing runs, no process of an ended attempt is alive, and no record is left to drop.
import { readdirSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { TestRoot } from './root.ts';
import type { Load } from './storm-load.ts';
import { survivorsOf } from './storm-victims.ts';

export function isQuiet(root: TestRoot, load: Load): boolean {
  return unendedOf(root, load) === 0 && unrestIn(root).length === 0 && survivorsOf(root).length === 0;
}

/** Waits until all is quiet in a root; fails with what is not, and after what. */
export async function quiet(root: TestRoot, load: Load, after = 'a start'): Promise<void> {
  try {
    await eventually(() => isQuiet(root, load), { withinMs: 120_000, what: `all is quiet after ${after}` });
  } catch (error) {
    const unrest = [...unrestIn(root), ...survivorsOf(root)].join(', ');
    throw new Error(`${unrest}: ${root.says().slice(-3000)}`, { cause: error });
  }
}

/** How many of the load stand in no queue of the ended, wherever they are. */
export function unendedOf(root: TestRoot, { uows }: Load): number {
  return uows.length - root.list('done-q').length - root.list('error-q').length - root.list('fail-q').length;
}

function unrestIn(root: TestRoot): readonly string[] {
  const unended = (['wait-q', 'priority-q', 'currently-executing'] as const).flatMap((queue) =>
    root.list(queue).map((name) => `${queue}/${name}`),
  );
  const records = ['runs', 'claimed'].flatMap((folder) =>
    readdirSync(root.path('.sjq', folder)).map((name) => `.sjq/${folder}/${name}`),
  );
  return [...unended, ...records];
}
