import { expect, it } from 'vitest';
import { messages } from '../../../src/plan/rules/messages.ts';
import { aClaim, aConfig, aSeen } from '../../support/builders.ts';

const config = aConfig({ resources: { database: 4, license: 1 } });
const claims = [aClaim('x', { record: { needs: [{ name: 'database', count: 3 }] } })];

function said(line: string, settings = config): string {
  const { actions } = messages(aSeen({ messages: [line], claims }), settings);
  return actions.flatMap((action) => (action.kind === 'say' ? (action.notice.text ?? '') : [])).join('\n');
}

it('RESOURCE changes how much there is, for this very plan, and tells of those who have taken more', () => {
  const { control, actions } = messages(
    aSeen({ messages: ['RESOURCE database 2'], control: { resources: { license: 0 } } }),
    config,
  );
  expect(control.resources).toEqual({ license: 0, database: 2 });
  expect(actions).toContainEqual({ kind: 'control', control });
  expect(said('RESOURCE license 3')).toBe('there is license 3 now');
  expect(said('RESOURCE database 2')).toBe('there is database 2 now; 3 are taken, and what has them runs on');
});

it('RESOURCE of a name that config.yaml does not have is refused with those that it has', () => {
  expect(said('RESOURCE databse 2')).toBe('no resource databse: there is database, license');
  expect(said('RESOURCE x 2', aConfig())).toBe('no resource x: write it under resources in config.yaml first');
});

it('STATUS tells what is taken of each', () => {
  expect(said('STATUS')).toContain('taken of resources: database 3 of 4, license 0 of 1');
  expect(said('STATUS', aConfig())).not.toContain('resources');
});
