import { expect, test } from 'vitest';
import { configFromYaml, defaultConfig } from '../../src/format/config-yaml.ts';
import { configChanges, settings, settingsIn } from '../../src/model/settings.ts';

const changed: Readonly<Record<string, string>> = {
  sleep: '99s',
  settle: '9s',
  slots: '7',
  priority: 'strict',
  durability: 'process',
  output: 'append',
  cgroup: 'off',
  allow_commands: 'no',
  allow_users: '[backup]',
  run_as: 'owner',
  job_types: 'apps',
  'status.dir': 'board',
  resources: '{database: 2}',
  groups: '{backup: {slots: 2}}',
  default_needs: 'database 1',
  procnames: '[rsync]',
  defaults: '{nice: 3}',
  job_type_defaults: '{app: {nice: 3}}',
  suspend_after: '3',
  'alarms.kinds': '[failed]',
  'alarms.longer': '3',
  'alarms.shorter': '0.1',
  'alarms.late': '1h',
  report: '07:00',
  heartbeat: '1m',
  'ready.load': '3',
  'ready.free_memory': '1MB',
  'ready.free_disk': '1MB',
  'ready.command': 'a test',
};

test.for(settings.filter((row) => row.takes.kind !== 'group'))(
  'a change of $name is told by that name alone',
  ({ name }) => {
    const value = changed[name] ?? 'another';
    const [group, child] = name.split('.');
    const parsed = configFromYaml(child === undefined ? `${name}: ${value}` : `${group!}: {${child}: ${value}}`);
    expect(parsed.kind === 'config' && configChanges(defaultConfig(), parsed.config)).toEqual([name]);
  },
);

test('several changes are told in the order of the table, and a group that is off by what it held', () => {
  const parsed = configFromYaml('slots: 3\nsleep: 3s\nstatus: off');
  expect(parsed.kind === 'config' && configChanges(parsed.config, defaultConfig())).toEqual([
    'sleep',
    'slots',
    'status.dir',
  ]);
});

test('the order in which default fields are written is no change', () => {
  const [a, b] = ['{nice: 3, grace: 1s}', '{grace: 1s, nice: 3}'].map((fields) =>
    configFromYaml(`defaults: ${fields}`),
  );
  expect(a?.kind === 'config' && b?.kind === 'config' && configChanges(a.config, b.config)).toEqual([]);
});

test('every word of a choice is one that the config knows, and each setting is in a group that exists', () => {
  const words = Object.fromEntries(
    settings.flatMap((row) => (row.takes.kind === 'choice' ? [[row.name, row.takes.of]] : [])),
  );
  expect(words).toEqual({
    priority: ['ordered', 'strict'],
    durability: ['power', 'process'],
    output: ['tee', 'append'],
    cgroup: ['auto', 'own', 'off'],
    run_as: ['monitor', 'owner'],
  });
  const inGroups = settings.filter((row) => row.takes.kind === 'group').flatMap((row) => settingsIn(row.name));
  expect([...settingsIn(''), ...inGroups].length).toBe(settings.length);
});
