// history.jsonl as a real monitor writes it over jobs that end in every way, held to its published schema.
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect, it } from 'vitest';
import { destinationOffset, textFromEnding } from '../../src/format/run-record.ts';
import { resultLine } from '../../src/format/separators.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import { standardPath } from '../../src/plan/job-environment.ts';
import { openCgroups } from '../../src/system/cgroups.ts';
import { realFiles } from '../../src/system/files.ts';
import { realHost } from '../../src/system/host.ts';
import { eventually } from '../support/eventually.ts';
import { mv, rm } from '../support/hands.ts';
import { historyFaults } from '../support/history-schema.ts';
import { type TestRoot, testRoot, uowText } from '../support/root.ts';
import { aWitness } from '../support/witness.ts';

type Line = Readonly<Record<string, unknown>>;
const isRoot = process.getuid?.() === 0;

/** Gives the lines about a UOW once there are so many. */
async function linesOf(root: TestRoot, name: string, count = 1): Promise<readonly Line[]> {
  return eventually(
    () => {
      const lines = root.history().filter((line) => line['name'] === name);
      return lines.length >= count && lines;
    },
    { withinMs: 20_000, what: `history has ${count} lines of ${name}: ${root.says()}` },
  );
}

function expectValid(root: TestRoot): void {
  for (const line of root.history()) expect(historyFaults(line), JSON.stringify(line)).toEqual([]);
}

it('every line of a mix of jobs is valid, and tells what the jobs did', async () => {
  const root = testRoot('settle: 100ms\nslots: 4\n');
  mkdirSync(root.path('job-types'));
  writeFileSync(root.path('job-types/show@1.4.yaml'), 'argv: [echo, "{what}"]\nfields: {what: }\n');
  const newer = 'argv: [echo, "{what}"]\nfields: {what: }\nenvironment: {MODE: fast, API_KEY: x}\npath: [/opt/show]\n';
  writeFileSync(root.path('job-types/show@1.10.yaml'), newer);
  writeFileSync(root.path('login'), 'hunter2');
  const first = await root.monitor();

  // attempt by name: its header, and what its line must say
  const spin = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';
  const long = 'command :: sleep 300';
  const jobs: Readonly<Record<string, readonly [readonly string[], Line]>> = {
    plain: [['command :: echo hello'], { outcome: 'done', reason: 'exit=0', exit: 0, log_bytes: 6, attempt: 1 }],
    no: [['command :: exit 3'], { outcome: 'error', reason: 'exit=3', exit: 3, log_bytes: 0 }],
    network: [['fail-exit :: 255', 'command :: exit 255'], { outcome: 'fail', reason: 'exit=255', exit: 255 }],
    pattern: [['error-when :: BAD', 'command :: echo BAD'], { outcome: 'error', reason: 'pattern', exit: 0 }],
    missing: [['command :: no-such-program'], { outcome: 'fail', reason: 'cannot-start', exit: 127 }],
    refused: [['job :: nothing'], { outcome: 'fail', reason: 'cannot-start', exit: undefined, started_at: undefined }],
    signal: [['command :: kill -SEGV $$'], { outcome: 'fail', reason: 'signal=SEGV', signal: 'SEGV', exit: undefined }],
    late: [['timeout :: 0.2s', 'grace :: 0', long], { outcome: 'fail', reason: 'timeout', exit: undefined }],
    daemon: [['command :: setsid sleep 300 & sleep 0.2'], { outcome: 'done', leftovers: 1 }],
    typed: [
      ['job :: show@1.4', 'what :: me'],
      { job_type: 'show', job_version: '1.4', log_bytes: 3, search_path: standardPath, environment: undefined },
    ],
    newest: [
      ['job :: show', 'what :: me', 'env.LEVEL :: 3', 'secret.LOGIN :: login'],
      {
        ...{ job_type: 'show', job_version: '1.10', search_path: `/opt/show:${standardPath}` },
        ...{ environment: ['LEVEL=3', 'MODE=fast'], environment_hidden: ['API_KEY', 'LOGIN'] },
      },
    ],
    result: [[`command :: echo '{"a": 1}' > "$SJQ_RESULT"; echo text`], { outcome: 'done', log_bytes: 5 }],
    busy: [[`command :: sh -c '${spin}'`, 'directory :: /tmp'], { directory: '/tmp' }],
    'n\\xff': [['command :: true'], { outcome: 'done' }],
    sorted: [
      ['group :: nights', 'flow :: close', 'label :: a', 'command :: true'],
      { group: 'nights', flow: 'close', queue: 'wait', host: realHost().name, directory: root.dir },
    ],
  };
  for (const [name, [header]] of Object.entries(jobs)) {
    if (name === 'n\\xff') writeFileSync(Buffer.from(`${root.path('wait-q')}/n\xff`, 'latin1'), uowText(...header));
    else root.drop(name, header);
  }
  for (const [name, [, wanted]] of Object.entries(jobs)) {
    const [line] = await linesOf(root, name === 'n\\xff' ? String.raw`"n\xff"` : name);
    for (const [key, value] of Object.entries(wanted)) expect(line?.[key], `${key} of ${name}`).toEqual(value);
    if (line?.['started_at'] !== undefined) expect(line['cpu_ms'], `CPU of ${name}`).toBeGreaterThanOrEqual(0);
  }
  const [busy] = await linesOf(root, 'busy');
  expect(busy?.['cpu_ms']).toBeGreaterThan(50);
  expect(busy?.['submitter']).toBe(realHost().user.name);

  expect((await root.sjq('show', 'newest')).stdout).toContain(
    `  job type  show@1.10
  PATH      /opt/show:${standardPath}
  with      LEVEL=3
            MODE=fast
            API_KEY (not told)
            LOGIN (not told)
`,
  );
  const { stdout } = await root.sjq('show', '--json', 'typed');
  expect(JSON.parse(stdout)).toMatchObject({ uows: [{ job_type: 'show@1.4', search_path: standardPath }] });
  expect(readFileSync(root.path('history.jsonl'), 'utf8')).not.toContain('hunter2');

  mv(root, 'error-q/no', 'priority-q/no');
  expect((await linesOf(root, 'no', 2))[1]).toMatchObject({ attempt: 2, queue: 'priority', log_bytes: 0 });
  root.drop('killed', [long]);
  await eventually(() => root.says().includes(' started killed '), { what: 'it runs' });
  root.message('KILL JOB killed');
  expect(await linesOf(root, 'killed')).toMatchObject([{ outcome: 'fail', reason: 'killed' }]);

  root.message('PAUSE');
  for (const name of ['gone', 'skip']) root.drop(name, ['command :: true']);
  await eventually(() => root.says().includes(' taken-in skip '), { what: 'both are taken in' });
  rm(root, 'wait-q/gone');
  mv(root, 'wait-q/skip', 'done-q/skip');
  expect(await linesOf(root, 'gone')).toMatchObject([{ kind: 'cancelled', queue: 'wait' }]);
  expect(await linesOf(root, 'skip')).toMatchObject([{ kind: 'skipped', queue: 'wait' }]);
  await first.stop();

  const kinds = root.history().map(({ kind }) => kind);
  expect([kinds[0], kinds.at(-1)]).toEqual(['monitor-started', 'monitor-stopped']);
  expectValid(root);
  expect(historyFaults({ ...root.history()[1], extra: 1 })).not.toEqual([]);
}, 60_000);

