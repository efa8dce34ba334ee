// `npm run bench -- [ROW …] [--rounds N] [--scale N] [--on DIR|loop] [--write]`: how fast the queue is, beside what a user would
// take instead. Each row of the table is a bench of its own (rows/), ours and the peers in turn in one run; a row whose own check
// fails has no figure. `--write` puts what it came to into docs/benchmarks.md; rows that did not run stay.
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { writeRows } from './page.ts';
import { makePlace } from './place.ts';
import type { Bench, Line } from './row.ts';
import { rows } from './rows/rows.ts';
import { endAll } from './run.ts';

process.chdir(dirname(import.meta.dirname));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    on: { type: 'string' },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0 || values.list) {
  if (unknown.length > 0) console.error(`no row is named ${unknown.join(', ')}; there are:`);
  for (const { name, about } of rows) console.log(`${name.padEnd(16)} ${about}`);
  process.exit(values.list ? 0 : 64);
}

const place = makePlace(values.on);
const say = (text: string): void => console.log(`  ${text}`);
const bench: Bench = {
  place,
  rounds: Number(values.rounds),
  scale: Number(values.scale),
  isWriting: values.write,
  say,
};
const command = (name: string): string => ['npm run bench --', name, ...options()].join(' ');
let isGood = true;
// Ctrl-C leaves no disk mounted behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave(130));
try {
  console.log(`on ${place.what}`);
  for (const { name, run } of positionals.length > 0 ? rows.filter((row) => positionals.includes(row.name)) : rows) {
    console.log(`\n=== ${name}`);
    try {
      const lines = await run(bench);
      for (const line of lines) console.log(shown(line));
      if (values.write) writeRows(name, lines, command(name), place.what);
    } catch (error) {
      console.log(`no figure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      isGood = false;
      await endAll();
    }
  }
} finally {
  await leave(isGood ? 0 : 1);
}

function options(): readonly string[] {
  const given = Object.entries(values).filter(([, value]) => typeof value === 'string');
  const usual: Readonly<Record<string, string>> = { rounds: '5', scale: '1' };
  return given.flatMap(([name, value]) => (value === usual[name] ? [] : [`--${name}`, String(value)]));
}

function shown({ what, figures, bound, isReached }: Line): string {
  const verdict = isReached === undefined ? '' : isReached ? ': reached' : ': NOT REACHED';
  return `${what}: ${figures}${bound === '' ? '' : ` (${bound}${verdict})`}`;
}

async function leave(code: number): Promise<never> {
  await endAll();
  place.remove();
  process.exit(code);
}
