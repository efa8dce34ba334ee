import { describe, expect, it } from 'vitest';
import { Header } from '../../src/model/header.ts';
import { type EnvironmentBasics, jobEnvironment, variableOfField } from '../../src/plan/job-environment.ts';
import { bytes } from '../support/builders.ts';

function environment(
  fields: readonly (readonly [string, string])[],
  changed: Partial<EnvironmentBasics> = {},
): Readonly<Record<string, string>> {
  const header = new Header(fields.map(([name, content], line) => ({ name, content, line })));
  const entries = jobEnvironment(header, {
    ...{ user: { name: 'ada', home: '/home/ada', shell: '/bin/bash' }, lang: undefined, timezone: undefined },
    ...{ path: [], variables: [], own: { SJQ_NAME: bytes('backup') } },
    ...changed,
  });
  const names = entries.map((entry) => entry.slice(0, entry.indexOf('=')));
  expect(new Set(names).size, 'each name once').toBe(names.length);
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s, 2) as [string, string]));
}

describe('the environment of a job', () => {
  it('is a handful of basics and nothing else of the monitor’s', () => {
    expect(
      environment([
        ['command', 'true'],
        ['priority', '5'],
        ['timeout', '1h'],
      ]),
    ).toEqual({
      ...{ HOME: '/home/ada', USER: 'ada', LOGNAME: 'ada', SHELL: '/bin/bash', LANG: 'C.UTF-8', SJQ_NAME: 'backup' },
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    });
  });

  it('has the host’s language and time zone, and the job type’s directories first', () => {
    const found = environment([], {
      lang: 'de_DE.UTF-8',
      timezone: 'Europe/Berlin',
      path: ['/opt/app/bin', '/opt/bin'],
    });
    expect(found).toMatchObject({ LANG: 'de_DE.UTF-8', TZ: 'Europe/Berlin' });
    expect(found['PATH']).toMatch(/^\/opt\/app\/bin:\/opt\/bin:\/usr\/local\/sbin:/);
  });

  it('takes the header’s word over an env-file’s, and that over the basics', () => {
    const variables = [
      ['LANG', 'C'],
      ['COLOUR', 'red'],
      ['COLOUR', 'green'],
    ] as const;
    expect(environment([], { variables })).toMatchObject({ LANG: 'C', COLOUR: 'green' });
    expect(
      environment(
        [
          ['env.COLOUR', 'blue'],
          ['env.PATH', '/bin'],
        ],
        { variables },
      ),
    ).toMatchObject({
      ...{ LANG: 'C', COLOUR: 'blue', PATH: '/bin' },
    });
  });

  it('hands unknown fields over as SJQ_*, but never in place of the program’s own', () => {
    expect(
      environment([
        ['customer', 'é'],
        ['run-id', '7'],
        ['name', 'forged'],
      ]),
    ).toMatchObject({
      ...{ SJQ_CUSTOMER: '\xc3\xa9', SJQ_RUN_ID: '7', SJQ_NAME: 'backup' },
    });
  });

  it('joins repeated fields by newlines', () => {
    expect(
      environment([
        ['host', 'a'],
        ['host', 'b'],
      ])['SJQ_HOST'],
    ).toBe('a\nb');
  });

  it('shows no secret and no path of one', () => {
    expect(Object.keys(environment([['secret.KEY', '/etc/key']])).join()).not.toMatch(/KEY/);
  });

  it('names a field’s variable in upper case, with _ for what a name cannot hold', () => {
    expect(['run-id', 'a.b', 'ü', 'x=y'].map(variableOfField)).toEqual(['SJQ_RUN_ID', 'SJQ_A_B', 'SJQ__', 'SJQ_X_Y']);
  });
});
