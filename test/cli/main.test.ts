import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exitCodeOf, SjqError, type ErrorCode } from '../../src/model/errors.ts';
import { endFromError } from '../../src/cli/exit.ts';
import { messageTable } from '../../src/model/message.ts';
import { run } from '../support/root.ts';

const verbs = 'init monitor once submit run show why log follow wait kill say status plan simulate doctor check'.split(
  ' ',
);

it('--help lists every verb and the exit codes, and each verb has examples that begin with sjq', async () => {
  const { code, stdout, stderr } = await run(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  for (const exitCode of Object.values(exitCodeOf)) expect(stdout).toMatch(new RegExp(`\\b${exitCode} \\w`));
  const helps = await Promise.all(verbs.map((verb) => run([verb, '--help'])));
  for (const [index, help] of helps.entries()) {
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(`Examples:\n[^]*sjq ${verbs[index]}`));
  }
});

it('a mistyped verb or option exits 64 with the one that was meant', async () => {
  const verb = await run(['submti', 'true']);
  expect(verb).toEqual({
    code: 64,
    stdout: '',
    stderr: "sjq: unknown command 'submti'\n(Did you mean submit?)\n(sjq --help lists the verbs)\n",
  });
  const option = await run(['status', '--jsno']);
  expect(option.code).toBe(64);
  expect(option.stderr).toMatch(
    /unknown option '--jsno'\n\(Did you mean --json\?\)\n\(sjq status --help shows examples\)/,
  );
  expect((await run([])).code).toBe(64);
  expect((await run(['check'])).code).toBe(64);
});

it('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

it('the messages in docs/cli.md are those of the table that HELP lists', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
  const section = /^## Messages\n([^]*?)^## /m.exec(page)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, form, meaning]) => ({
    form,
    meaning,
  }));
  expect(documented).toEqual(messageTable.map(({ form, meaning }) => ({ form, meaning })));
});

it('the exit codes are those of the table in docs/cli.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
  const documented = [...page.matchAll(/^\| (\d+) \| ([^|]+) \|/gm)].map(([, exitCode]) => Number(exitCode));
  expect(documented).toEqual([0, ...Object.values(exitCodeOf), 70].sort((a, b) => a - b));
});

it.for(Object.entries(exitCodeOf) as [ErrorCode, number][])(
  'an error of kind %s ends a command with %i',
  ([kind, exitCode]) => {
    expect(endFromError(new SjqError(kind, 'what\nand what to do'))).toEqual({
      exitCode,
      text: 'sjq: what\nsjq: and what to do\n',
    });
  },
);

it('a refusal of the kernel is told in words, and anything else as a bug with its trace', () => {
  const refused = Object.assign(new Error('EACCES: permission denied, open'), {
    code: 'EACCES',
    path: '/srv/q/wait-q',
  });
  expect(endFromError(refused)).toEqual({
    exitCode: 77,
    text: 'sjq: /srv/q/wait-q: permission denied (EACCES): use the account of the root’s owner, or have the rights changed\n',
  });
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: '/srv/q' });
  expect(endFromError(full)).toMatchObject({ exitCode: 73 });
  const bug = endFromError(new TypeError('x is undefined'));
  expect(bug.exitCode).toBe(70);
  expect(bug.text).toMatch(/^sjq: this is a bug, please report it: TypeError: x is undefined\nsjq: {5}at /);
});
