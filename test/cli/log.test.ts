import { createHash } from 'node:crypto';
import { appendFileSync, createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testRoot } from '../support/root.ts';
import { startSjq, storedUow } from '../support/sjq.ts';

const done = 'done exit=0 #1 2026-11-22T04:31:06Z 0.1s';

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

it('log prints the bytes as they are: colours, NULs, lines of other sections, no last newline', async () => {
  const root = testRoot();
  const bytes = 'a\x1b[31mred\x1b[0m\0\xff\xfe\r\n\n==== STATUS\n\nwaiting\n==== JOB LOG\nno newline';
  root.drop('job', storedUow(done, bytes), 'done-q');
  const log = startSjq(root, ['log', 'job']);
  expect(await log.ended).toBe(0);
  expect(log.stdout().toString('latin1')).toBe(bytes);
  expect(log.stderr()).toBe('');
});

it('log prints nothing of a UOW that has not run', async () => {
  const root = testRoot();
  root.drop('new', ['command :: true']);
  expect(await root.sjq('log', 'new')).toEqual({ code: 0, stdout: '', stderr: '' });
});

it.for([
  ['1', 'three\n'],
  ['2', 'two\nthree\n'],
  ['3', '\ntwo\nthree\n'],
  ['4', 'one\n\ntwo\nthree\n'],
  ['99', 'one\n\ntwo\nthree\n'],
  ['0', ''],
])('log -n %s prints so many last lines', async ([lines = '', expected]) => {
  const root = testRoot();
  root.drop('job', storedUow(done, 'one\n\ntwo\nthree\n'), 'done-q');
  expect(await root.sjq('log', '-n', lines, 'job')).toEqual({ code: 0, stdout: expected, stderr: '' });
});

it('log -n finds the last lines behind megabytes, and an unfinished one counts', async () => {
  const root = testRoot();
  root.drop('job', storedUow(done, `${'x'.repeat(3_000_000)}\n${'y'.repeat(2_000_000)}\nend`), 'done-q');
  expect((await root.sjq('log', '-n', '1', 'job')).stdout).toBe('end');
  expect((await root.sjq('log', '-n', '2', 'job')).stdout).toBe(`${'y'.repeat(2_000_000)}\nend`);
});

it('a log of 50 MB comes through whole', async () => {
  const root = testRoot();
  const source = root.path('source');
  writeFileSync(source, Buffer.alloc(50_000_000, 'not all the same \n\xff\0 '));
  root.drop('big', storedUow(done, ''), 'done-q');
  appendFileSync(root.path('done-q/big'), readFileSync(source));
  const log = startSjq(root, ['log', 'big'], { stdoutFile: root.path('copy') });
  expect(await log.ended).toBe(0);
  expect(await digestOf(root.path('copy'))).toBe(await digestOf(source));
});

it('log --json holds the text, and its bytes where they are not UTF-8', async () => {
  const root = testRoot();
  root.drop('plain', storedUow(done, 'gr\xc3\xbc\xc3\x9fe\n'), 'done-q');
  root.drop('odd', storedUow(done, 'a\xffb'), 'done-q');
  expect(JSON.parse((await root.sjq('log', '--json', 'plain')).stdout)).toEqual({
    ...{ schema: 'sjq.log/1', name: 'plain', state: 'ended', bytes: 8 },
    text: 'grüße\n',
  });
  expect(JSON.parse((await root.sjq('log', '--json', 'odd')).stdout)).toMatchObject({
    text: 'a\ufffdb',
    base64: Buffer.from('a\xffb', 'latin1').toString('base64'),
  });
});

it('a reader that has enough ends log without a complaint', async () => {
  const root = testRoot();
  root.drop('job', storedUow(done, 'line\n'.repeat(1_000_000)), 'done-q');
  const log = startSjq(root, ['log', 'job']);
  log.child.stdout?.once('data', () => log.child.stdout?.destroy());
  expect(await log.ended).toBe(0);
  expect(log.stderr()).toBe('');
});

it('log -n takes a number only', async () => {
  const root = testRoot();
  expect(await root.sjq('log', '-n', 'many', 'job')).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('-n many'),
  });
});
