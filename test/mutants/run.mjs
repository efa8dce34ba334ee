// `npm run mutants -- [--list] [--jobs N] [NAME …]`: the tests are tested. Each fault of faults.mjs is built into a copy of the tree, one at a
// time, and the rigs named beside it must go red. Prints a table; exits with 1 if a fault was caught by none of its rigs. A NAME is a part of a fault's.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { faults, withFault } from './faults.mjs';

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

const rows = [];
const waiting = [...chosen];
await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, work));
console.log(`\n| fault | caught by | after |\n| --- | --- | --- |\n${rows.join('\n')}`);
const missed = rows.filter((row) => row.includes('**nobody**')).length;
console.log(`\n${rows.length - missed} of ${rows.length} faults caught`);
process.exitCode = missed > 0 ? 1 : 0;

/** Takes faults from the list until there is none, in a copy of the tree of its own. */
async function work() {
  const copy = mkdtempSync(join(tmpdir(), 'sjq-mutants-'));
  try {
    const listed = execFileSync('git', ['ls-files', '-zco', '--exclude-standard'], { cwd: top, encoding: 'utf8' });
    for (const path of listed.split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(top, path), join(copy, path), { verbatimSymlinks: true });
    }
    symlinkSync(join(top, 'node_modules'), join(copy, 'node_modules'));
    for (let fault = waiting.shift(); fault; fault = waiting.shift()) rows.push(await tried(copy, fault));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function tried(copy, fault) {
  const path = join(copy, fault.file);
  const whole = readFileSync(path, 'utf8');
  writeFileSync(path, withFault(whole, fault));
  const startedAt = Date.now();
  let caughtBy;
  try {
    // One that does not compile would be caught by nothing that it is about.
    if ((await run(copy, 'npm', ['run', '--silent', 'build'])) !== 0)
      throw new Error(`${fault.name}: does not compile`);
    for (const rig of fault.caughtBy) {
      const [file, title] = rig.split(' > ');
      const args = ['--no-install', 'vitest', 'run', '--bail=1', '--retry=0', file, ...(title ? ['-t', title] : [])];
      if ((await run(copy, 'npx', args)) !== 0) caughtBy ??= rig;
      if (caughtBy) break;
    }
  } finally {
    writeFileSync(path, whole);
  }
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const row = `| ${fault.name} | ${caughtBy ?? '**nobody**'} | ${seconds} s |`;
  console.log(row);
  return row;
}

function run(cwd, command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: 'ignore' });
    child.on('exit', (code) => resolve(code));
  });
}
