import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readControl, writeControl } from '../../../src/monitor/apply/control.ts';
import { testContext } from '../../support/context.ts';
import { faultyFiles } from '../../support/faulty-files.ts';

const off = { paused: false, finishing: false };

describe('the switches', () => {
  it('are off in a new root', () => {
    expect(readControl(testContext().context)).toEqual(off);
  });

  it('count at once and outlive a restart, all but FINISH', () => {
    const { context, path } = testContext();
    writeControl(context, { paused: true, finishing: true, slots: 3 });
    expect(context.picture.control).toEqual({ paused: true, finishing: true, slots: 3 });
    expect(readControl(context)).toEqual({ paused: true, finishing: false, slots: 3 });
    writeControl(context, off);
    expect(readControl(context)).toEqual(off);
    expect(readdirSync(path('.sjq')).filter((name) => name.startsWith('control'))).toEqual(['control']);
  });

  it('are the old ones where the disk, or a kill, cuts the new ones off', () => {
    const { context, path } = testContext();
    writeControl(context, { ...off, paused: true });
    const files = faultyFiles({ kind: 'torn', at: 1 });
    const cut = { ...context, machine: { ...context.machine, files } };
    writeControl(cut, { ...off, slots: 2 });
    expect(files.met).toContain(path('.sjq/control'));
    expect(readControl(context)).toEqual({ ...off, paused: true });
  });

  it('are written only when something changed', () => {
    const { context, path } = testContext();
    writeControl(context, { ...off, finishing: true });
    expect(readdirSync(path('.sjq'))).not.toContain('control');
    writeControl(context, { ...off, slots: 2 });
    expect(JSON.parse(readFileSync(path('.sjq/control'), 'utf8'))).toEqual({ paused: false, slots: 2 });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"paused":"yes","slots":"many"}',
    '{"slots":0}',
    '{"slots":-1}',
    '{"slots":1.5}',
    '\xff',
  ])('are off where the file says %j: no monitor fails to start for it', (text) => {
    const { context, write } = testContext();
    write('.sjq/control', text);
    expect(readControl(context)).toEqual(off);
  });
});

it('capacities and paused groups outlive a restart, and what is none of them is passed over', () => {
  const { context, write } = testContext();
  const control = { ...off, resources: { database: 0 }, pausedGroups: ['g', 'two words'] };
  writeControl(context, control);
  expect(readControl(context)).toEqual(control);
  write('.sjq/control', '{"resources":{"a":-1,"b":2,"c":"x"},"pausedGroups":[1,"g"]}');
  expect(readControl(context)).toEqual({ ...off, resources: { b: 2 }, pausedGroups: ['g'] });
});
