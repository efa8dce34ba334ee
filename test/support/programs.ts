// Programs that a test runs and a machine may lack. Only a machine that was given over to testing gets anything installed.
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** How long an installation may take; the timeout of a test that may install. */
export const installMs = 240_000;

/**
 * Gives why not all programs are there, or undefined if they are; with `CI=true` or `SJQ_TEST_INSTALL=1` apt-get is asked for them
 * first. `packageOf` says in which package each is.
 */
export function whyLacking(packageOf: Readonly<Record<string, string>>): string | undefined {
  const missing = (): readonly string[] =>
    Object.keys(packageOf).filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  const mayInstall = process.env['CI'] === 'true' || process.env['SJQ_TEST_INSTALL'] === '1';
  if (missing().length > 0 && mayInstall) {
    const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    const packages = missing().map((program) => packageOf[program] ?? program);
    // Another test may be installing something at the same time: apt-get waits for it, but `update` does not wait for another.
    const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=120'];
    const install = ['install', '-y', '--no-install-recommends', ...packages];
    for (const step of [install, ['update'], install, ['update'], install]) {
      if (missing().length === 0) break;
      const [command = '', ...args] = [...asRoot, ...apt, ...step];
      spawnSync(command, args, { stdio: 'ignore', timeout: installMs / 2 });
    }
  }
  if (missing().length === 0) return undefined;
  return `${missing().join(', ')} not installed (set SJQ_TEST_INSTALL=1 to have it done)`;
}

/** Skips the test, aloud, unless all programs are there or could be installed. */
export function needPrograms(context: TestContext, packageOf: Readonly<Record<string, string>>): void {
  const why = whyLacking(packageOf);
  if (why === undefined) return;
  console.log(`SKIPPED: ${context.task.name}: ${why}`);
  context.skip(why);
}
