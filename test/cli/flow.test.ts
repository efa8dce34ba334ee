import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testRoot } from '../support/root.ts';
import { storedUow } from '../support/sjq.ts';

it('sjq flow of a root where very many wait reads its own UOWs alone, and says of each what keeps it', async () => {
  const root = testRoot('slots: 1\n');
  const section = (name: string, ...header: readonly string[]): string =>
    `==== UNIT OF WORK ${name}\n\n${header.join('\n')}\ncommand :: true\n\n`;
  mkdirSync(root.path('flows'), { recursive: true });
  const status = 'running 0 of 3 done 2026-11-22T04:31:06Z';
  const sections = section('a') + section('b', 'after :: a') + section('c');
  writeFileSync(root.path('flows/f'), `timestamp: 1700000000-1 enqueued\n\n${sections}==== STATUS\n\n${status}\n`);
  let ordinal = 0;
  const waiting = (flags: string, ...header: readonly string[]): string => {
    const uow = storedUow(`waiting ${flags}#0 2026-11-22T04:31:06Z`, '', 'command :: true', ...header);
    return uow.replace('1795329066-2', `1700000001-${ordinal++}`);
  };
  writeFileSync(root.path('wait-q/f.a'), waiting('', 'flow :: f'));
  writeFileSync(root.path('wait-q/f.b'), waiting('', 'flow :: f', 'after :: a'));
  writeFileSync(root.path('wait-q/f.c'), waiting('held ', 'flow :: f'));
  const text = async (): Promise<string> => (await root.sjq('flow', 'f')).stdout;
  expect(await text()).toMatch(/^f .*\na +waiting: next in line\n.* b +waiting: waits for f\.a\nc +waiting: held/);
  // Names that are long fill a directory as many do.
  for (let number = 0; number < 1200; number++)
    writeFileSync(root.path('wait-q', `${number}${'x'.repeat(240)}`), waiting(''));
  expect(await text()).toMatch(/^f .*\na +waiting: for its turn\n.* b +waiting: waits for f\.a\nc +waiting: held/);
});
