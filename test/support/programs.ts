// Programs that a test runs and a machine may lack. Only a machine that was given over to testing gets anything installed.
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** How long an installation may take; the timeout of a test that may install. */
export const installMs = 240_000;

/** Skips the test, aloud, unless all programs are there; with `CI=true` or `SJQ_TEST_INSTALL=1` apt-get is asked for them first. */
export function needPrograms(context: TestContext, packageOf: Readonly<Record<string, string>>): void {
  const missing = (): readonly string[] =>
    Object.keys(packageOf).filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  const mayInstall = process.env['CI'] === 'true' || process.env['SJQ_TEST_INSTALL'] === '1';
  if (missing().length > 0 && mayInstall) {
    const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    const packages = missing().map((program) => packageOf[program] ?? program);
    for (const step of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    ]) {
      const [command = '', ...args] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...step];
      spawnSync(command, args, { stdio: 'ignore', timeout: installMs / 2 });
    }
  }
  if (missing().length === 0) return;
  const note = `${missing().join(', ')} not installed (set SJQ_TEST_INSTALL=1 to have it done)`;
  console.log(`SKIPPED: ${context.task.name}: ${note}`);
  context.skip(note);
}
