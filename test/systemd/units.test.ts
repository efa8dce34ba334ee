import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { program } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';

const folder = join(import.meta.dirname, '../../systemd');
const units = ['sjq.service', 'user/sjq.service'];

it.for(units)('%s: systemd-analyze verify has nothing to say', (unit, { skip }) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) skip('systemd-analyze is not installed');
  // Verifying asks whether the program is there, and it is not where an installation puts it.
  const copy = join(scratchFolder(), unit);
  mkdirSync(join(copy, '..'), { recursive: true });
  writeFileSync(copy, readFileSync(join(folder, unit), 'utf8').replaceAll('/usr/local/bin/sjq', program));
  const scope = unit.startsWith('user/') ? ['--user'] : [];
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...scope, copy], {
    encoding: 'utf8',
    // A user's manager wants a place for its sockets.
    env: { ...process.env, XDG_RUNTIME_DIR: scratchFolder() },
  });
  // What it finds in the machine's own units is not about ours.
  const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('sjq'));
  expect({ status, about }).toEqual({ status: 0, about: [] });
});

it.for(units)('%s: a stop or restart disturbs no job, a reload is HUP, and an asked-for end is no failure', (unit) => {
  const text = readFileSync(join(folder, unit), 'utf8');
  for (const line of ['KillMode=process', 'Delegate=yes', 'OOMPolicy=continue', 'Restart=on-failure', 'Type=exec'])
    expect(text.split('\n')).toContain(line);
  expect(text).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
  expect(text).toMatch(/^ExecStart=\S+ monitor --root \S+$/m);
});
