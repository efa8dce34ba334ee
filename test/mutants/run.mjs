// `npm run mutants -- [--list] [--jobs N] [NAME …]`: the tests are tested. Each fault of faults.mjs is built into a copy of the tree, one at a
// time, and a rig named beside it must go red, which it does not do without the fault. Prints a table with what the red test said; exits
// with 1 if a fault was caught by none. A NAME is a part of a fault's. A test that ran out of its time, or a file that could not be loaded,
// has told nothing.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { parseArgs } from 'node:util';
import { faults, partsOfRig, withFault } from './faults.mjs';

/** A rig that takes longer hangs, or the machine is busy: it has told nothing. */
const endlessMs = 900_000;
const top = dirname(dirname(import.meta.dirname));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean', default: false }, jobs: { type: 'string', default: '1' } },
});
const chosen = faults.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
if (values.list) {
  for (const { name, file, caughtBy } of chosen) console.log(`${name}  (${file}; ${caughtBy.join(', ')})`);
  process.exit(0);
}

/** What caught each fault, undefined for nobody, what its red test said, and how many seconds that took with the build. */
const fates = new Map();
const waiting = [...chosen];
await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, () => inCopy(tryAll)));
const red = await inCopy(redAnyway);
const rows = [...fates].map(([name, { caughtBy, said, seconds }]) => {
  const by = caughtBy === undefined ? '**nobody**' : red.has(caughtBy) ? `**${caughtBy} is red anyway**` : caughtBy;
  return `| ${name} | ${by} | ${said} | ${seconds} s |`;
});
console.log(`\n| fault | caught by | which says | after |\n| --- | --- | --- | --- |\n${rows.join('\n')}`);
const missed = rows.filter((row) => row.includes('**')).length;
console.log(`\n${rows.length - missed} of ${rows.length} faults caught`);
process.exitCode = missed > 0 ? 1 : 0;

/** Runs `use` in a copy of the tree. */
async function inCopy(use) {
  const copy = mkdtempSync(join(tmpdir(), 'sjq-mutants-'));
  try {
    const listed = execFileSync('git', ['ls-files', '-zco', '--exclude-standard'], { cwd: top, encoding: 'utf8' });
    for (const path of listed.split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(top, path), join(copy, path), { verbatimSymlinks: true });
    }
    symlinkSync(join(top, 'node_modules'), join(copy, 'node_modules'));
    return await use(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Takes faults from the list until there is none. */
async function tryAll(copy) {
  for (let fault = waiting.shift(); fault; fault = waiting.shift()) {
    const startedAt = Date.now();
    const { caughtBy, said = '' } = await tried(copy, fault);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    console.log(`${fault.name}: ${caughtBy ?? 'NOBODY'}, ${seconds} s: ${said}`);
    fates.set(fault.name, { caughtBy, said, seconds });
  }
}

/** Gives the rig that goes red with a fault and what its test said; no rig if none does. */
async function tried(copy, fault) {
  const path = join(copy, fault.file);
  const whole = readFileSync(path, 'utf8');
  writeFileSync(path, withFault(whole, fault));
  try {
    // One that does not compile would be caught by nothing that it is about.
    if ((await run(copy, 'npm', ['run', '--silent', 'build'])) !== 0) return {};
    for (const rig of fault.caughtBy) {
      const said = await redBy(copy, rig);
      if (said !== undefined) return { caughtBy: rig, said };
    }
    return {};
  } finally {
    writeFileSync(path, whole);
  }
}

/** Gives the rigs among those that caught something that go red without any fault too: they tell nothing. */
async function redAnyway(copy) {
  await run(copy, 'npm', ['run', '--silent', 'build']);
  const found = new Set();
  const rigs = new Set([...fates.values()].map(({ caughtBy }) => caughtBy).filter(Boolean));
  for (const rig of rigs) if ((await redBy(copy, rig)) !== undefined) found.add(rig);
  return found;
}

/** Gives the first failing test of a rig with the first line of what it said; undefined if all passed, or none came to a verdict. */
async function redBy(copy, rig) {
  const { file, title, isWhole } = partsOfRig(rig);
  const results = join(copy, 'coverage/results.json');
  rmSync(results, { force: true });
  const report = ['--reporter=json', `--outputFile=${results}`];
  const args = [
    '--no-install',
    'vitest',
    'run',
    '--bail=1',
    '--retry=0',
    ...report,
    file,
    ...(title ? ['-t', title] : []),
  ];
  if ((await run(copy, 'npx', args, isWhole ? { SJQ_TORTURE: '1' } : {})) === 0) return undefined;
  const said = saidIn(results);
  if (said !== undefined && !/ timed out in \d+ms/.test(said)) return said;
  console.log(`${said ?? 'no test failed, and yet it did'}, so no verdict: ${args.join(' ')}`);
  return undefined;
}

function saidIn(results) {
  if (!existsSync(results)) return undefined;
  const tests = JSON.parse(readFileSync(results, 'utf8')).testResults.flatMap((file) => file.assertionResults);
  const failed = tests.find(({ status }) => status === 'failed');
  return failed && `${failed.title}: ${failed.failureMessages[0]}`.split('\n')[0].replaceAll('|', '\\|').slice(0, 200);
}

/** Gives the exit code; that of success, aloud, for what came to no end, with all that it started in its group. */
function run(cwd, command, args, environment = {}) {
  return new Promise((resolve) => {
    const stdio = command === 'npm' ? 'inherit' : 'ignore';
    const child = spawn(command, args, { cwd, stdio, detached: true, env: { ...process.env, ...environment } });
    let isEndless = false;
    const limit = setTimeout(() => {
      isEndless = true;
      console.log(`no end in ${endlessMs / 1000} s, so no verdict: ${args.join(' ')}`);
      process.kill(-child.pid, 'SIGKILL');
    }, endlessMs);
    child.on('exit', (code) => {
      clearTimeout(limit);
      resolve(isEndless ? 0 : (code ?? 1));
    });
  });
}
