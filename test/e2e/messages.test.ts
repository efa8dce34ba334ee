// Every message to a real monitor, with its answer as monitor_says has it; writers by the dozen; what a crash makes of them.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { messageTable } from '../../src/model/message.ts';
import { errnoOf } from '../../src/model/errno.ts';
import { eventually } from '../support/eventually.ts';
import { type TestRoot, testRoot } from '../support/root.ts';

/** Says the message and gives its answers, without their times. */
async function ask(root: TestRoot, line: string): Promise<string> {
  const from = root.says().length;
  root.message(line);
  const shown = line.trim().replace(/["\\]/g, '\\$&');
  const isOurs = (each: string): boolean => each.includes(` - to="${shown}" `) || each.includes(` - to=${shown} `);
  const answersNow = (): readonly string[] =>
    root
      .says()
      .slice(from)
      .split('\n')
      .filter((each) => / (answer|refused) - /.test(each) && isOurs(each));
  await eventually(() => answersNow().length > 0, { what: `an answer to ${line}: ${root.says().slice(from)}` });
  return answersNow()
    .map((each) => each.replace(/^\S+ /, ''))
    .join('\n');
}

/** Gives the state of the processes that run this command: T for stopped ones. */
function statesOf(marker: string): string {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && readOr(`/proc/${pid}/cmdline`).startsWith(marker))
    .map((pid) => / ([A-Z]) \d+ /.exec(readOr(`/proc/${pid}/stat`))?.[1] ?? '')
    .sort()
    .join('');
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process ended meanwhile.
    return '';
  }
}

it('a name that no file can have is refused, and the queue is served on', async () => {
  const root = testRoot('status: off\n');
  await root.monitor();
  expect(await ask(root, `HOLD ${'a'.repeat(190)}`)).toMatch(/ there is no UOW named /);
  root.message(`HOLD ${'a'.repeat(300)}`);
  expect(await ask(root, 'STATUS')).toMatch(/ serving, /);
  root.drop('job', ['command :: true']);
  await root.arrival('done-q', 'job');
  expect(root.says()).not.toContain('please report it');
});

it.runIf(process.getuid?.() === 0)(
  'a file that the monitor may not read is the answer, and the queue is served on',
  async () => {
    const root = testRoot('status: off\n');
    await root.monitor();
    mkdirSync(root.path('trash/odd'));
    expect(await ask(root, 'RETRY odd')).toMatch(/^refused - .* odd in trash is no valid UOW/);
    root.drop('job', ['command :: true']);
    await root.arrival('done-q', 'job');
  },
);

