import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Bytes } from '../../src/model/bytes.ts';
import { Header } from '../../src/model/header.ts';
import { givenOf, searchPathOf } from '../../src/plan/given.ts';
import { standardPath } from '../../src/plan/job-environment.ts';
import { bytes } from '../support/builders.ts';

const noHeader = new Header([]);
const environmentOf = (values: Readonly<Record<string, string>>): readonly Bytes[] =>
  Object.entries(values).map(([name, value]) => bytes(`${name}=${value}`));
const open = (...names: readonly string[]): { readonly names: readonly string[]; readonly isOpen: boolean } => ({
  ...{ names, isOpen: true },
});

it('what nobody set is not told, and of a job that was given nothing nothing is kept', () => {
  const environment = environmentOf({ PATH: standardPath, HOME: '/root', SJQ_NAME: 'a' });
  expect(givenOf(noHeader, [], environment)).toEqual({});
  expect(searchPathOf({}, environment)).toBe(standardPath);
});

it('variables are told by name, also those that stand for one of the basics; secrets by their names alone', () => {
  const header = new Header([
    { name: 'secret.LOGIN', content: 'file', line: 1 },
    { name: 'env.MODE', content: 'fast é', line: 2 },
  ]);
  const environment = environmentOf({ PATH: `/opt/x:${standardPath}`, MODE: 'fast é', HOME: '/h', DB_PASSWORD: 'x' });
  const given = givenOf(header, [open('DB_PASSWORD', 'HOME'), open('MODE', 'PATH')], environment);
  expect(given).toEqual({
    searchPath: `/opt/x:${standardPath}`,
    environment: ['HOME=/h', 'MODE=fast é'],
    hidden: ['DB_PASSWORD', 'LOGIN'],
  });
});

it('the value of what a closed file sets is not told, and of several places the last counts', () => {
  const environment = environmentOf({ PATH: standardPath, A: '1', B: '2' });
  const closed = { names: ['A', 'B'], isOpen: false };
  expect(givenOf(noHeader, [open('A'), closed], environment)).toEqual({ hidden: ['A', 'B'] });
  expect(givenOf(noHeader, [closed, open('A')], environment)).toEqual({ environment: ['A=1'], hidden: ['B'] });
});

it('never more is told than 2048 characters of variables and 1024 of a path, whatever is given', () => {
  const values = fc.dictionary(fc.stringMatching(/^[A-Z]{1,80}$/), fc.string({ maxLength: 400 }), { maxKeys: 60 });
  fc.assert(
    fc.property(values, (vars) => {
      const environment = environmentOf({ ...vars, PATH: '/x'.repeat(5000) });
      const given = givenOf(noHeader, [open(...Object.keys(vars))], environment);
      const { environment: told = [], hidden = [], leftOut = 0, searchPath = '' } = given;
      expect(told.join('').length + hidden.join('').length).toBeLessThanOrEqual(2048 + told.length);
      expect(told.length + hidden.length + leftOut).toBe(Object.keys(vars).filter((name) => name !== 'PATH').length);
      expect(searchPath.length).toBeLessThanOrEqual(1024);
    }),
  );
});
