import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSays } from '../../../src/monitor/report/says.ts';
import { type Files, realFiles } from '../../../src/system/files.ts';
import { bytes } from '../../support/builders.ts';
import { brokenFiles } from '../../support/context.ts';
import { fakeClock } from '../../support/fake-clock.ts';
import { scratchFolder } from '../../support/scratch.ts';

function rig(files: Partial<Files> = {}) {
  const path = join(scratchFolder(), 'monitor_says');
  const echoed: string[] = [];
  const clock = fakeClock();
  const says = createSays({ files: { ...realFiles, ...files }, clock }, bytes(path), (line) => void echoed.push(line));
  return { says, path, echoed, clock, lines: () => readFileSync(path, 'utf8').split('\n').slice(0, -1) };
}

describe('monitor_says', () => {
  it('is appended to, a line an event with its own time, and is kept over restarts', () => {
    const { says, path, clock, lines } = rig();
    writeFileSync(path, 'from before\n');
    says.say({ event: 'config', text: 'é' });
    clock.pass(2000);
    says.say({ event: 'report' });
    says.flush();
    expect(lines()).toEqual(['from before', '2026-11-22T04:31:06Z config - é', '2026-11-22T04:31:08Z report -']);
    says.flush();
    expect(lines()).toHaveLength(3);
  });

  it('tells the foreground what was said since the last wake with one write, also when the file cannot be written', () => {
    const { says, echoed } = rig(brokenFiles('ENOSPC', ['append'], () => true));
    says.say({ event: 'config', text: 'é' });
    says.say({ event: 'report' });
    says.flush();
    expect(echoed[0]).toBe('2026-11-22T04:31:06Z config - é\n2026-11-22T04:31:06Z report -\n');
  });

  it('keeps what a full disk refuses, and writes it in order when there is room', () => {
    let isFull = true;
    const { says, echoed, lines } = rig(brokenFiles('ENOSPC', ['append'], () => isFull));
    says.say({ event: 'config', text: 'one' });
    says.flush();
    says.say({ event: 'config', text: 'two' });
    says.flush();
    const told = (): readonly string[] => echoed.filter((line) => line.includes('cannot be written'));
    // Once, and not at each wake of the hours for which a disk may be full.
    expect(told()).toHaveLength(1);
    isFull = false;
    says.flush();
    expect(lines().map((line) => line.slice(-3))).toEqual(['one', 'two']);
    isFull = true;
    says.say({ event: 'config', text: 'three' });
    says.flush();
    expect(told()).toHaveLength(2);
  });

  it('is told all of 10,000 things that one wake has to say', () => {
    const { says, lines } = rig();
    for (let at = 0; at < 10_000; at++) says.say({ event: 'config', text: `number ${at}` });
    says.flush();
    expect(lines()).toHaveLength(10_000);
    expect(lines().at(-1)).toContain('number 9999');
  });

  it('drops the oldest when too much is kept, and says how many', () => {
    let isFull = true;
    const { says, lines } = rig(brokenFiles('ENOSPC', ['append'], () => isFull));
    for (let number = 1; number <= 5000; number++) {
      says.say({ event: 'config', text: `n${number}` });
      if (number % 100 === 0) says.flush();
    }
    isFull = false;
    says.flush();
    const [first = '', ...kept] = lines();
    const dropped = Number(/(\d+) earlier lines could not be written/.exec(first)?.[1]);
    expect(kept.length).toBeGreaterThanOrEqual(1000);
    expect(dropped + kept.length).toBe(5000);
    expect(kept.at(-1)).toContain('n5000');
    expect(kept[0]).toContain(`n${dropped + 1}`);
    says.say({ event: 'config', text: 'after' });
    says.flush();
    expect(lines().filter((line) => line.includes('earlier lines'))).toHaveLength(1);
  });

  it('begins a line of its own behind one that a fault cut off', () => {
    const { says, path, lines } = rig();
    writeFileSync(path, '2026-11-22T04:31:05Z config - cut o');
    says.say({ event: 'config', text: 'whole' });
    says.flush();
    expect(lines().at(-1)).toBe('2026-11-22T04:31:06Z config - whole');
    expect(lines()).toHaveLength(2);
  });
});
