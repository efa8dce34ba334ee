import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { placesAtOdds } from '../../../src/monitor/doctor/places.ts';
import { aWard } from '../../support/patient.ts';

const checks = [placesAtOdds];
const stamp = { seconds: 1_500_000_000, ordinal: 7 };

it('a file with names in two queues is found, and keeps the name that its STATUS tells of', async () => {
  const { root, put, link, kinds, findings, mend } = aWard();
  put('done-q', 'a');
  link(['done-q', 'a'], ['fail-q', 'a']);
  expect(kinds('live', checks)).toEqual(['two-names fail-q/a']);
  expect(findings('stopped', checks)[0]?.text).toBe('is the same file as done-q/a: a UOW has one name');
  expect(await mend(checks)).toEqual(['fail-q/a: this second name was dropped']);
  expect(root.where('a')).toEqual(['done-q']);
  expect(statSync(root.path('done-q/a')).nlink).toBe(1);
});

it('where STATUS tells of neither the later queue’s name is kept, in one queue the one made unique', async () => {
  const { root, put, link, mend } = aWard();
  put('done-q', 'a', { status: { word: 'waiting', attempt: 0 } });
  link(['done-q', 'a'], ['error-q', 'a']);
  put('done-q', 'b');
  link(['done-q', 'b'], ['done-q', 'b~2']);
  await mend(checks);
  expect(root.where('a')).toEqual(['error-q']);
  expect(root.list('done-q')).toEqual(['b~2']);
});

it('a name in trash beside another is left to a person: nothing that stands elsewhere may end there', () => {
  const { put, link, kinds } = aWard();
  put('done-q', 'a', { status: { word: 'running' } });
  link(['done-q', 'a'], ['trash', 'a']);
  expect(kinds('stopped', checks)).toEqual(['two-names done-q/a']);
});

it('what the next wake moves on is a finding only when all should have come to rest', () => {
  const { put, link, kinds } = aWard();
  put('done-q', 'a');
  link(['done-q', 'a'], ['wait-q', 'a']);
  expect(kinds('live', checks)).toEqual([]);
  expect(kinds('stopped', checks)).toEqual([]);
  expect(kinds('quiet', checks)).toEqual(['two-names wait-q/a +']);
});

it('two files with one stamp are found, but no rerun that waits to be taken in and no old copy in trash', () => {
  const { put, kinds, findings } = aWard();
  put('done-q', 'a', { stamp });
  put('trash', 'a~2', { stamp });
  put('wait-q', 'again', { stamp });
  expect(kinds('stopped', checks)).toEqual([]);
  put('archive', 'copy', { stamp });
  expect(kinds('stopped', checks)).toEqual(['two-files archive/copy']);
  expect(findings('live', checks)[0]?.text).toContain('has the stamp 1500000000-7, which done-q/a has too');
});

it('two UOWs of one name are found, and the one that has not come so far is given another', async () => {
  const { root, put, kinds, mend } = aWard();
  put('wait-q', 'a', { status: { word: 'waiting', attempt: 0 } });
  put('error-q', 'a', { status: { word: 'error' } });
  expect(kinds('live', checks)).toEqual(['name-twice wait-q/a']);
  expect(await mend(checks)).toEqual(['wait-q/a: is named a~2 now']);
  expect(root.list('wait-q')).toEqual(['a~2']);
  expect(kinds('quiet', checks)).toEqual([]);
});

it('a newcomer that has a taken name and is not taken in yet is no finding', () => {
  const { root, put, kinds } = aWard();
  put('done-q', 'a');
  root.drop('a', ['command :: true']);
  expect(kinds('stopped', checks)).toEqual([]);
});
