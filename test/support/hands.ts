// A person's hands in a root: the real mv, cp and rm, with paths relative to the root.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { TestRoot } from './root.ts';

/** `mv FROM TO`. Fails if something stands at TO already. */
export function mv(root: TestRoot, from: string, to: string): void {
  execFileSync('mv', ['-T', '--', from, to], { cwd: root.dir, stdio: 'pipe' });
}

/** `cp FROM TO`; with `-p` in options it keeps its time, so that it need not settle. */
export function cp(root: TestRoot, from: string, to: string, ...options: readonly string[]): void {
  execFileSync('cp', [...options, '-T', '--', from, to], { cwd: root.dir, stdio: 'pipe' });
}

export function rm(root: TestRoot, path: string): void {
  execFileSync('rm', ['--', path], { cwd: root.dir, stdio: 'pipe' });
}

/** Gives the pid of the guardian of a running UOW. */
export function guardianOf(root: TestRoot, name: string): number {
  const { ino } = statSync(root.path('currently-executing', name));
  const id = readdirSync(root.path('.sjq/claimed')).find(
    (each) => statSync(root.path('.sjq/claimed', each)).ino === ino,
  );
  if (id === undefined) throw new Error(`${name} does not run`);
  return parseInt(readFileSync(root.path('.sjq/runs', id.replace(/\.uow$/, ''), 'started'), 'utf8'), 10);
}
