import { expect, it } from 'vitest';
import { defaultedHeader, servicePriority } from '../../src/model/defaulted-header.ts';
import { aConfig, aJobType } from '../support/builders.ts';

const lines = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([name, content]) => ({ name, content, line: 1 }));

it('where a header says nothing the strongest default counts: of the settings for its job type, the type, all', () => {
  const types = [aJobType('copy', { defaults: { nice: '2', grace: '2s' } })];
  const config = aConfig({
    defaults: { nice: '1', grace: '1s', umask: '022' },
    jobTypeDefaults: { copy: { nice: '3' } },
    defaultNeeds: 'database 1',
  });
  const header = (fields: Readonly<Record<string, string>>) => defaultedHeader(lines(fields), config, types).header;
  const said = ['nice', 'grace', 'umask', 'needs'].map((name) => header({ job: 'copy' }).text(name));
  expect(said).toEqual(['3', '2s', '022', 'database 1']);
  expect(header({ command: 'true' }).text('nice')).toBe('1');
  expect(header({ job: 'copy', nice: '4', needs: 'none' }).all('needs')).toEqual(['none']);
  expect(header({ job: 'copy', nice: '4' }).text('nice')).toBe('4');
});

it('a default of the settings is stronger than default_needs', () => {
  const config = aConfig({ defaults: { needs: 'license 1' }, defaultNeeds: 'database 1' });
  expect(defaultedHeader([], config, []).header.all('needs')).toEqual(['license 1']);
});

it('a job type that nobody offers gives no defaults', () => {
  const { header, picked } = defaultedHeader(lines({ job: 'gone' }), aConfig(), []);
  expect(picked?.kind).toBe('fault');
  expect(header.text('job')).toBe('gone');
});

it('a group’s priority is added to that of its UOWs', () => {
  const config = aConfig({ groups: { urgent: { priority: 5 } } });
  const priority = (fields: Readonly<Record<string, string>>): number =>
    servicePriority(defaultedHeader(lines(fields), config, []).header, config);
  expect(
    [{ group: 'urgent', priority: '2' }, { group: 'urgent' }, { group: 'toString' }, {}].map((each) => priority(each)),
  ).toEqual([7, 5, 0, 0]);
});