it.runIf(isRoot)('under a root monitor the submitter is the owner of the file that was dropped', async () => {
  const root = testRoot('settle: 100ms\n');
  const beside = root.path('.beside');
  writeFileSync(beside, uowText('command :: true'));
  chownSync(beside, 65_534, 65_534);
  renameSync(beside, root.path('wait-q/theirs'));
  utimesSync(root.path('wait-q/theirs'), 1, 1);
  await root.monitor();
  expect(await linesOf(root, 'theirs')).toMatchObject([{ submitter: realHost().userName(65_534) }]);
  expectValid(root);
});

it('an attempt that ended while no monitor ran is told as any other, its result line never counted as output', async () => {
  const root = testRoot('slots: 2\n');
  const witness = aWitness();
  const gate = witness.gate('a');
  const header = ['label :: A', 'group :: g', `command :: ${witness.tell}`, `command :: ${gate.wait}`];
  root.drop('a', [...header, `command :: echo '{"a": 1}' > "$SJQ_RESULT"; echo text`]);
  const first = await root.monitor();
  await witness.started('a');
  await first.crash();
  gate.open();
  const [id = ''] = readdirSync(root.path('.sjq/runs')).filter((name) => !name.endsWith('.run'));
  await eventually(() => root.log('currently-executing', 'a') === 'out 1\ntext\n', { what: 'it has printed' });
  const record = root.path('.sjq/runs', `${id}.run`);
  await eventually(() => /result .* \.\n/.test(readFileSync(record, 'latin1')), {
    what: 'its guardian has ended',
  });
  // As a monitor that was killed right behind it: it has noted where the output ends.
  const outputEndsAt = statSync(root.path('.sjq/claimed', `${id}.uow`)).size;
  realFiles.overwrite(record as Bytes, destinationOffset, textFromEnding({ outputEndsAt }), { sync: false });
  appendFileSync(root.path('.sjq/claimed', `${id}.uow`), resultLine('{"a": 1}'), 'latin1');
  await root.monitor();
  expect(await linesOf(root, 'a')).toMatchObject([
    { outcome: 'done', exit: 0, log_bytes: 11, group: 'g', submitter: realHost().user.name },
  ]);
  expect(root.log('done-q', 'a')).toBe('out 1\ntext\n\n==== RESULT {"a": 1}\n');
  expectValid(root);
});

it.runIf(isRoot)(
  'with control groups the CPU of every process counts, whoever waited for it, and an adopted attempt’s too',
  async ({ skip }) => {
    const groups = openCgroups('own', 0);
    if (!groups) return skip('no cgroup v2 of our own here');
    groups.close();
    const root = testRoot('cgroup: own\nsettle: 100ms\n');
    const witness = aWitness();
    const gate = witness.gate('a');
    // Its parent is gone before it ends: nobody waits for it.
    const spin = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; touch "$SJQ_ROOT/spun"';
    const first = await root.monitor();
    root.drop('a', [`command :: (setsid sh -c '${spin}' &)`, `command :: ${witness.tell}; exec ${gate.wait}`]);
    await eventually(() => existsSync(root.path('spun')), { withinMs: 20_000, what: 'it has spun' });
    await first.crash();
    await root.monitor();
    gate.open();
    const [line] = await linesOf(root, 'a');
    expect(line).toMatchObject({ outcome: 'done', exit: 0 });
    expect(line?.['cpu_ms']).toBeGreaterThan(100);
    expectValid(root);
  },
);
