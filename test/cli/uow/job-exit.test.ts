import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exitCodeOfJob, exitCodeOfReason } from '../../../src/cli/uow/job-exit.ts';
import { statusFromText } from '../../../src/format/status-line.ts';
import { hasEnded } from '../../../src/model/status.ts';

/** The code of an end as a STATUS line tells it. */
function codeOf(text: string): number {
  const status = statusFromText(`${text} #1 2026-11-22T04:31:06Z`);
  if (!status || !hasEnded(status)) throw new Error(`${text} is no end`);
  const { word, reason } = status;
  return exitCodeOfJob({ word: word as 'done', ...(reason && { reason }) });
}

it.for([
  ['done exit=0', 0],
  ['done exit=3', 3],
  ['done', 0],
  ['error exit=7', 7],
  ['error pattern', 1],
  ['error bad-result', 1],
  ['error', 1],
  ['fail exit=255', 255],
  ['fail exit=0', 1],
  ['fail signal=KILL', 137],
  ['fail signal=TERM', 143],
  ['fail signal=RTMIN+1', 163],
  ['fail signal=SIG32', 160],
  ['fail killed', 137],
  ['fail timeout', 124],
  ['fail idle', 124],
  ['fail cannot-start', 126],
  ['fail interrupted', 1],
  ['fail expired', 1],
  ['fail log-lost', 1],
  ['fail pattern', 1],
  ['skipped', 0],
  ['cancelled', 1],
] as const)('a job that ended as "%s" gives the exit code %i', ([text, code]) => {
  expect(codeOf(text)).toBe(code);
});

it('the table in docs/cli.md has the code of every reason', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
  const section = /^### The job’s exit code\n([^]*?)^## /m.exec(page)?.[1] ?? '';
  const documented = Object.fromEntries(
    [...section.matchAll(/^\| (.+?) \| (\d+) \|$/gm)].flatMap(([, words = '', code]) =>
      [...words.matchAll(/`fail ([a-z-]+)`/g), ...words.matchAll(/`error ([a-z-]+)`/g)].map(([, word = '']) => [
        word,
        Number(code),
      ]),
    ),
  ) as Record<string, number>;
  expect(documented).toEqual(exitCodeOfReason);
});
