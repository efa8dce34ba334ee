// Schedules under a monitor that was down, and under a wall clock that is set forth and back: each time is fired once, made up for as
// it says, or told as missed.
import { mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { createMonitor } from '../../src/monitor/monitor.ts';
import { testContext } from '../support/context.ts';
import { fakeGuardians } from '../support/fake-guardians.ts';
import { uowText } from '../support/root.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const today = '2026-11-22';
const at = (time: string, day: string = today): number => Date.parse(`${day}T${time}Z`);

interface World {
  /** Lets time pass, with the wakes that are due in it. */
  pass(ms: number): Promise<void>;
  set(at: number): Promise<void>;
  stop(): Promise<void>;
  /** Starts a monitor and lets it be for so long. */
  start(ms?: number): Promise<void>;
  /** The times that UOWs were made for, in the order in which those ran. */
  readonly fired: () => readonly string[];
  /** `TIME xCOUNT` of the lines of history about times that nothing was made for. */
  readonly missed: () => readonly string[];
}

/** Starts a monitor at 07:30 on a root with a schedule that is due each full hour. */
async function hourly(...header: readonly string[]): Promise<World> {
  const { context, dir, clock, write, path } = testContext({ now: at('07:30:00') });
  write('config.yaml', 'settle: 0s\ndurability: process\n');
  mkdirSync(path('schedules'), { recursive: true });
  write('schedules/h', uowText('schedule :: 0 * * * *', 'timezone :: UTC', ...header, 'command :: true'));
  utimesSync(path('schedules/h'), 1, 1);
  const { processes, startLauncher, starts } = fakeGuardians(() => 'ends-at-once');
  const boot = (): ReturnType<typeof createMonitor> =>
    createMonitor({
      machine: { ...context.machine, processes, startLauncher },
      ...{ root: bytesFromUtf8(dir), version: 'test', echo: () => undefined },
    });
  let monitor = boot();
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (ms: number): Promise<void> => {
    const end = clock.now() + ms;
    while (clock.now() < end) {
      clock.pass(Math.max(1, Math.min(clock.nextDueAt - clock.now(), end - clock.now())));
      await turns();
    }
  };
  await pass(minuteMs);
  return {
    pass,
    async set(time) {
      clock.set(time);
      await pass(minuteMs);
    },
    async stop() {
      monitor.shutdown();
      await turns();
    },
    async start(ms = minuteMs) {
      monitor = boot();
      await pass(ms);
    },
    fired: () => {
      const times = starts.map(({ name }) => name.replace(/^h@(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)00Z$/, '$1 $2:$3'));
      expect(readdirSync(path('done-q'))).toHaveLength(times.length);
      return times.map((time) => time.replace(`${today} `, ''));
    },
    missed: () =>
      readFileSync(path('history.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"unfired"'))
        .map((line) => JSON.parse(line) as { readonly scheduled_at: string; readonly count: number })
        .map(({ scheduled_at: time, count }) => `${time.slice(11, 16)} x${count}`),
  };
}

describe('a monitor that was down', () => {
  it.each([
    ['no', 20, [], []],
    ['one', 60, ['09:00'], []],
    ['five', 300, ['13:00'], ['09:00 x4']],
  ] as const)(
    'over %s time of a schedule makes up for the last of them, once',
    async (_many, minutes, made, missed) => {
      const world = await hourly();
      await world.pass(40 * minuteMs);
      await world.stop();
      await world.pass(minutes * minuteMs);
      await world.start();
      expect(world.fired()).toEqual(['08:00', ...made]);
      expect(world.missed()).toEqual(missed);
      await world.stop();
      await world.start();
      expect(world.fired()).toEqual(['08:00', ...made]);
    },
  );

  it('makes up for it at once when it is there again, though nothing else waits', async () => {
    const world = await hourly();
    await world.pass(40 * minuteMs);
    await world.stop();
    await world.pass(60 * minuteMs);
    await world.start(5000);
    expect(world.fired()).toEqual(['08:00', '09:00']);
  });

  it('makes up for none, or for all, where that is asked for', async () => {
    for (const [catchUp, made, missed] of [
      ['none', [], ['09:00 x3']],
      ['all', ['09:00', '10:00', '11:00'], []],
    ] as const) {
      const world = await hourly(`catch-up :: ${catchUp}`, 'overlap :: allow');
      await world.pass(40 * minuteMs);
      await world.stop();
      await world.pass(180 * minuteMs);
      await world.start();
      expect(world.fired()).toEqual(['08:00', ...made]);
      expect(world.missed()).toEqual(missed);
    }
  });
});

describe('a wall clock that is set', () => {
  it('forth fires the last of the times that it jumps over, and tells of the others', async () => {
    const world = await hourly();
    await world.pass(hourMs);
    await world.set(at('11:20:00'));
    expect(world.fired()).toEqual(['08:00', '11:00']);
    expect(world.missed()).toEqual(['09:00 x2']);
    await world.set(at('11:59:00'));
    await world.pass(2 * minuteMs);
    expect(world.fired()).toEqual(['08:00', '11:00', '12:00']);
  });

  it('back by hours fires no time again, and goes on behind the last', async () => {
    const world = await hourly();
    await world.pass(2 * hourMs);
    expect(world.fired()).toEqual(['08:00', '09:00']);
    await world.set(at('07:50:00'));
    await world.pass(100 * minuteMs);
    expect(world.fired()).toEqual(['08:00', '09:00']);
    await world.pass(hourMs);
    expect(world.fired()).toEqual(['08:00', '09:00', '10:00']);
    expect(world.missed()).toEqual([]);
  });

  it('back by days fires the times that come, and none that it has fired before when they come again', async () => {
    const world = await hourly();
    await world.pass(hourMs);
    await world.set(at('07:50:00', '2026-11-19'));
    await world.pass(hourMs);
    expect(world.fired()).toEqual(['08:00', '2026-11-19 08:00']);
    await world.set(at('07:50:00'));
    await world.pass(90 * minuteMs);
    // The last that was jumped over is made up for; 08:00 stands in done-q.
    expect(world.fired()).toEqual(['08:00', '2026-11-19 08:00', '07:00', '09:00']);
  });

  it('while no monitor runs is as if it had been set under one', async () => {
    const world = await hourly();
    await world.pass(hourMs);
    await world.stop();
    await world.set(at('07:10:00'));
    await world.start();
    await world.pass(hourMs);
    expect(world.fired()).toEqual(['08:00']);
    await world.stop();
    await world.set(at('12:10:00'));
    await world.start();
    expect(world.fired()).toEqual(['08:00', '12:00']);
    expect(world.missed()).toEqual(['09:00 x3']);
  });
});
