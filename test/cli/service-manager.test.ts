// The monitor process under a service manager; what is said is written down by a program in the place of systemd-notify.
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { notifyProgram } from '../support/notify-program.ts';
import { program, type TestRoot, testRoot } from '../support/root.ts';
import { type Started, scratchFolder, start } from '../support/scratch.ts';

const path = process.env['PATH'] ?? '';

function monitorUnder(root: TestRoot, env: NodeJS.ProcessEnv, verb = 'monitor'): Started & { stderr(): string } {
  const started = start(process.execPath, [program, verb, '--root', root.dir], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NOTIFY_SOCKET: '/run/none', ...env },
  });
  let stderr = '';
  started.child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return { ...started, stderr: () => stderr };
}

it('is ready when the first wake is done, tells a pause, gives signs of life while it sleeps, and says that it stops', async () => {
  const root = testRoot('sleep: 1h\n');
  const { bin, said } = notifyProgram();
  const monitor = monitorUnder(root, { PATH: `${bin}:${path}`, WATCHDOG_USEC: '1000000' });
  const words = (): readonly string[] => said().map((line) => line.replace('/run/none ', ''));
  await eventually(() => words().length > 0, { withinMs: 20_000, what: 'something is said' });
  expect(words()[0]).toBe(`READY=1 STATUS=serves ${root.dir}`);
  await eventually(() => words().filter((line) => line === 'WATCHDOG=1').length >= 2, { what: 'it lives' });
  root.message('PAUSE');
  await eventually(() => words().includes(`STATUS=paused, starts nothing: ${root.dir}`), { what: 'the pause is told' });
  // The greeting is for a terminal.
  expect(monitor.stderr()).not.toContain('In another terminal');
  monitor.child.kill('SIGTERM');
  await eventually(() => monitor.child.exitCode === 0, { what: 'it ends with 0' });
  expect(words().at(-1)).toBe(`STOPPING=1 STATUS=ended (shutdown): ${root.dir}`);
});

it('neither the launcher nor a job nor a command that is asked inherits what is the monitor’s', async () => {
  // The ready command holds the job back if it is told too much.
  const root = testRoot(`ready:\n  command: '! env | grep -qE "NOTIFY_SOCKET|WATCHDOG"'\n`);
  const { bin, said } = notifyProgram();
  const env = { PATH: `${bin}:${path}`, WATCHDOG_USEC: '60000000' };
  const monitor = monitorUnder(root, env);
  await eventually(() => said().length > 0, { withinMs: 20_000, what: 'it is ready' });
  root.drop('env', ['command :: env; while [ ! -e go ]; do sleep 0.05; done', `directory :: ${root.dir}`]);
  const running = (): string => root.read('currently-executing', 'env');
  await eventually(() => running().includes('SJQ_TOKEN'), { withinMs: 20_000, what: 'the job runs' });
  const children = childrenOf(monitor.pid);
  expect(children.length).toBeGreaterThan(2);
  for (const pid of children)
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
  expect(running()).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
  monitor.child.kill('SIGTERM');
  await eventually(() => monitor.child.exitCode === 0, { what: 'it ends' });
});

it('a missing systemd-notify is said in monitor_says once, and jobs run', async () => {
  const root = testRoot();
  const monitor = monitorUnder(root, { PATH: pathWithout('systemd-notify'), WATCHDOG_USEC: '400000' });
  root.drop('a', ['command :: true']);
  await root.arrival('done-q', 'a');
  await eventually(() => root.says().includes('systemd-notify'), { what: 'it is said' });
  monitor.child.kill('SIGTERM');
  await eventually(() => monitor.child.exitCode === 0, { what: 'it ends with 0' });
  const lines = root.says().split('\n');
  expect(lines.filter((line) => line.includes('no program systemd-notify: install systemd'))).toHaveLength(1);
});

it('once tells a service manager too, as a start of its own', async () => {
  const root = testRoot();
  const { bin, said } = notifyProgram();
  const once = monitorUnder(root, { PATH: `${bin}:${path}` }, 'once');
  await eventually(() => once.child.exitCode === 0, { withinMs: 20_000, what: 'it ends with 0' });
  expect(said()).toEqual([
    `/run/none READY=1 STATUS=serves ${root.dir}`,
    `/run/none STOPPING=1 STATUS=ended (idle): ${root.dir}`,
  ]);
});

function childrenOf(pid: number): readonly number[] {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const parents = new Map(
    all.flatMap((child) => {
      try {
        const stat = readFileSync(`/proc/${child}/stat`, 'latin1');
        return [[child, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
      } catch {
        return [];
      }
    }),
  );
  const found = new Set([pid]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child);
  }
  found.delete(pid);
  return [...found];
}

/** Gives a folder that holds all programs of PATH but one. */
function pathWithout(name: string): string {
  const bin = scratchFolder();
  for (const dir of path.split(':')) {
    if (!existsSync(dir)) continue;
    for (const file of readdirSync(dir)) {
      if (file !== name && !existsSync(`${bin}/${file}`)) symlinkSync(`${dir}/${file}`, `${bin}/${file}`);
    }
  }
  return bin;
}
