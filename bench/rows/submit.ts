// Submitting, as a process each and by the thousand on stdin: beside what starting such a process costs at the least.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ourRoot, program, submitProgram } from '../ours.ts';
import type { Bench, Line, Row } from '../row.ts';
import { run, sh } from '../run.ts';
import { median, ratios, told } from '../series.ts';
import { syncTimes } from '../syncs.ts';
import { inTurn } from '../turns.ts';

/** So many runs of a process make one figure. */
const runs = 20;

export const submit: Row = {
  name: 'submit',
  about: 'sjq submit and sjq-submit as a process; UOWs a second by sjq submit --each',
  async run(bench) {
    return [await byNode(bench), await byShell(bench), await each(bench)];
  },
};

/** Gives how many ms one run of a line takes, from a loop of the shell. */
async function runMs(line: string): Promise<number> {
  const startedAt = performance.now();
  await sh(`i=0; while [ $i -lt ${runs} ]; do ${line} > /dev/null || exit 1; i=$((i+1)); done`);
  return (performance.now() - startedAt) / runs;
}

async function byNode({ place, rounds, say }: Bench): Promise<Line> {
  const root = ourRoot(place.folder(), []);
  const line = `${process.execPath} ${program} submit --root ${root.dir} -- /bin/true`;
  const contenders = [
    { name: 'sjq submit', measure: () => runMs(line) },
    { name: 'node -e 0', measure: () => runMs(`${process.execPath} -e 0`) },
  ];
  const series = await inTurn(contenders, rounds, say);
  expectSubmitted(root.count('wait-q'), rounds * runs);
  const [ours = [], least = []] = [...series.values()];
  const times = ratios(ours, least);
  const figures = `${told(ours, 1)} ms, node -e 0 ${told(least, 1)} ms: ${told(times)} times`;
  await root.remove();
  return { what: 'sjq submit, a process', figures, bound: 'at most 1.6 times', isReached: median(times) <= 1.6 };
}

async function byShell({ place, rounds, say }: Bench): Promise<Line> {
  const what = 'sjq-submit, a process';
  const bound = 'at most 3 times sh -c true and a sync';
  const path = submitProgram();
  if (path === undefined) return { what, figures: 'not there', bound };
  const root = ourRoot(place.folder(), []);
  const contenders = [
    { name: 'sjq-submit', measure: () => runMs(`SJQ_ROOT=${root.dir} ${path} -- /bin/true`) },
    { name: 'sh -c true', measure: () => runMs('sh -c true') },
  ];
  const series = await inTurn(contenders, rounds, say);
  expectSubmitted(root.count('wait-q'), rounds * runs);
  const { file, directory } = syncTimes(place.folder());
  const syncMs = median(file) + median(directory);
  const [ours = [], shell = []] = [...series.values()];
  const least = shell.map((ms) => ms + syncMs);
  const times = ratios(ours, least);
  const figures = `${told(ours)} ms, sh -c true ${told(shell)} ms and a sync of file and directory ${syncMs.toFixed(2)} ms: ${told(times)} times`;
  await root.remove();
  return { what, figures, bound, isReached: median(times) <= 3 };
}

async function each({ place, rounds, scale, say }: Bench): Promise<Line> {
  const count = Math.round(10_000 * scale);
  const what = `sjq submit --each, ${count.toLocaleString('en')} lines`;
  const bound = 'at least 5,000 a second';
  const help = await run(process.execPath, [program, 'submit', '--help']);
  if (!help.includes('--each')) return { what, figures: 'not there', bound };
  const folder = place.folder();
  const lines = join(folder, 'lines');
  writeFileSync(lines, '/bin/true\n'.repeat(count));
  const measure = async (): Promise<number> => {
    const root = ourRoot(place.folder(), []);
    const startedAt = performance.now();
    await sh(`${process.execPath} ${program} submit --root ${root.dir} --each < ${lines} > /dev/null`);
    const seconds = (performance.now() - startedAt) / 1000;
    expectSubmitted(root.count('wait-q'), count);
    await root.remove();
    return count / seconds;
  };
  const series = await inTurn([{ name: 'sjq submit --each', measure }], rounds, say);
  const rates = [...series.values()].flat();
  return { what, figures: `${told(rates, 0)} a second`, bound, isReached: median(rates) >= 5000 };
}

function expectSubmitted(is: number, expected: number): void {
  if (is !== expected) throw new Error(`${is} UOWs were submitted, not ${expected}`);
}