it('two notes of the same words are two, and a name that looks like a signature is none', async () => {
  const root = testRoot('status: off\n');
  await root.monitor();
  root.message('PAUSE');
  root.drop('by=x', ['command :: true']);
  await eventually(() => root.says().includes(' taken-in "by=x" '), { what: 'it is taken in, and shown so' });
  root.message('NOTE "by=x" twice\nNOTE "by=x" twice');
  await eventually(() => root.says().split(' noted\n').length === 3, { what: 'both are answered' });
  expect(root.read('wait-q', 'by=x').split(' - twice\n')).toHaveLength(3);
  expect(await ask(root, 'HOLD "by=x"')).toMatch(/^answer - to="HOLD .* held: /);
});

it('PRIORITY is refused for a log that would have to be written anew, and loses none of it', async () => {
  const root = testRoot('status: off\n');
  await root.monitor();
  root.drop('big', ['command :: head -c 17000000 /dev/zero']);
  await root.arrival('done-q', 'big', 60_000);
  await ask(root, 'PAUSE');
  await ask(root, 'RETRY big');
  expect(await ask(root, 'PRIORITY big 5')).toMatch(/^refused - .* big has a log of 17 MB/);
  expect(statSync(root.path('wait-q/big')).size).toBeGreaterThan(17_000_000);
});

it('a message finds the UOW that the SUBMIT before it made', async () => {
  const root = testRoot('status: off\n');
  mkdirSync(root.path('job-types'));
  writeFileSync(root.path('job-types/nap.yaml'), 'argv: [sleep, "1"]\n');
  await root.monitor();
  root.message('SUBMIT nap\nHOLD nap');
  await eventually(() => root.says().includes('to="HOLD nap"'), { what: 'an answer' });
  expect(root.says()).toContain(' nap held: ');
});

it('a note on a running job is no output of it', async () => {
  const root = testRoot('status: off\n');
  await root.monitor();
  root.drop('job', ['command :: printf up; until [ -e go ]; do sleep 0.05; done; printf down', 'error-when :: ERROR']);
  await eventually(() => root.where('job').join() === 'currently-executing', { what: 'it runs' });
  await eventually(() => root.log('currently-executing', 'job') === 'up', { what: 'it printed' });
  await ask(root, 'NOTE job no ERROR so far');
  writeFileSync(root.path('go'), '');
  const line = await eventually(() => root.history().find(({ name }) => name === 'job'), { what: 'its end' });
  await eventually(() => !root.where('job').includes('currently-executing'), { what: 'it has one name' });
  expect(root.where('job')).toEqual(['done-q']);
  expect(line).toMatchObject({ log_bytes: 6 });
});

it('every message is answered in the golden format, and does what it says', async () => {
  const root = testRoot('status: off\n');
  mkdirSync(root.path('job-types'));
  writeFileSync(
    root.path('job-types/copy.yaml'),
    'name: copy\nversion: "1"\nargv: [echo, "{from}"]\nfields: {from: {pattern: "/.*"}}\n',
  );
  await root.monitor();
  const transcript: string[] = [];
  const tell = async (line: string): Promise<void> => {
    transcript.push(`> ${line}`, await ask(root, line), '');
  };
  for (const line of [
    'HELP',
    'CONFIG',
    'STATUS',
    'nonsense',
    'PAUSE FLOW nightly',
    'RESUME FLOW nightly',
    'CLOSE FLOW nightly',
    'RESOURCE disk 2 by=ann',
    'PAUSE GROUP nightly',
    'RESUME GROUP nightly',
  ])
    await tell(line);
  await tell('PAUSE');
  for (const name of ['hello', 'two words', 'later']) root.drop(name, ['command :: exit 3']);
  await eventually(() => root.says().includes(' taken-in later '), { what: 'they wait' });
  const waiting = ['HOLD hello', 'HOLD hello', 'STATUS', 'RELEASE hello', 'RELEASE hello', 'HOLD "two words" by=ann'];
  for (const line of waiting) await tell(line);
  expect(root.status('wait-q', 'two words')).toMatch(/^waiting held #0 /);
  for (const line of ['PRIORITY hello 5', 'PRIORITY hello high', 'PRIORITY hello']) await tell(line);
  expect(root.read('wait-q', 'hello')).toContain('command :: exit 3\npriority :: 5\n');
  for (const line of ['NOTE hello look at the disk by=ann', 'NOTE hello', 'HOLD nobody', 'HOLD ../config.yaml'])
    await tell(line);
  for (const line of ['SKIP later', 'SKIP later', 'CANCEL "two words"', 'CANCEL "two words"']) await tell(line);
  expect(root.status('done-q', 'later')).toMatch(/^skipped #0 /);
  expect(root.status('archive', 'two words')).toMatch(/^cancelled #0 /);
  for (const line of ['ACK hello', 'KILL JOB', 'SUSPEND JOB hello', 'SLOTS none', 'SLOTS 2', 'RESUME'])
    await tell(line);
  await root.arrival('error-q', 'hello');
  expect(root.log('error-q', 'hello')).toMatch(/^\n==== NOTE \S+Z ann look at the disk\n$/);
  for (const line of [
    'ACK hello the vendor was called by=ann',
    'CONTINUE hello',
    'CANCEL hello',
    'RETRY hello',
    'RETRY nobody',
  ])
    await tell(line);
  await eventually(
    () => /^error exit=3 #2 /.test(existsSync(root.path('error-q/hello')) ? root.status('error-q', 'hello') : ''),
    {
      what: 'it ran again',
    },
  );
  root.drop('long', ['command :: echo up; sleep 300.25', 'grace :: 0']);
  await eventually(() => statesOf('sleep\x00300.25') !== '', { what: 'it runs' });
  for (const line of ['HOLD long', 'CANCEL long', 'RETRY long', 'RESUME JOB long', 'SUSPEND JOB long'])
    await tell(line);
  await eventually(() => statesOf('sleep\x00300.25') === 'T', { what: 'it is stopped' });
  expect(root.status('currently-executing', 'long')).toMatch(/^running held #1 /);
  await tell('RESUME JOB long');
  expect(statesOf('sleep\x00300.25')).toBe('S');
  expect(root.status('currently-executing', 'long')).toMatch(/^running #1 /);
  for (const line of ['SUSPEND JOB long', 'KILL JOB']) await tell(line);
  await root.arrival('fail-q', 'long');
  expect(root.status('fail-q', 'long')).toMatch(/^fail killed #1 /);
  for (const line of ['SUBMIT copy from=/srv', 'SUBMIT copy from=srv', 'SUBMIT copy', 'SUBMIT nosuch', 'SUBMIT'])
    await tell(line);
  await root.arrival('done-q', 'copy');
  expect(root.log('done-q', 'copy')).toBe('/srv\n');
  for (const line of ['FIRE nosuch', 'DISABLE nosuch', 'ENABLE nosuch']) await tell(line);
  for (const line of ['RELOAD by=ann', 'FINISH']) await tell(line);
  const said = new Set(transcript.filter((line) => line.startsWith('> ')).map((line) => line.slice(2)));
  const unsaid = messageTable.filter(
    ({ keyword }) => ![...said].some((line) => line === keyword || line.startsWith(`${keyword} `)),
  );
  expect(unsaid.map(({ keyword }) => keyword)).toEqual(['SHUTDOWN', 'SHUTDOWN KILL']);
  const golden = join(import.meta.dirname, 'golden/messages.txt');
  await expect(transcript.join('\n')).toMatchFileSnapshot(golden);
}, 60_000);

it('SHUTDOWN and SHUTDOWN KILL are answered before the end', async () => {
  const root = testRoot('status: off\n');
  for (const [line, code] of [
    ['SHUTDOWN', 'ending now; running jobs go on'],
    ['SHUTDOWN KILL', 'ending the running jobs, then the monitor'],
  ] as const) {
    const monitor = await root.monitor();
    expect(await ask(root, line)).toBe(`answer - to=${line.includes(' ') ? `"${line}"` : line} ${code}`);
    expect(await monitor.ended).toBe(0);
  }
});

it('promise 5: of 50 shells with 200 messages each, beside one that holds the file open and an editor that saves it, every line is answered once and comments stay', async () => {
  const root = testRoot('status: off\n');
  await root.monitor();
  const file = root.path('monitor_reads');
  await eventually(() => existsSync(file), { what: 'monitor_reads has its HOWTO' });
  appendFileSync(file, '# a comment of mine\n');
  const held = openSync(file, 'a');
  onTestFinished(() => closeSync(held));
  const shells = Array.from({ length: 50 }, (_, shell) => {
    // Some that a monitor can do, some that name nobody: each line is told from every other.
    const script = `i=0; while [ $i -lt 200 ]; do echo "NOTE nobody-${shell} $i" >> "$0"; i=$((i+1)); done; sleep 0.2`;
    const child = spawn('/bin/sh', ['-c', script, file], { stdio: 'ignore' });
    return new Promise((resolve) => child.on('exit', resolve));
  });
  const lines = new Set<string>();
  for (let shell = 0; shell < 50; shell++) for (let at = 0; at < 200; at++) lines.add(`NOTE nobody-${shell} ${at}`);
  const storm = { isOn: true };
  let saved: readonly string[] = [];
  const allShells = Promise.all(shells).then(() => (storm.isOn = false));
  for (let at = 0; storm.isOn; at++) {
    writeSync(held, `NOTE holder ${at}\n`);
    lines.add(`NOTE holder ${at}`);
    // An editor: it has read the comments, and puts a new file with one more and a message in the place of the old one, over
    // whatever was appended to that meanwhile.
    const comments = (await textOf(file)).split('\n').filter((line) => line.startsWith('#'));
    saved = [...comments.filter((line) => !line.includes('saved')), `# saved ${at} times`, `NOTE editor ${at}`, ''];
    writeFileSync(`${file}.new`, saved.join('\n'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    renameSync(`${file}.new`, file);
    lines.add(`NOTE editor ${at}`);
  }
  await allShells;
  writeSync(held, 'NOTE holder last\n');
  lines.add('NOTE holder last');
  const answered = (): readonly string[] =>
    [...root.says().matchAll(/ refused - to="([^"]+)" /g)].map(([, line]) => line ?? '');
  await eventually(() => answered().length >= lines.size, { withinMs: 150_000, what: `${lines.size} answers` });
  expect(answered().length).toBe(lines.size);
  expect(new Set(answered())).toEqual(lines);
  await eventually(async () => /^# saved \d+ times$/m.test(await textOf(file)), {
    what: 'the comment is kept',
  });
  const left = await textOf(file);
  for (const comment of saved.filter((line) => line.startsWith('#'))) expect(left).toContain(`${comment}\n`);
  expect(left.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))).toEqual([]);
}, 240_000);

describe('a suspended job', () => {
  it('is known to be by the next monitor, goes on, and ends as if nothing had been', async () => {
    const root = testRoot('status: off\n');
    const first = await root.monitor();
    root.drop('job', ['command :: echo up; until [ -e go.301 ]; do sleep 0.05; done; echo down']);
    await eventually(
      () => root.where('job').join() === 'currently-executing' && root.log('currently-executing', 'job') === 'up\n',
      { what: 'it runs' },
    );
    await ask(root, 'SUSPEND JOB job');
    await first.crash();
    await root.monitor();
    expect(await ask(root, 'STATUS')).toMatch(/ job attempt 1 suspended, started \S+ ago$/);
    writeFileSync(root.path('go.301'), '');
    expect(await ask(root, 'RESUME JOB job')).toMatch(/ job goes on$/);
    await root.arrival('done-q', 'job');
    expect(root.log('done-q', 'job')).toBe('up\ndown\n');
  });

  it('is ended by its timeout', async () => {
    const root = testRoot('status: off\n');
    await root.monitor();
    root.drop('job', ['command :: sleep 300', 'timeout :: 2s', 'grace :: 1s']);
    await eventually(
      () =>
        root.where('job').join() === 'currently-executing' &&
        root.status('currently-executing', 'job').startsWith('running'),
      { what: 'it runs' },
    );
    await ask(root, 'SUSPEND JOB job');
    await root.arrival('fail-q', 'job');
    expect(root.status('fail-q', 'job')).toMatch(/^fail timeout #1 /);
  });
});

/** Gives what stands in the message file; while the monitor takes messages it is not there for an instant. */
async function textOf(file: string): Promise<string> {
  let text: string | undefined;
  await eventually(
    () => {
      try {
        text = readFileSync(file, 'utf8');
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
      return text !== undefined;
    },
    { what: 'monitor_reads is there' },
  );
  return text ?? '';
}
