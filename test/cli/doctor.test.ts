import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { doctor } from '../../src/cli/commands/doctor.ts';
import { findingKinds } from '../../src/monitor/doctor/finding.ts';
import { makeClaim } from '../support/claims.ts';
import { runningClaim } from '../support/crashes.ts';
import { eventually } from '../support/eventually.ts';
import { testRoot, type TestRoot } from '../support/root.ts';
import { schemaFaults } from '../support/schema.ts';

/** A root with one UOW that ended, and its monitor gone. */
async function afterOneJob(): Promise<TestRoot> {
  const root = testRoot();
  await root.sjq('submit', '-n', 'a', 'true');
  await root.sjq('once', '-q');
  return root;
}

it('a healthy root: nothing is wrong, exit 0', async () => {
  const root = await afterOneJob();
  expect(await root.sjq('doctor')).toEqual({
    ...{ code: 0, stderr: '' },
    stdout: 'nothing is wrong (1 file, 0 attempts in progress, 3 lines of history, no monitor runs)\n',
  });
});

it('what disagrees is said with its remedy and exits 1; --fix mends it, says what it did, here and in monitor_says, and exits 0', async () => {
  const root = await afterOneJob();
  renameSync(root.path('done-q/a'), root.path('error-q/a'));
  const said = await root.sjq('doctor');
  expect(said).toEqual({
    ...{ code: 1, stderr: '' },
    stdout: `fault   error-q/a: STATUS says done, and it stands in error-q
        the queue wins: STATUS gets its word. If that is wrong, move the file where it belongs (--fix does it)
1 thing is wrong, --fix mends it (1 file, 0 attempts in progress, 3 lines of history, no monitor runs)
`,
  });
  const fixed = await root.sjq('doctor', '--fix');
  expect(fixed.code).toBe(0);
  expect(fixed.stdout).toMatch(/^mended {2}error-q\/a: STATUS says "error #1 \S+ \S+" now\nnothing is wrong /);
  expect(root.says()).toMatch(/ attention - sjq doctor: error-q\/a: STATUS says "error #1 /);
});

it('what --fix cannot mend is left, and exits 1', async () => {
  const root = await afterOneJob();
  writeFileSync(root.path('archive/copy'), root.read('done-q', 'a'));
  const { code, stdout } = await root.sjq('doctor', '--fix');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fault {3}archive\/copy: has the stamp /);
});

it.runIf(process.getuid?.() === 0)(
  '--fix is for the user who runs the monitor: 77 for any other, root too',
  async () => {
    const root = await afterOneJob();
    chownSync(root.path('.sjq'), 12_345, 0);
    const { code, stdout, stderr } = await root.sjq('doctor', '--fix');
    expect({ code, stdout }).toEqual({ code: 77, stdout: '' });
    expect(stderr).toMatch(/is run by 12345: run sjq doctor --fix as that user\n$/);
  },
);

it('--json is one document, as its JSON Schema says, and the schema knows every kind', async () => {
  const root = await afterOneJob();
  makeClaim(root, 'b', { command: 'true' });
  chmodSync(root.path('wait-q'), 0o777);
  const { code, stdout } = await root.sjq('doctor', '--json');
  const document = JSON.parse(stdout) as { findings: unknown[] };
  expect(code).toBe(1);
  expect(schemaFaults('doctor', document)).toEqual([]);
  expect(document).toMatchObject({
    ...{ schema: 'sjq.doctor/1', monitor: 'not-running', mended: [], looked_at: { files: 2, attempts: 1 } },
    findings: [
      { kind: 'claimed', severity: 'note', place: 'currently-executing/b', fixable: false },
      { kind: 'mode', severity: 'fault', place: 'wait-q', fixable: true },
    ],
  });
  expect(schemaFaults('doctor', { ...document, more: 1 })).toHaveLength(1);
  const schema = readFileSync(join(import.meta.dirname, '../../docs/schemas/doctor.schema.json'), 'utf8');
  const kinds = (JSON.parse(schema) as { $defs: { finding: { properties: { kind: { enum: string[] } } } } }).$defs;
  expect(kinds.finding.properties.kind.enum).toEqual(findingKinds);
});

describe('beside a monitor that serves', () => {
  it('a busy root gives no finding, whenever it is looked at', async () => {
    const root = testRoot('slots: 4\n');
    await root.monitor();
    const script = root.path('next.sh');
    writeFileSync(
      script,
      `i=0; while [ $i -lt 60 ]; do
  printf '==== UNIT OF WORK\\n\\ncommand :: echo $i; sleep 0.05\\n' > "$1/wait-q/.w-$2-$i"; mv "$1/wait-q/.w-$2-$i" "$1/wait-q/job-$2-$i"
  i=$((i + 1)); sleep 0.1
done
`,
    );
    for (const who of ['x', 'y']) root.drop(who, [`command :: sh ${script} ${root.dir} ${who}`]);
    await eventually(() => root.list('currently-executing').length > 0, { what: 'jobs run', withinMs: 20_000 });
    const found: unknown[] = [];
    for (let looks = 0; looks < 20; looks++) {
      const { diagnosis, state } = await doctor(bytesFromUtf8(root.dir), false);
      expect(state).toBe('live');
      found.push(...diagnosis.findings);
    }
    expect(found).toEqual([]);
    expect(root.list('currently-executing').length).toBeGreaterThan(0);
  });

  it('a root whose monitor and guardian were killed gives no finding when the next monitor has been there', async () => {
    const root = testRoot();
    const monitor = await root.monitor();
    root.drop('a', ['command :: sleep 60']);
    await runningClaim(root, 'a');
    await monitor.crash();
    const notes = (await doctor(bytesFromUtf8(root.dir), false)).diagnosis.findings;
    expect(notes).toMatchObject([
      { kind: 'claimed', severity: 'note', text: 'attempt 1: runs; its output and exit code are kept' },
    ]);
    await root.monitor();
    expect((await doctor(bytesFromUtf8(root.dir), false)).diagnosis.findings).toEqual([]);
    root.message('KILL JOB a');
    await root.arrival('fail-q', 'a');
    expect((await doctor(bytesFromUtf8(root.dir), false)).diagnosis.findings).toEqual([]);
  });

  it('--fix mends what is safe, and tells of the rest that the monitor’s next start does it', async () => {
    const root = testRoot();
    const monitor = await root.monitor();
    root.drop('a', ['command :: true']);
    await root.arrival('done-q', 'a');
    renameSync(root.path('done-q/a'), root.path('fail-q/a'));
    chmodSync(root.path('priority-q'), 0o777);
    mkdirSync(root.path('.sjq/runs/1500000000-1.1-aaaaaa'));
    const fixed = await root.sjq('doctor', '--fix');
    expect(fixed.code).toBe(1);
    expect(statSync(root.path('priority-q')).mode & 0o777).toBe(0o775);
    expect(fixed.stdout).toContain('the monitor drops it at its next start');
    expect(root.status('fail-q', 'a')).toMatch(/^fail #1 /);
    await monitor.stop();
    expect((await root.sjq('doctor', '--fix')).code).toBe(0);
  });

  it('a monitor says at its start what everybody may write to, and nothing of a root as it was made', async () => {
    const root = testRoot();
    const first = await root.monitor();
    expect(root.says()).not.toMatch(/ attention /);
    await first.stop();
    chmodSync(root.path('wait-q'), 0o777);
    await root.monitor();
    await eventually(() => root.says().includes('attention'), { what: 'it is said' });
    expect(root.says().match(/ attention - wait-q everybody on this machine may write to it/g)).toHaveLength(1);
  });
});
