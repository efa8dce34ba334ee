import { expect, it } from 'vitest';
import { allProcnames, procnamesFor } from '../../src/plan/procnames-for.ts';
import { aConfig, aJobType } from '../support/builders.ts';

const config = aConfig({ procnames: [{ name: 'ansible' }] });
const types = [
  aJobType('deploy', { version: '1', procnames: [{ name: 'terraform' }] }),
  aJobType('deploy', { version: '2', procnames: [{ name: 'tofu' }] }),
  aJobType('copy', { procnames: [{ name: 'rsync' }] }),
];
const names = (procnames: readonly { readonly name: string }[]) => procnames.map(({ name }) => name);

it('a UOW is held by the names of the config and of its job type in any version', () => {
  expect(names(procnamesFor(config, types, undefined))).toEqual(['ansible']);
  expect(names(procnamesFor(config, types, 'deploy@2'))).toEqual(['ansible', 'terraform', 'tofu']);
  expect(names(procnamesFor(config, types, 'copy'))).toEqual(['ansible', 'rsync']);
  expect(names(procnamesFor(config, types, 'unknown'))).toEqual(['ansible']);
});

it('the one look at the processes is for everybody', () => {
  expect(names(allProcnames(config, types))).toEqual(['ansible', 'terraform', 'tofu', 'rsync']);
});
