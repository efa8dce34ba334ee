import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { signedMessage } from '../../src/cli/ask-monitor.ts';
import { messageFromWords } from '../../src/cli/commands/say.ts';
import { messageTable } from '../../src/model/message.ts';
import { testRoot } from '../support/root.ts';

const by = `by=${userInfo().username}`;

it('say prints the answer to a message; one that is refused exits 1', async () => {
  const root = testRoot();
  await root.monitor();
  expect(await root.sjq('say', 'PAUSE')).toEqual({
    code: 0,
    stdout: 'paused: nothing more is started until RESUME\n',
    stderr: '',
  });
  expect(root.says()).toMatch(new RegExp(`answer - to=.*PAUSE.* ${by} paused`));
  expect(await root.sjq('say', 'PAUS')).toEqual({
    code: 1,
    stdout: 'no such message: write HELP for the list\n',
    stderr: '',
  });
  expect(await root.sjq('say', 'RELOAD')).toMatchObject({ code: 0, stdout: 'nothing changed\n' });
});

it('say prints all lines of an answer', async () => {
  const root = testRoot();
  await root.monitor();
  const { code, stdout } = await root.sjq('say', 'HELP');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toEqual(messageTable.map(({ form, meaning }) => `${form}: ${meaning}`));
});

it('say keeps a by= that the message has, and tells its answer from those to others', async () => {
  const root = testRoot();
  await root.monitor();
  const all = await Promise.all(['ann', 'bob', 'cleo'].map((who) => root.sjq('say', `SLOTS ${who.length} by=${who}`)));
  expect(all.map(({ stdout }) => stdout)).toEqual(['3 slots\n', '3 slots\n', '4 slots\n']);
  for (const who of ['ann', 'bob', 'cleo']) expect(root.says()).toContain(`by=${who}`);
});

it('say without a monitor leaves the message, whole and on its own line, and exits 69', async () => {
  const root = testRoot();
  writeFileSync(root.path('monitor_reads'), 'RESUME');
  expect(await root.sjq('say', 'PAUSE')).toEqual({
    code: 69,
    stdout: '',
    stderr: 'sjq: no monitor runs: the message stays in monitor_reads and is acted upon when one starts\n',
  });
  expect(await root.sjq('say', '--no-wait', 'STATUS')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(root.path('monitor_reads'), 'utf8')).toBe(`RESUME\nPAUSE ${by}\nSTATUS ${by}\n`);
});

it('say uses the message files that config.yaml names, through symlinks too', async () => {
  const root = testRoot('messages: {in: orders, out: answers}\n');
  mkdirSync(root.path('elsewhere'));
  for (const name of ['orders', 'answers']) {
    writeFileSync(root.path('elsewhere', name), '');
    symlinkSync(root.path('elsewhere', name), root.path(name));
  }
  await root.monitor();
  expect(await root.sjq('say', 'STATUS')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^serving, 0 running/),
  });
});

it.for([['PAUSE\nRESUME'], ['# a comment'], [' ']])('say refuses %j with 64', async ([message = '']) => {
  const root = testRoot();
  expect(await root.sjq('say', message)).toMatchObject({ code: 64, stdout: '' });
});

it('say --help lists the messages, and say alone exits 64', async () => {
  const root = testRoot();
  const { stdout } = await root.sjq('say', '--help');
  for (const { form, meaning } of messageTable) expect(stdout).toMatch(`  ${form}`.padEnd(4) && meaning);
  expect((await root.sjq('say')).code).toBe(64);
});

describe('the message of several words', () => {
  it.for([
    [['KILL', 'JOB', 'two words'], 'KILL JOB "two words"'],
    [['KILL JOB', 'two words'], 'KILL JOB "two words"'],
    [['KILL JOB two words'], 'KILL JOB two words'],
    [['KILL', 'JOB', '"line\\n"'], 'KILL JOB "line\\n"'],
    [['KILL', 'JOB', 'plain'], 'KILL JOB plain'],
    [['SLOTS', '3'], 'SLOTS 3'],
    [['SHUTDOWN', 'KILL'], 'SHUTDOWN KILL'],
    [['WHAT', 'is this'], 'WHAT is this'],
  ] as const)('%j is sent as %s', ([words, message]) => {
    expect(messageFromWords(words)).toBe(message);
  });

  it('is signed once', () => {
    expect(signedMessage('PAUSE')).toEqual({ line: `PAUSE ${by}`, unsigned: 'PAUSE' });
    expect(signedMessage('PAUSE by=me')).toEqual({ line: 'PAUSE by=me', unsigned: 'PAUSE' });
    expect(signedMessage('KILL JOB "a by=b"').line).toBe(`KILL JOB "a by=b" ${by}`);
  });
});
