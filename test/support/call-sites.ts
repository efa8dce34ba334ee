// The places in src/monitor that call the Files port: all of them, read from the source, and which of them is calling now, read
// from the stack. So a rig can tell which calls of the program it has never made fail.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { realFiles } from '../../src/system/files.ts';

const monitorDir = join(import.meta.dirname, '../../src/monitor');

/** Gives every place as `apply/claim.ts:71 setOwner`, sorted. Those of the doctor, which is no part of a monitor’s wake, are left out. */
export function callSites(): readonly string[] {
  const call = new RegExp(`\\bfiles\\s*\\.(${Object.keys(realFiles).join('|')})\\(`, 'g');
  const sites = new Set<string>();
  for (const name of readdirSync(monitorDir, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.startsWith('doctor/')) continue;
    const text = readFileSync(join(monitorDir, name), 'utf8');
    for (const match of text.matchAll(call)) {
      // The stack names the line of the method, which is not always that of the object.
      const before = text.slice(0, match.index + match[0].length);
      sites.add(`${name}:${before.split('\n').length} ${match[1]}`);
    }
  }
  return [...sites].sort();
}

/** Gives the place that is calling `method` now; undefined if it is outside of src/monitor. */
export function callingSite(method: string): string | undefined {
  const stack = new Error('where').stack?.split('\n') ?? [];
  const frame = stack.find((line) => line.includes('/src/'));
  const place = /\(?([^( ]+\/src\/monitor\/[^:]+):(\d+):\d+\)?$/.exec(frame ?? '');
  return place
    ? `${relative(monitorDir, (place[1] ?? '').replace(/^file:\/\//, ''))}:${place[2]} ${method}`
    : undefined;
}
