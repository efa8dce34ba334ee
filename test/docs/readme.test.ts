// The README's session, typed in a clone of the repository; and that running the monitor on queue-root leaves the clone clean.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { runSession, stepsFrom } from '../support/docs-session.ts';
import { scratchFolder } from '../support/scratch.ts';

const project = join(import.meta.dirname, '../..');
const page = readFileSync(join(project, 'README.md'), 'utf8');

it('the README has less than 200 lines, and every page that it names is there', () => {
  expect(page.trimEnd().split('\n').length).toBeLessThan(200);
  for (const [, path = ''] of page.matchAll(/\]\(([^)]+)\)/g))
    expect([path, existsSync(join(project, path))]).toEqual([path, true]);
});

it.skipIf(!existsSync(join(project, '.git')))(
  'the README’s session does what it shows, and leaves git status clean',
  { timeout: 240_000 },
  async () => {
    const home = join(scratchFolder(), 'home');
    const clone = join(home, 'simple-job-q');
    const git = (...args: readonly string[]): string => {
      const identity = ['-c', 'user.name=you', '-c', 'user.email=you@localhost', '-c', 'init.defaultBranch=main'];
      return execFileSync('git', [...identity, ...args], { cwd: clone, encoding: 'utf8' });
    };
    mkdirSync(clone, { recursive: true });
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: project,
    });
    for (const file of files
      .toString()
      .split('\0')
      .filter((name) => name !== '' && existsSync(join(project, name)))) {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      cpSync(join(project, file), join(clone, file));
    }
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'as cloned');
    // What `npm ci` has done already; the session goes on behind it.
    symlinkSync(join(project, 'node_modules'), join(clone, 'node_modules'));
    cpSync(join(project, 'dist'), join(clone, 'dist'), { recursive: true, preserveTimestamps: true });
    git('config', 'core.excludesFile', join(home, 'ignored'));
    execFileSync('bash', ['-c', 'echo node_modules > "$1"', 'bash', join(home, 'ignored')]);
    const steps = stepsFrom(page)
      .map((step) => ({ ...step, commands: step.commands.replace(/^npm ci && /, '') }))
      // This is `npm test` already.
      .filter(({ commands }) => commands !== 'npm test\n');
    expect(steps.length).toBeGreaterThan(7);
    await runSession(steps, { cwd: clone, home, env: { ...process.env, SJQ_ROOT: '' } });
    expect(git('status', '--porcelain')).toBe('');
    expect(readFileSync(join(clone, 'queue-root/error-q/count'), 'utf8')).toContain(`directory :: ${clone}\n`);
  },
);
