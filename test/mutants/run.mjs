// `npm run mutants -- [--list] [--jobs N] [NAME …]`: the tests are tested. Each fault of faults.mjs is built into a copy of the tree, one at a
// time, and a rig named beside it must go red, which it does not do without the fault. Prints a table; exits with 1 if a fault was caught
// by none. A NAME is a part of a fault's.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

/** What caught each fault, undefined for nobody, and how many seconds that took with the build. */
const fates = new Map();
const waiting = [...chosen];
await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, () => inCopy(tryAll)));
const red = await inCopy(redAnyway);
const rows = [...fates].map(([name, { caughtBy, seconds }]) => {
  const by = caughtBy === undefined ? '**nobody**' : red.has(caughtBy) ? `**${caughtBy} is red anyway**` : caughtBy;
  return `| ${name} | ${by} | ${seconds} s |`;
});
console.log(`\n| fault | caught by | after |\n| --- | --- | --- |\n${rows.join('\n')}`);
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
    const caughtBy = await tried(copy, fault);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    console.log(`${fault.name}: ${caughtBy ?? 'NOBODY'}, ${seconds} s`);
    fates.set(fault.name, { caughtBy, seconds });
  }
}

/** Gives the rig that goes red with a fault; undefined if none does. */
async function tried(copy, fault) {
  const path = join(copy, fault.file);
  const whole = readFileSync(path, 'utf8');
  writeFileSync(path, withFault(whole, fault));
  try {
    // One that does not compile would be caught by nothing that it is about.
    if ((await run(copy, 'npm', ['run', '--silent', 'build'])) !== 0) return undefined;
    for (const rig of fault.caughtBy) if (await isRed(copy, rig)) return rig;
    return undefined;
  } finally {
    writeFileSync(path, whole);
  }
}

/** Gives the rigs among those that caught something that go red without any fault too: they tell nothing. */
async function redAnyway(copy) {
  await run(copy, 'npm', ['run', '--silent', 'build']);
  const found = new Set();
  const rigs = new Set([...fates.values()].map(({ caughtBy }) => caughtBy).filter(Boolean));
  for (const rig of rigs) if (await isRed(copy, rig)) found.add(rig);
  return found;
}

async function isRed(copy, rig) {
  const { file, title, isWhole } = partsOfRig(rig);
  const args = ['--no-install', 'vitest', 'run', '--bail=1', '--retry=0', file, ...(title ? ['-t', title] : [])];
  return (await run(copy, 'npx', args, isWhole ? { SJQ_TORTURE: '1' } : {})) !== 0;
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
