// That the seeded faults (npm run mutants) still fit the source as it is, and that the rigs that must catch them are there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faults, partsOfRig, withFault } from './faults.mjs';

const top = join(import.meta.dirname, '../..');

it('there are at least 30 seeded faults, each with a name of its own', () => {
  expect(faults.length).toBeGreaterThanOrEqual(30);
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
});

it.each(faults)('$name: its place stands in the source once, and its rigs are there', (fault) => {
  const source = readFileSync(join(top, fault.file), 'utf8');
  expect(withFault(source, fault)).not.toBe(source);
  expect(fault.caughtBy.length).toBeGreaterThan(0);
  for (const rig of fault.caughtBy) expect(existsSync(join(top, partsOfRig(rig).file))).toBe(true);
});
