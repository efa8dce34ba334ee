import { copyFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainSubmit, type SubmitCall } from '../../src/cli/plain-submit.ts';
import { type GivenSubmitOptions, submitOptionsFrom, withSubmitOptions } from '../../src/cli/submit-options.ts';
import { program, testRoot } from '../support/root.ts';

/** Gives what commander makes of the arguments; undefined where it refuses them, or means another verb. */
function byCommander(args: readonly string[]): SubmitCall | undefined {
  let call: SubmitCall | undefined;
  const program = new Command().option('--root <dir>').exitOverride();
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  const verb = program.command('submit').option('--root <dir>').exitOverride();
  withSubmitOptions(verb).action((command: string[], options: GivenSubmitOptions & { root?: string }) => {
    const root = options.root ?? program.opts<{ root?: string }>().root;
    call = { ...(root !== undefined && { root }), command, options: submitOptionsFrom(options) };
  });
  program.command('status').action(() => undefined);
  try {
    program.parse(args, { from: 'user' });
  } catch {
    return undefined;
  }
  return call;
}

it.each([
  [['submit', '--', 'ls', '-l']],
  [['submit', '--root', '/q', '-n', 'x', '-p', '--field', 'a=1', '--field', 'b=2', 'make all']],
  [['--root', '/q', 'submit', '-f', 'nightly.uow']],
  [['submit', '']],
  [['submit', '-f', '-']],
])('%j is read without commander, as commander reads it', (args) => {
  expect(plainSubmit(args)).toBeDefined();
  expect(plainSubmit(args)).toEqual(byCommander(args));
});

it.each([
  [[]],
  [['status']],
  [['submit', '--help']],
  [['submit', '-nx', 'true']],
  [['submit', '--name=x', 'true']],
  [['submit', '--nmae', 'x', 'true']],
  [['submit', 'ls', '-l']],
  [['submit', '-n']],
  [['-n', 'x', 'submit', 'true']],
  [['--', 'submit', 'true']],
])('%j is left to commander', (args) => {
  expect(plainSubmit(args)).toBeUndefined();
});

it('whatever is read without commander is read as commander reads it', () => {
  const words = [
    'submit',
    'submit',
    '--root',
    '-n',
    '--name',
    '--field',
    '-f',
    '-p',
    '--priority',
    '--',
    '-',
    '-x',
    '/q',
  ];
  const more = ['a=1', 'true', '', '--help', '-np', '--name=x', 'status', '--no-priority', '-1'];
  const anyArgs = fc.array(fc.constantFrom(...words, ...more), { maxLength: 7 });
  let plain = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        anyArgs,
        anyArgs.map((args) => ['submit', ...args]),
      ),
      (args) => {
        const call = plainSubmit(args);
        if (!call) return;
        plain++;
        expect(call).toEqual(byCommander(args));
      },
    ),
    { numRuns: 5000 },
  );
  expect(plain).toBeGreaterThan(200);
});

it('a plain submit loads nothing but its one file, and no parser for a plain config.yaml', () => {
  const root = testRoot('durability: process # faster\nstatus:\n  dir: posted\n');
  // Where there is nothing else, nothing else can be loaded.
  copyFileSync(program, root.path('trash/main.js'));
  writeFileSync(root.path('trash/package.json'), '{"type":"module"}');
  const main = join(root.path('trash'), 'main.js');
  const said = execFileSync(process.execPath, [main, 'submit', '--root', root.dir, '-n', 'x', '--', 'true']);
  expect(said.toString()).toBe('x\n');
});
