import { delimiter } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openServiceManager } from '../../src/system/service-manager.ts';
import { eventually } from '../support/eventually.ts';
import { type NotifyProgram, notifyProgram } from '../support/notify-program.ts';
import { scratchFolder } from '../support/scratch.ts';

const path = process.env['PATH'] ?? '';
let program: NotifyProgram;
let faults: string[];

beforeEach(() => {
  program = notifyProgram();
  faults = [];
  process.env['PATH'] = `${program.bin}${delimiter}${path}`;
});
afterEach(() => {
  process.env['PATH'] = path;
});

const open = (environment: NodeJS.ProcessEnv): ReturnType<typeof openServiceManager> =>
  openServiceManager(environment, (text) => void faults.push(text));

it('without NOTIFY_SOCKET there is no service manager, and the variables of a watchdog are taken away all the same', () => {
  const environment = { WATCHDOG_USEC: '1000', WATCHDOG_PID: '1', HOME: '/' };
  expect(open(environment)).toBeUndefined();
  expect(environment).toEqual({ HOME: '/' });
  expect(open({ NOTIFY_SOCKET: '' })).toBeUndefined();
});

it('says READY=1 with the first work, another STATUS when it changes, nothing when it does not, and STOPPING=1 last', async () => {
  const environment = { NOTIFY_SOCKET: '/run/there', HOME: '/' };
  const manager = open(environment);
  expect(environment).toEqual({ HOME: '/' });
  for (const status of ['serves', 'serves', 'paused', 'paused', 'serves']) manager?.works(status);
  await manager?.stopping('ended');
  manager?.works('serves on');
  expect(program.said()).toEqual([
    '/run/there READY=1 STATUS=serves',
    '/run/there STATUS=paused',
    '/run/there STATUS=serves',
    '/run/there STOPPING=1 STATUS=ended',
  ]);
  expect(faults).toEqual([]);
});

it('asks for a sign of life at half of the time, and says WATCHDOG=1 only when work follows', async () => {
  const manager = open({ NOTIFY_SOCKET: '/run/there', WATCHDOG_USEC: '400000', WATCHDOG_PID: String(process.pid) });
  const signs = (): number => program.said().filter((line) => line === '/run/there WATCHDOG=1').length;
  let asked = 0;
  let works = false;
  manager?.watch(() => {
    asked += 1;
    if (works) manager.works('serves');
  });
  manager?.works('serves');
  await eventually(() => asked >= 3, { what: 'it asked again and again' });
  expect(signs()).toBe(0);
  works = true;
  const startedAt = performance.now();
  await eventually(() => signs() >= 4, { what: 'four signs were given' });
  // Four signs of 0.2 s each, the first of them overdue.
  expect(performance.now() - startedAt).toBeGreaterThan(550);
  await manager?.stopping('ended');
});

it('does not wait for the event loop to say WATCHDOG=1 in the midst of a flood of work', async () => {
  const manager = open({ NOTIFY_SOCKET: '/run/there', WATCHDOG_USEC: '100000' });
  const started = performance.now();
  while (performance.now() - started < 400) manager?.works('serves');
  await manager?.stopping('ended');
  await eventually(() => program.said().filter((line) => line.endsWith('WATCHDOG=1')).length >= 4, {
    what: 'each half of the time had its sign',
  });
});

it.for([
  ['another process is watched', { WATCHDOG_USEC: '1000', WATCHDOG_PID: String(process.pid + 1) }],
  ['there is no watchdog', {}],
  ['its time is no number', { WATCHDOG_USEC: 'often' }],
] as const)('gives no sign where %s', async ([, watchdog]) => {
  const manager = open({ NOTIFY_SOCKET: '/run/there', ...watchdog });
  let asked = 0;
  manager?.watch(() => (asked += 1));
  const started = performance.now();
  await eventually(() => performance.now() - started > 50, { what: 'some time passed' });
  manager?.works('serves');
  await manager?.stopping('ended');
  expect(asked).toBe(0);
  expect(program.said().filter((line) => line.includes('WATCHDOG'))).toEqual([]);
});

it('a missing systemd-notify is said once, with what systemd will do about it, and is no fault of the work', async () => {
  process.env['PATH'] = scratchFolder();
  const manager = open({ NOTIFY_SOCKET: '/run/there', WATCHDOG_USEC: '1000' });
  manager?.works('serves');
  manager?.works('paused');
  await eventually(() => faults.length > 0, { what: 'it is said' });
  await manager?.stopping('ended');
  expect(faults).toEqual([
    expect.stringMatching(/no program systemd-notify: install systemd.*systemd will take the start for timed out/),
  ]);
});

it('what could not be said is said anew with the next work, and its reason is told once', async () => {
  const broken = notifyProgram('[ -e "$0.mended" ] || { touch "$0.mended"; echo "no such socket" >&2; exit 1; }');
  process.env['PATH'] = `${broken.bin}${delimiter}${path}`;
  const manager = open({ NOTIFY_SOCKET: '/run/there' });
  manager?.works('serves');
  await eventually(() => faults.length > 0, { what: 'the fault is told' });
  manager?.works('serves');
  await manager?.stopping('ended');
  expect(faults).toEqual([expect.stringContaining('no such socket')]);
  expect(broken.said()).toEqual([
    '/run/there READY=1 STATUS=serves',
    '/run/there READY=1 STATUS=serves',
    '/run/there STOPPING=1 STATUS=ended',
  ]);
});

it('a service manager that does not answer holds the end up for 2 s at most', async () => {
  const hanging = notifyProgram('exec sleep 60');
  process.env['PATH'] = `${hanging.bin}${delimiter}${path}`;
  const manager = open({ NOTIFY_SOCKET: '/run/there' });
  const started = performance.now();
  await manager?.stopping('ended');
  expect(performance.now() - started).toBeLessThan(4000);
  expect(hanging.said()).toEqual(['/run/there STOPPING=1 STATUS=ended']);
});
