import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configExample, configTable } from '../../src/format/config-docs.ts';
import { configFromYaml, defaultConfig } from '../../src/format/config-yaml.ts';
import { jobTypeFromYaml } from '../../src/format/job-type-yaml.ts';
import { settings } from '../../src/model/settings.ts';

const root = join(import.meta.dirname, '../..');
const reference = join(root, 'docs/config.md');

// `npx vitest run test/format/config-docs.test.ts -u` writes both files anew.

test('config.example.yaml is what the table of settings says', async () => {
  await expect(configExample()).toMatchFileSnapshot(join(root, 'config.example.yaml'));
});

test('the table in docs/config.md is what the table of settings says', async () => {
  const written = readFileSync(reference, 'utf8');
  const generated = written.replace(
    /(<!-- from here .* -->\n)[^]*(\n<!-- end of the table -->)/,
    (_whole, begin: string, end: string) => `${begin}\n${configTable()}${end}`,
  );
  expect(generated).toContain(configTable());
  await expect(generated).toMatchFileSnapshot(reference);
});

test('config.example.yaml changes nothing as it is, and nothing with every # taken off', () => {
  expect(configFromYaml(configExample())).toEqual({ kind: 'config', config: defaultConfig(), warnings: [] });
  const uncommented = configExample().replace(/^#(?! )|^#(?= {2}\w)/gm, '');
  expect(uncommented).toContain('\nqueues:\n  wait: wait-q ');
  expect(configFromYaml(uncommented)).toEqual({ kind: 'config', config: defaultConfig(), warnings: [] });
});

test.for(settings.filter((row) => row.example !== undefined))('the example of $name is valid', (row) => {
  const [group, name] = row.name.split('.');
  const yaml = name === undefined ? `${row.name}: ${row.example!}` : `${group!}: {${name}: ${row.example!}}`;
  expect(configFromYaml(yaml)).toMatchObject({ kind: 'config' });
});

test('the examples in docs/config.md are valid', () => {
  const [config, jobType] = [...readFileSync(reference, 'utf8').matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block);
  expect(configFromYaml(config!.replaceAll(/^ {4}/gm, ''))).toMatchObject({ kind: 'config', warnings: [] });
  const parsed = jobTypeFromYaml('backup@1.4.yaml', jobType!.replaceAll(/^ {4}/gm, ''));
  expect(parsed).toMatchObject({ kind: 'job-type', jobType: { name: 'backup', version: '1.4' }, warnings: [] });
});
