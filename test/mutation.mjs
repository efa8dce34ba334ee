// `npm run mutation [-- FILE …]`: changes the code of src/plan and src/format in small ways, one at a time, and counts for how
// many a test of the same folder turns red (Stryker does the work). Prints those that nobody noticed and the score of each file
// and folder; fails below 90 %. With FILEs only these are changed, and no score is asked of them. What one run found out the
// next one takes over where neither code nor tests have changed; `rm -r coverage` forgets it.
import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';

process.chdir(`${import.meta.dirname}/..`);
const leastScore = 90;
const files = process.argv.slice(2);
const scores = [];
for (const folder of ['plan', 'format']) {
  const mutate = files.length === 0 ? [`src/${folder}/**/*.ts`] : files.filter((f) => f.startsWith(`src/${folder}/`));
  if (mutate.length > 0) scores.push(...scoresOf(`src/${folder}/`, await run(folder, mutate)));
}
console.log(`\n score   noticed      of\n${scores.map(({ text }) => text).join('\n')}`);
const low = scores.filter(({ isFolder, percent }) => isFolder && percent < leastScore);
if (files.length === 0 && low.length > 0) {
  console.error(`\n${low.map(({ name }) => name).join(' and ')}: below ${leastScore} %`);
  process.exitCode = 1;
}

/** Gives the fate of every mutant. A folder is judged by its own tests: what another's happen to notice says nothing of it. */
function run(folder, mutate) {
  return new Stryker({
    ...{ mutate, concurrency: 2, coverageAnalysis: 'perTest' },
    ...{
      testRunner: 'vitest',
      plugins: ['@stryker-mutator/vitest-runner'],
      vitest: { configFile: 'vitest.mutation.config.ts', dir: `test/${folder}`, related: false },
    },
    ...{ reporters: ['dots'], logLevel: 'warn', tempDirName: 'coverage/stryker' },
    ...{ incremental: true, incrementalFile: `coverage/mutation-${folder}.json` },
    ignorePatterns: ['/dist', '/queue-root', '/examples'],
  }).runMutationTest();
}

function scoresOf(folder, mutants) {
  const byFile = new Map([[folder, []]]);
  for (const { fileName, status, location, mutatorName, replacement } of mutants) {
    const file = relative('.', fileName);
    const isNoticed = status === 'Killed' || status === 'Timeout';
    if (!isNoticed && status !== 'Survived' && status !== 'NoCoverage') continue;
    byFile.set(file, [...(byFile.get(file) ?? []), isNoticed]);
    byFile.get(folder).push(isNoticed);
    if (isNoticed) continue;
    const shown = (replacement ?? '').replace(/\s+/g, ' ').slice(0, 100);
    console.log(`${file}:${location.start.line + 1}:${location.start.column + 1} ${mutatorName}: ${shown}`);
  }
  return [...byFile].map(([name, fates]) => {
    const noticed = fates.filter(Boolean).length;
    const percent = (100 * noticed) / fates.length;
    const numbers = [percent.toFixed(1).padStart(6), String(noticed).padStart(9), String(fates.length).padStart(7)];
    return { name, isFolder: name === folder, percent, text: `${numbers.join(' ')}  ${name}` };
  });
}
