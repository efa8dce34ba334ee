// The walk of docs/getting-started.md, typed as it stands.
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runSession, stepsFrom } from '../support/docs-session.ts';
import { program } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/getting-started.md'), 'utf8');

it('every command of the getting-started page does what the page shows', { timeout: 240_000 }, async () => {
  const home = join(scratchFolder(), 'home');
  mkdirSync(join(home, '.local/bin'), { recursive: true });
  symlinkSync(program, join(home, '.local/bin/sjq'));
  const steps = stepsFrom(page);
  expect(steps.length).toBeGreaterThan(25);
  await runSession(steps, { cwd: home, home, env: { ...process.env, SJQ_ROOT: '' } });
});

it('every page that the getting-started page names is there', () => {
  const docs = join(import.meta.dirname, '../../docs');
  for (const [, path = ''] of page.matchAll(/\]\(([^)]+)\)/g))
    expect([path, existsSync(join(docs, path))]).toEqual([path, true]);
});
