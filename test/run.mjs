// `npm test`: every check there is, one named stage after another, all of them even when one fails.
// The last line is `N passed, N failed` (and `, N skipped`): tests as vitest counts them, plus one for each other stage that
// failed or was skipped. Before it stands a line for each test that passed only when it was tried again.
import { Buffer } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { secondTries } from './support/second-tries.mjs';

process.chdir(dirname(import.meta.dirname));

const total = { passed: 0, failed: 0, skipped: 0 };
/** A line for each test that failed and passed when it was tried again. */
const retried = [];

await readers();
stage('shellcheck', shellcheck);
stage('vitest', vitest);

const { passed, failed, skipped } = total;
console.log(['', ...retried].join('\n'));
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

function stage(name, check, startedAt = Date.now()) {
  const before = { ...total };
  console.log(`\n=== ${name}`);
  check();
  const word = total.failed > before.failed ? 'FAILED' : total.skipped > before.skipped ? 'ok, with skips' : 'ok';
  console.log(`=== ${name}: ${word} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
}

/** What only reads the sources goes side by side; typecheck also builds, for the tests. */
async function readers() {
  const startedAt = Date.now();
  const checks = [
    ['typecheck', 'npm run --silent typecheck'],
    ['eslint', 'npx --no-install eslint .'],
    ['prettier', 'npx --no-install prettier --check --log-level warn .'],
  ].map(([name, line]) => ({ name, ended: outputOf(line) }));
  for (const { name, ended } of checks) {
    const { code, output } = await ended;
    const check = () => {
      process.stdout.write(output);
      if (code !== 0) fail();
    };
    stage(name, check, startedAt);
  }
}

function outputOf(line) {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', `${line} 2>&1`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pieces = [];
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(pieces) }));
  });
}

function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}

function fail() {
  total.failed += 1;
}

function skip(reason) {
  console.log(`SKIPPED: ${reason}`);
  total.skipped += 1;
}

function shellcheck() {
  const found = spawnSync(
    'find',
    [
      '.',
      '(',
      '-name',
      'node_modules',
      '-o',
      '-name',
      'dist',
      '-o',
      '-name',
      '.git',
      '-o',
      '-name',
      'queue-root',
      ')',
    ].concat(['-prune', '-o', '-type', 'f', '(', '-name', '*.sh', '-o', '-path', './.ci/run', ')', '-print0']),
    { encoding: 'utf8' },
  );
  const scripts = found.stdout.split('\0').filter((path) => path !== '');
  if (scripts.length === 0) return skip('there is no shell script');
  if (!hasShellcheck() && !installShellcheck()) return;
  if (!run('shellcheck', scripts)) fail();
}

function hasShellcheck() {
  return spawnSync('shellcheck', ['--version']).status === 0;
}

/** Says aloud why it could not; only a machine that was given over to testing gets anything installed. */
function installShellcheck() {
  if (process.env.CI !== 'true' && process.env.SJQ_TEST_INSTALL !== '1') {
    skip('shellcheck is not installed (apt-get install shellcheck, or set SJQ_TEST_INSTALL=1 to have it done here)');
    return false;
  }
  const root = process.getuid() === 0 ? [] : ['sudo', '-n'];
  for (const step of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'shellcheck'],
  ]) {
    const [command, ...args] = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...step];
    run(command, args);
  }
  if (hasShellcheck()) return true;
  skip('shellcheck is not installed, and apt-get could not install it');
  return false;
}

function vitest() {
  const folder = mkdtempSync(join(tmpdir(), 'sjq-test-'));
  try {
    const file = join(folder, 'results.json');
    const args = [
      '--no-install',
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ];
    const ok = run('npx', args);
    const failedBefore = total.failed;
    count(file);
    // No test file, an error outside of any test, a crash of vitest itself.
    if (!ok && total.failed === failedBefore) fail();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function count(file) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.log('vitest left no readable results');
    return fail();
  }
  retried.push(...secondTries(results, process.cwd()));
  total.passed += results.numPassedTests;
  total.failed += results.numFailedTests;
  total.skipped += results.numPendingTests + results.numTodoTests;
  // A file that cannot be loaded has no tests to count, and would otherwise be lost among files that fail as they should.
  for (const { status, assertionResults } of results.testResults)
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) fail();
}
