import { expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { createMonitor, type ServingState } from '../../src/monitor/monitor.ts';
import { realMachine } from '../../src/monitor/real-machine.ts';
import { realFiles } from '../../src/system/files.ts';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('a wake that throws is no sign of life, and the first that goes through is one', async () => {
  const root = testRoot('sleep: 1s\n');
  const state = { isBroken: false, signs: [] as ServingState[], heard: '' };
  const files: typeof realFiles = {
    ...realFiles,
    list(...args) {
      if (state.isBroken) throw new TypeError('a bug');
      return realFiles.list(...args);
    },
  };
  const monitor = createMonitor({
    machine: { ...realMachine(), files },
    root: bytesFromUtf8(root.dir),
    version: 'test',
    echo: (line) => (state.heard += line),
    onWake: (sign) => void state.signs.push(sign),
  });
  // From the first wake on; it comes when this stack is done.
  state.isBroken = true;
  await eventually(() => state.heard.split('unexpected, please report it').length > 2, { what: 'two wakes threw' });
  expect(state.signs).toEqual([]);
  state.isBroken = false;
  await eventually(() => state.signs.length > 0, { what: 'a wake went through' });
  root.message('PAUSE');
  await eventually(() => state.signs.includes('paused'), { what: 'the pause is told' });
  expect(state.signs[0]).toBe('serving');
  monitor.shutdown();
  expect(await monitor.ended).toBe('shutdown');
});
