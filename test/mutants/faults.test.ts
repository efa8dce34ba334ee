// That the seeded faults (npm run mutants) still fit the source as it is, and that the rigs that must catch them are there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hands } from '../support/calls/hands.ts';
import { lives } from '../support/calls/lives.ts';
import { messages } from '../support/calls/messages.ts';
import { faults, partsOfRig, withFault } from './faults.mjs';

const scenarios = [...lives, ...messages, ...hands];

const top = join(import.meta.dirname, '../..');

it('there are at least 30 seeded faults, each with a name of its own', () => {
  expect(faults.length).toBeGreaterThanOrEqual(30);
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
});

it.each(faults)('$name: its place stands in the source once, and its rigs are there', (fault) => {
  const source = readFileSync(join(top, fault.file), 'utf8');
  expect(withFault(source, fault)).not.toBe(source);
  expect(fault.caughtBy.length).toBeGreaterThan(0);
  for (const rig of fault.caughtBy) {
    const { file, title = '' } = partsOfRig(rig);
    expect(titlesIn(file), rig).toMatch(new RegExp(title, 'm'));
  }
});

/** Gives a text with the titles of a test file's tests in it, a line each where they are put together from others. */
function titlesIn(file: string): string {
  const own = readFileSync(join(top, file), 'utf8');
  if (!file.endsWith('/calls.test.ts')) return own;
  const [, of = ''] = /'(comes to its one end, whatever.*)'/.exec(own) ?? [];
  return scenarios.map(({ title }) => `${title} ${of}`).join('\n');
}
