import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { installMs, needPrograms } from '../support/programs.ts';
import { program } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';

const folder = join(import.meta.dirname, '../../systemd');
const units = ['sjq.service', 'user/sjq.service'];
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const installPage = readFileSync(join(folder, '../docs/install.md'), 'utf8');
/** Its section about several roots makes a template of the unit. */
const templateScript = (): string => /^(sed .*sjq@\.service)$/m.exec(installPage)?.[1] ?? 'false';

/** Puts a unit where systemd-analyze looks at it, with a drop-in if one is named. */
function placed(unit: string, text: string, dropIn?: string): string {
  const copy = join(scratchFolder(), unit);
  mkdirSync(dirname(copy), { recursive: true });
  // Verifying asks whether the program is there, and it is not where an installation puts it.
  writeFileSync(copy, text.replace(/^(Exec\w+=-?)sjq /gm, `$1${program} `));
  if (dropIn !== undefined) {
    mkdirSync(`${copy}.d`);
    writeFileSync(join(`${copy}.d`, dropIn), textOf(dropIn));
  }
  return copy;
}

function analyze(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, {
    encoding: 'utf8',
    // A user's manager wants a place for its sockets.
    env: { ...process.env, XDG_RUNTIME_DIR: scratchFolder() },
  });
  return { status, output: `${stdout}${stderr}` };
}

describe('systemd-analyze', () => {
  beforeEach((context) => {
    needPrograms(context, { 'systemd-analyze': 'systemd' });
  }, installMs);

  it.for([
    ['sjq.service', undefined],
    ['sjq.service', 'hardened.conf'],
    ['user/sjq.service', undefined],
  ] as const)('verify has nothing to say about %s, drop-in: %s', ([unit, dropIn]) => {
    const scope = unit.startsWith('user/') ? ['--user'] : [];
    const { status, output } = analyze('verify', '--man=no', ...scope, placed(unit, textOf(unit), dropIn));
    // What it finds in the machine's own units is not about ours.
    const about = output.split('\n').filter((line) => line.includes('sjq'));
    expect({ status, about }).toEqual({ status: 0, about: [] });
  });

  it('verify has nothing to say about the template that the install page makes', () => {
    const script = templateScript().replace('/etc/systemd/system', scratchFolder());
    const file = script.split(' ').at(-1) ?? '';
    expect(spawnSync('sh', ['-c', script], { cwd: folder }).status).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('--root /var/lib/sjq-%i\n');
    expect(text).toContain('StateDirectory=sjq-%i\n');
    const { status, output } = analyze('verify', '--man=no', placed('sjq@build.service', text));
    expect({ status, output }).toEqual({ status: 0, output: '' });
  });

  it('security gives the hardened unit the exposure that docs/security.md names, and 4.0 at most', () => {
    const unit = placed('sjq.service', textOf('sjq.service'), 'hardened.conf');
    const { output } = analyze('security', '--offline=yes', '--no-pager', unit);
    const exposure = /Overall exposure level for sjq\.service: ([\d.]+)/.exec(output)?.[1];
    expect(Number(exposure)).toBeLessThanOrEqual(4);
    // Other versions of systemd weigh differently.
    const documented = /exposure ([\d.]+) with systemd (\d+)/.exec(
      readFileSync(join(folder, '../docs/security.md'), 'utf8'),
    );
    const version = /^systemd (\d+)/.exec(analyze('--version').output)?.[1];
    if (version === documented?.[2]) expect(exposure).toBe(documented?.[1]);
  });
});

it.for(units)('%s: a stop or restart disturbs no job, a reload is HUP, and an asked-for end is no failure', (unit) => {
  const lines = textOf(unit).split('\n');
  for (const line of [
    ...['Type=notify', 'NotifyAccess=all', 'KillMode=process', 'Delegate=yes', 'OOMPolicy=continue'],
    ...['Restart=on-failure', 'RestartPreventExitStatus=64 73 77 78', 'StartLimitIntervalSec=0', 'WatchdogSec=2min'],
    'ExecReload=/bin/kill -HUP $MAINPID',
  ])
    expect(lines).toContain(line);
  expect(textOf(unit)).toMatch(/^ExecStart=\S+ monitor --root \S+$/m);
});

it('the two units differ only in whom they serve, and neither sandboxes anything', () => {
  const settings = (unit: string): readonly string[] =>
    textOf(unit)
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => line.replaceAll('%h/queue-root', '/var/lib/sjq').replace('~/queue-root', '/var/lib/sjq'));
  const own = (unit: string, other: string): readonly string[] =>
    settings(unit).filter((line) => !settings(other).includes(line));
  expect(own('sjq.service', 'user/sjq.service').map((line) => line.split('=')[0])).toEqual([
    ...['After', 'User', 'StateDirectory', 'StateDirectoryMode', 'WorkingDirectory', 'WantedBy'],
  ]);
  expect(own('user/sjq.service', 'sjq.service')).toEqual(['WorkingDirectory=%h', 'WantedBy=default.target']);
  const sandbox = new Set(textOf('hardened.conf').match(/^\w+(?==)/gm));
  expect(settings('sjq.service').filter((line) => sandbox.has(line.split('=')[0] ?? ''))).toEqual([]);
});

it('hardened.conf names the root as one path, for queues on mounts of their own could not exchange UOWs', () => {
  expect(textOf('hardened.conf').match(/^ReadWritePaths=.*$/gm)).toEqual(['ReadWritePaths=/var/lib/sjq']);
});

it.for([false, true])('the line that uninstalls removes the unit, with a drop-in: %s', (hasDropIn) => {
  const etc = scratchFolder();
  writeFileSync(join(etc, 'sjq.service'), '');
  if (hasDropIn) mkdirSync(join(etc, 'sjq.service.d'));
  const line = /^rm .*sjq\.service .*$/m.exec(installPage)?.[0] ?? 'false';
  const { status, stderr } = spawnSync('sh', ['-c', line.replaceAll('/etc/systemd/system', etc)], { encoding: 'utf8' });
  expect({ status, stderr, left: readdirSync(etc) }).toEqual({ status: 0, stderr: '', left: [] });
});
