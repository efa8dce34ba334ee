// Asks for a program that a test needs and a machine may lack. Only a machine that was given over to testing gets it installed.
import { execa } from 'execa';

/** True if the program is there, with `CI=true` or `SJQ_TEST_INSTALL=1` after apt-get was asked for its packages; else false, said aloud. */
export async function installed(program: string, packages: readonly string[]): Promise<boolean> {
  const isThere = async (): Promise<boolean> =>
    (await execa('sh', ['-c', 'command -v "$1"', 'sh', program], { reject: false })).exitCode === 0;
  if (await isThere()) return true;
  if (process.env['CI'] === 'true' || process.env['SJQ_TEST_INSTALL'] === '1') {
    const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    const steps = [['update'], ['install', '-y', '--no-install-recommends', ...packages]];
    for (const step of steps) {
      const [command = '', ...args] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...step];
      // Another test may be installing something at the same time: apt-get waits for it.
      await execa(command, [...args, '-o', 'DPkg::Lock::Timeout=120'], { reject: false, timeout: 200_000 });
    }
    if (await isThere()) return true;
  }
  console.log(
    `SKIPPED: ${program} is not installed (apt-get install ${packages.join(' ')}, or set SJQ_TEST_INSTALL=1)`,
  );
  return false;
}
