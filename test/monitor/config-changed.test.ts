import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('a changed config.yaml is said once, and not again once RELOAD has taken it', async () => {
  const root = testRoot();
  await root.monitor();
  const said = (): readonly string[] =>
    [...root.says().matchAll(/ (?:config|answer) - (.*)/g)].map(([, text]) => text ?? '');
  const reloaded = async (text: string): Promise<void> => {
    const before = said().length;
    writeFileSync(root.path('config.yaml'), text);
    root.message('RELOAD');
    await eventually(
      () =>
        said()
          .slice(before)
          .some((line) => line.startsWith('to=RELOAD')),
      {
        what: `RELOAD is answered: ${root.says()}`,
      },
    );
  };
  for (const slots of [2, 3, 4]) await reloaded(`slots: ${slots}\n`);
  writeFileSync(root.path('config.yaml'), 'slots: 5\n');
  // It is the last that is said: no late hint of an earlier change comes behind an answer.
  await eventually(() => said().at(-1) === 'config.yaml changed: RELOAD (or SIGHUP) uses it', {
    what: `the change is said: ${root.says()}`,
  });
  const answers = said().map((line) => line.startsWith('to=RELOAD'));
  expect(answers.filter(Boolean)).toHaveLength(3);
  for (const [index, isAnswer] of answers.entries()) {
    if (!isAnswer && index > 0) expect(answers[index - 1]).toBe(true);
  }
});
