// `npm run torture -- [--scale N] [--seed N] [--lanes N] [--write] [RIG …]`: the rigs of test/crash whole, one after another, and a
// table of what they did. A RIG is the name of a file there (`kill-storm`). `--scale 0.1` does a tenth. `--lanes 6` deals each rig
// out to six processes side by side: for rigs that mostly wait, or for many cores. `--write` puts the rows into
// docs/reliability.md, each with the command that printed it; rows of rigs that did not run stay.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { putRows } from './support/kept-rows.mjs';

process.chdir(dirname(import.meta.dirname));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const folder = 'test/crash';
const all = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => basename(name, '.test.ts'));
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no rig is named ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  process.exit(64);
}

const head = ['rig', 'did', 'violations', 'took', 'by'];
const work = mkdtempSync(join(tmpdir(), 'sjq-torture-'));
const rows = [];
let isGreen = true;
try {
  for (const rig of positionals.length > 0 ? positionals : all) await run(rig);
} finally {
  rmSync(work, { recursive: true });
}
console.log(`\n${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`);
if (values.write) write();
process.exitCode = isGreen ? 0 : 1;

async function run(rig) {
  const file = join(work, rig);
  console.log(`\n=== ${rig}`);
  const startedAt = Date.now();
  const lanes = Array.from({ length: Number(values.lanes) }, (_, lane) => isLaneOk(rig, lane, file));
  const isOk = (await Promise.all(lanes)).every(Boolean);
  isGreen &&= isOk;
  const figures = new Map();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  for (const { what, value } of lines.map((line) => JSON.parse(line))) {
    figures.set(what, typeof value === 'number' ? (figures.get(what) ?? 0) + value : value);
  }
  const told = [...figures].map(
    ([what, value]) => `${typeof value === 'number' ? value.toLocaleString('en') : value} ${what}`,
  );
  const scale = values.scale === '1' ? '' : ` --scale ${values.scale}`;
  const seed = values.seed === '1' ? '' : ` --seed ${values.seed}`;
  const side = values.lanes === '1' ? '' : ` --lanes ${values.lanes}`;
  const seconds = Math.round((Date.now() - startedAt) / 1000).toLocaleString('en');
  const command = `npm run torture --${scale}${seed}${side} ${rig}`;
  const day = new Date().toISOString().slice(0, 10);
  const did = told.join(', ') || '-';
  rows.push([rig, did, isOk ? 'none' : '**some**', `${seconds} s`, `\`${command}\`, ${day}, ${commit()}`]);
}

async function isLaneOk(rig, lane, file) {
  const env = {
    ...process.env,
    SJQ_TORTURE: '1',
    SJQ_TORTURE_SCALE: values.scale,
    SJQ_SEED: values.seed,
    SJQ_LANE: `${lane}/${values.lanes}`,
    SJQ_FIGURES: file,
  };
  const args = ['--no-install', 'vitest', 'run', `${folder}/${rig}.test.ts`, '--no-file-parallelism'];
  const [code] = await once(spawn('npx', args, { stdio: 'inherit', env }), 'exit');
  return code === 0;
}

/** What was tried: the commit, and whether the sources differed from it. */
function commit() {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' });
  return stdout.trim() || 'no commit';
}

function write() {
  putRows({
    page: 'docs/reliability.md',
    markers: ['<!-- figures: npm run torture -- --write -->', '<!-- end of figures -->'],
    above: `Linux ${release()}, Node ${process.version}, ${cpus().length} cores.`,
    head,
    rows,
  });
}
