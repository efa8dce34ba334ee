// The places in src/monitor that call the Files port: all of them, read from the source, and which of them is calling now, read
// from the stack. So a rig can tell which calls of the program it has never made fail.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { realFiles } from '../../src/system/files.ts';

/** Parts that commands use, which look at a root and are no part of a monitor’s wake. */
const looking = /^(doctor|simulate)\/|^messages\/peek\.ts$/;
const monitorDir = join(import.meta.dirname, '../../src/monitor');

/** Gives every place as `apply/claim.ts:71 setOwner`, sorted. */
export function callSites(): readonly string[] {
  const call = new RegExp(`\\bfiles\\s*\\.(${Object.keys(realFiles).join('|')})\\(`, 'g');
  const sites = new Set<string>();
  for (const name of readdirSync(monitorDir, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || looking.test(name)) continue;
    const text = readFileSync(join(monitorDir, name), 'utf8');
    for (const match of text.matchAll(call)) {
      // The stack names the line of the method, which is not always that of the object.
      const before = text.slice(0, match.index + match[0].length);
      sites.add(`${name}:${before.split('\n').length} ${match[1]}`);
    }
  }
  return [...sites].sort();
}

/** By the place in the code that runs: the place in the source. To find it anew for each call would take longer than all else. */
const knownPlaces = new Map<string, string | undefined>();

/** Gives the place that is calling `method` now; undefined if it is outside of src/monitor. */
export function callingSite(method: string): string | undefined {
  const running = runningPlace();
  if (running === undefined) return undefined;
  if (!knownPlaces.has(running)) knownPlaces.set(running, sourcePlace());
  const place = knownPlaces.get(running);
  return place && `${place} ${method}`;
}

/** Gives where the nearest caller in src stands, in the code as it was made for the tests. */
function runningPlace(): string | undefined {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- is put back as it was, not called
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) => sites;
  const sites = new Error('where').stack as unknown as readonly NodeJS.CallSite[];
  Error.prepareStackTrace = prepare;
  const site = sites.find((each) => each.getFileName()?.includes('/src/'));
  return site && `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`;
}

/** Gives the same in the source, if it is in src/monitor. */
function sourcePlace(): string | undefined {
  const stack = new Error('where').stack?.split('\n') ?? [];
  const frame = stack.find((line) => line.includes('/src/'));
  const place = /\(?([^( ]+\/src\/monitor\/[^:]+):(\d+):\d+\)?$/.exec(frame ?? '');
  return place ? `${relative(monitorDir, (place[1] ?? '').replace(/^file:\/\//, ''))}:${place[2]}` : undefined;
}
