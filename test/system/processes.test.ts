import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { realClock } from '../../src/system/clock.ts';
import {
  type FileId,
  type ProcessId,
  foreignMountsFromText,
  keyOfFile,
  namesFromArgv,
  realProcesses,
} from '../../src/system/processes.ts';
import { eventually } from '../support/eventually.ts';
import { type Started, killAfterTest, killIfThere, scratchFolder, start } from '../support/scratch.ts';

let tokens = 0;
/** A token that no other test, and no test run beside this one, has. */
function newToken(): string {
  tokens += 1;
  return `test-${process.pid}-${tokens}`;
}

function fileId(path: string): FileId {
  const { ino, dev } = statSync(path);
  return { ino, dev };
}

function pidsOf(processes: readonly ProcessId[]): number[] {
  return processes.map(({ pid }) => pid);
}

function idOf(pid: number): ProcessId {
  return { pid, startTicks: realProcesses.startTicks(pid) ?? 0 };
}

/** Starts a shell script with the token in its environment; its process group is its own. */
function startJob(token: string, script: string, environment: Readonly<Record<string, string>> = {}): Started {
  return start('sh', ['-c', script], { env: { ...process.env, SJQ_TOKEN: token, ...environment }, detached: true });
}

/** Waits until the script has printed that many lines that are pids, and has them killed after the test. */
async function printedPids(job: Started, count: number): Promise<number[]> {
  const lines = await eventually(() => job.lines.length >= count && job.lines, { what: `${count} pids were printed` });
  const pids = lines.slice(0, count).map(Number);
  for (const pid of pids) killAfterTest(pid);
  return pids;
}

async function ready(job: Started): Promise<void> {
  await eventually(() => job.lines.includes('ready'), { what: 'the script was ready' });
}

/** Whatever of a job is left after a red test. */
function killTreeAfterTest(token: string): string {
  for (const { pid } of realProcesses.treeOf({ token })) killAfterTest(pid);
  return token;
}

describe('who has a file open', () => {
  it('is told of descriptor 8 and of any other, also when the file is deleted', async () => {
    const folder = scratchFolder();
    const [record, other, none] = ['record', 'other', 'none'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [record, other, none]) writeFileSync(path, '');
    const ids = [record, other, none].map(fileId) as [FileId, FileId, FileId];
    const job = start('sh', ['-c', `exec 8<${record} 5<${other}; echo ready; read x`]);
    await ready(job);
    unlinkSync(record);
    expect(ids.map((id) => realProcesses.hasOpen(job.pid, id))).toEqual([true, true, false]);
    expect(ids.map((id) => realProcesses.holdersOf(id))).toEqual([[job.pid], [job.pid], []]);
    expect(realProcesses.hasOpen(process.pid, ids[0])).toBe(false);

    killIfThere(job.pid);
    await eventually(() => !realProcesses.isAlive(job.pid), { what: 'the holder was gone' });
    expect(realProcesses.hasOpen(job.pid, ids[0])).toBe(false);
    expect(realProcesses.holdersOf(ids[0])).toEqual([]);
  });

  it('counts no zombie, which is not alive either', async () => {
    const record = join(scratchFolder(), 'record');
    writeFileSync(record, '');
    // The program that took the shell's place does not know that it has a child, and never reaps it.
    const parent = start('sh', ['-c', `sh -c 'exec 8<${record}; echo $$; exec sleep 600' & exec sleep 600`]);
    const [zombie = 0] = await printedPids(parent, 1);
    expect(realProcesses.hasOpen(zombie, fileId(record))).toBe(true);
    killIfThere(zombie);
    await eventually(() => readFileSync(`/proc/${zombie}/stat`, 'utf8').includes(') Z '), { what: 'it was a zombie' });
    expect(realProcesses.isAlive(zombie)).toBe(false);
    expect(realProcesses.hasOpen(zombie, fileId(record))).toBe(false);
    expect(realProcesses.startTicks(zombie)).toBeGreaterThan(0);
    expect(realProcesses.isAlive(parent.pid)).toBe(true);
  });

  it('tells of many files at once which are being written by others', async () => {
    const folder = scratchFolder();
    const paths = ['written', 'appended', 'both', 'read', 'own', 'closed'].map((name) => join(folder, name));
    for (const path of paths) writeFileSync(path, '');
    const [written, appended, both, read, own] = paths as [string, string, string, string, string];
    const job = start('sh', ['-c', `exec 3>${written} 4>>${appended} 5<>${both} 6<${read}; echo ready; cat`]);
    const fd = openSync(own, 'w');
    await ready(job);
    const writers = realProcesses.writersOf(paths.map(fileId));
    closeSync(fd);
    expect(writers).toEqual(new Set([written, appended, both].map((path) => keyOfFile(fileId(path)))));
    expect(realProcesses.writersOf([])).toEqual(new Set());
  });

  it('does not look into network file systems, except where the files are', () => {
    const mounts = [
      '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
      '40 27 0:50 / /srv/far rw shared:1 - nfs4 server:/far rw',
      '41 27 0:51 / /srv/own rw - nfs4 server:/own rw',
      '42 27 0:300 / /media/my\\040disk rw - fuse.sshfs host: rw',
      '',
    ].join('\n');
    expect(foreignMountsFromText(mounts, [])).toEqual(['/srv/far/', '/srv/own/', '/media/my disk/']);
    expect(foreignMountsFromText(mounts, [{ ino: 1, dev: 51 }])).toEqual(['/srv/far/', '/media/my disk/']);
    // Minor 300 is 0x12c: 0x2c below, 0x1 at bit 20.
    expect(foreignMountsFromText(mounts, [{ ino: 1, dev: 0x10002c }])).toEqual(['/srv/far/', '/srv/own/']);
  });
});

describe('a process', () => {
  it('has a start time that tells it from a later one, and a boot it lives in', async () => {
    const first = start('sleep', ['600']);
    expect(realProcesses.isAlive(first.pid)).toBe(true);
    const ticks = realProcesses.startTicks(first.pid) ?? 0;
    expect(ticks).toBeGreaterThanOrEqual(realProcesses.startTicks(process.pid) ?? Infinity);
    killIfThere(first.pid);
    await eventually(() => realProcesses.startTicks(first.pid) === undefined, { what: 'it was gone' });
    expect(realProcesses.isAlive(first.pid)).toBe(false);
    expect(realProcesses.bootId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('may have any name', async () => {
    const path = join(scratchFolder(), ') Z 1\n(x');
    symlinkSync(process.execPath, path);
    const odd = start(path, [
      '-e',
      `require('node:fs').writeFileSync('/proc/self/comm', ') Z 1 (x'); console.log('ready'); setInterval(() => {}, 60_000)`,
    ]);
    await ready(odd);
    expect(readFileSync(`/proc/${odd.pid}/stat`, 'utf8')).toContain('() Z 1 (x)');
    expect(realProcesses.isAlive(odd.pid)).toBe(true);
    expect(realProcesses.startTicks(odd.pid)).toBeGreaterThan(0);
  });
});

describe('the tree of a job', () => {
  it('is who carries exactly the token, and their descendants with or without it; parents first', async () => {
    const token = newToken();
    const job = startJob(
      token,
      `echo $$; env -u SJQ_TOKEN sh -c 'echo $$; SJQ_TOKEN=${token} sleep 600 & echo $!; wait' & wait`,
    );
    const longer = startJob(`${token}0`, 'echo $$; read x');
    const inValue = startJob('other', 'echo $$; read x', { X: `SJQ_TOKEN=${token}` });
    const inName = startJob('other', 'echo $$; read x', { XSJQ_TOKEN: token });
    await Promise.all([longer, inValue, inName].map((one) => printedPids(one, 1)));
    const [top, middle, bottom] = await printedPids(job, 3);
    expect(pidsOf(realProcesses.treeOf({ token }))).toEqual([top, middle, bottom]);
    expect(realProcesses.treeOf({ token })[0]).toEqual(idOf(job.pid));
    expect(realProcesses.treeOf({ token: `${token}-none` })).toEqual([]);
  });

  it('finds a daemon in a session of its own, whose parents are gone', async () => {
    const token = newToken();
    const job = startJob(token, `(setsid sh -c 'echo $$; exec sleep 600' &) ; exit 0`);
    const [daemon] = await printedPids(job, 1);
    await eventually(() => !realProcesses.isAlive(job.pid), { what: 'the job itself had ended' });
    expect(pidsOf(realProcesses.treeOf({ token }))).toEqual([daemon]);
  });

  it('finds one that dropped token and parent by its group, if session and start time are right', async () => {
    const token = newToken();
    const job = startJob(token, `(env -u SJQ_TOKEN sleep 600 & echo $!) ; exit 0`);
    const [orphan = 0] = await printedPids(job, 1);
    await eventually(() => !realProcesses.isAlive(job.pid), { what: 'the job itself had ended' });
    const group = { pgid: job.pid, session: job.pid };
    const sinceTicks = realProcesses.startTicks(orphan) ?? 0;
    const find = (groups: Parameters<typeof realProcesses.treeOf>[0]['groups'] & object): number[] =>
      pidsOf(realProcesses.treeOf({ token, groups }));
    await eventually(() => find([]).length === 0, { what: 'env has become sleep, without the token' });
    expect(find([group])).toEqual([orphan]);
    expect(find([{ ...group, sinceTicks }])).toEqual([orphan]);
    expect(find([{ ...group, sinceTicks: sinceTicks + 1 }])).toEqual([]);
    expect(find([{ ...group, session: 1 }])).toEqual([]);
    expect(find([{ ...group, pgid: 1 }])).toEqual([]);
  });

  it('holds one whose whole environment is the token', async () => {
    const token = newToken();
    const bare = start('env', ['-i', `SJQ_TOKEN=${token}`, '/bin/sh', '-c', 'echo ready; read x']);
    await ready(bare);
    expect(pidsOf(realProcesses.treeOf({ token }))).toEqual([bare.pid]);
  });

  it('holds neither zombies nor this process', async () => {
    const token = newToken();
    const job = startJob(token, `sleep 0 & echo $!; exec sleep 600`);
    const [zombie = 0] = await printedPids(job, 1);
    await eventually(() => readFileSync(`/proc/${zombie}/stat`, 'utf8').includes(') Z '), { what: 'it was a zombie' });
    expect(pidsOf(realProcesses.treeOf({ token }))).toEqual([job.pid]);

    const [pgid, session] = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .slice(2, 4)
      .map(Number);
    const own = realProcesses.treeOf({ token, groups: [{ pgid: pgid ?? 0, session: session ?? 0 }] });
    expect(pidsOf(own)).not.toContain(process.pid);
  });
});

describe('the jobs of a root', () => {
  it('are who say so in their environment, with token, UOW and attempt; no zombie, and nobody of another root', async () => {
    const root = scratchFolder();
    const token = newToken();
    const of = (dir: string): Readonly<Record<string, string>> => ({
      ...{ SJQ_ROOT: dir, SJQ_NAME: 'a b', SJQ_ATTEMPT: '2' },
    });
    const job = startJob(token, 'echo ready; read x', of(root));
    const other = startJob(newToken(), 'echo ready; read x', of(`${root}/other`));
    await ready(job);
    await ready(other);
    const { startTicks } = idOf(job.pid);
    expect(realProcesses.jobsOf(bytesFromUtf8(root))).toEqual([
      { pid: job.pid, startTicks, program: 'sh', token, uow: 'a b', attempt: '2' },
    ]);
    killIfThere(job.pid);
    await eventually(() => realProcesses.jobsOf(bytesFromUtf8(root)).length === 0, { what: 'it is gone' });
  });
});

describe('signal', () => {
  it('reaches only the process that was meant, and minds no one that is gone', async () => {
    const sleeper = start('sleep', ['600']);
    const { pid, startTicks } = idOf(sleeper.pid);
    expect(realProcesses.signal([{ pid, startTicks: startTicks - 1 }], 'SIGKILL')).toEqual({ sent: 0, denied: 0 });
    expect(realProcesses.isAlive(pid)).toBe(true);
    expect(realProcesses.signal([{ pid, startTicks }], 'SIGKILL')).toEqual({ sent: 1, denied: 0 });
    await eventually(() => !realProcesses.isAlive(pid), { what: 'it was gone' });
    expect(realProcesses.signal([{ pid, startTicks }], 'SIGKILL')).toEqual({ sent: 0, denied: 0 });
  });

  it('counts who may not be signalled', () => {
    // WINCH does nothing to most, and unlike CONT is not allowed within a session. As root there is nobody one may not signal, so be somebody else meanwhile.
    const isRoot = process.geteuid?.() === 0;
    const pid = isRoot ? start('sleep', ['600'], { uid: 1 }).pid : 1;
    if (isRoot) process.seteuid?.(65534);
    try {
      expect(realProcesses.signal([idOf(pid)], 'SIGWINCH')).toEqual({ sent: 0, denied: 1 });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('endTree', () => {
  const end = async (token: string, graceMs: number): Promise<readonly ProcessId[]> => {
    killTreeAfterTest(token);
    const { survivors } = await realProcesses.endTree({ token }, graceMs, realClock);
    return survivors;
  };

  it('lets a process clean up, also one that was stopped', async () => {
    const token = newToken();
    const folder = scratchFolder();
    const script = (name: string): string =>
      `trap 'echo bye > ${join(folder, name)}; exit' TERM; echo ready; while :; do read x; done`;
    const jobs = ['running', 'stopped'].map((name) => startJob(token, script(name)));
    await Promise.all(jobs.map(ready));
    process.kill(jobs[1]?.pid ?? 0, 'SIGSTOP');
    const startedAt = performance.now();
    expect(await end(token, 20_000)).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    for (const name of ['running', 'stopped']) expect(readFileSync(join(folder, name), 'utf8')).toBe('bye\n');
  });

  it('leaves its grace to one that ignores TERM, and then kills it', async () => {
    const token = newToken();
    const job = startJob(token, `trap '' TERM; echo ready; while :; do read x || exec sleep 600; done`);
    await ready(job);
    const startedAt = performance.now();
    const ending = end(token, 300);
    expect(realProcesses.isAlive(job.pid)).toBe(true);
    expect(await ending).toEqual([]);
    expect(performance.now() - startedAt).toBeGreaterThan(290);
    expect(realProcesses.isAlive(job.pid)).toBe(false);
  });

  it('asks each process only once', async () => {
    const token = newToken();
    const said = join(scratchFolder(), 'said');
    const job = startJob(token, `trap 'echo asked >> ${said}' TERM; echo ready; while :; do sleep 1; done`);
    await ready(job);
    expect(await end(token, 300)).toEqual([]);
    expect(readFileSync(said, 'utf8')).toBe('asked\n');
  });

  it('ends daemons that ignore TERM in sessions of their own', async () => {
    const token = newToken();
    const daemon = `trap "" TERM; echo $$; sleep 600; sleep 600`;
    const job = startJob(token, `for i in 1 2 3; do (setsid sh -c '${daemon}' &); done; echo $$; exec sleep 600`);
    const pids = await printedPids(job, 4);
    expect(await end(token, 50)).toEqual([]);
    expect(pids.filter((pid) => realProcesses.isAlive(pid))).toEqual([]);
  });

  it('ends one that changed its group and dropped the token, by its parent', async () => {
    const token = newToken();
    const job = startJob(token, `env -u SJQ_TOKEN setsid sh -c 'echo $$; exec sleep 600' & wait`);
    const [mover = 0] = await printedPids(job, 1);
    expect(await end(token, 1000)).toEqual([]);
    expect(realProcesses.isAlive(mover)).toBe(false);
    expect(realProcesses.isAlive(job.pid)).toBe(false);
  });

  it('asks a child too that was started while its parent cleaned up', async () => {
    const token = newToken();
    const folder = scratchFolder();
    const child = `trap 'echo asked > ${folder}/said; exit' TERM; : > ${folder}/is-up; while :; do sleep 1; done`;
    const last = `sh -c "$CHILD" & while [ ! -e ${folder}/is-up ]; do :; done; exit`;
    const job = startJob(token, `trap '${last}' TERM; echo ready; while :; do sleep 1; done`, { CHILD: child });
    await ready(job);
    expect(await end(token, 20_000)).toEqual([]);
    expect(readFileSync(join(folder, 'said'), 'utf8')).toBe('asked\n');
  });

  it('ends a storm of forks that all ignore TERM', async () => {
    const token = newToken();
    const job = startJob(token, `trap '' TERM; i=0; while [ $i -lt 50 ]; do (sleep 600; :) & i=$((i+1)); done; wait`);
    await eventually(() => realProcesses.treeOf({ token }).length >= 10, { what: 'the storm had begun' });
    expect(await end(token, 20)).toEqual([]);
    expect(realProcesses.treeOf({ token })).toEqual([]);
    expect(realProcesses.isAlive(job.pid)).toBe(false);
  });

  it('is done at once where nobody is', async () => {
    const startedAt = performance.now();
    expect(await end(newToken(), 20_000)).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('gives who is still there after 5 s', async () => {
    // Nobody outlives KILL, so the one that does is a process that this user may not signal.
    const isRoot = process.geteuid?.() === 0;
    if (!isRoot) return;
    const token = newToken();
    const stranger = start('sleep', ['600'], { uid: 1, detached: true });
    const group = { pgid: stranger.pid, session: stranger.pid };
    const hurried = { after: (ms: number, act: () => void) => realClock.after(ms / 20, act) };
    process.seteuid?.(65534);
    try {
      const { survivors } = await realProcesses.endTree({ token, groups: [group] }, 0, hurried);
      expect(survivors).toEqual([idOf(stranger.pid)]);
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('names of programs', () => {
  it.each([
    ['/usr/bin/rsync -a x y', ['rsync']],
    ['-bash', ['bash']],
    ['/bin/sh /opt/nightly backup', ['sh', 'nightly']],
    ['bash -eu /opt/nightly', ['bash', 'nightly']],
    ['sh -e /opt/nightly', ['sh', 'nightly']],
    ['bash -ce ansible', ['bash']],
    ['python3 -c ansible', ['python3']],
    ['perl -p script', ['perl', 'script']],
    ['node --eval ansible', ['node']],
    ['python3.11 -u /usr/bin/ansible-playbook site.yml', ['python3.11', 'ansible-playbook']],
    ['python3 -m http.server', ['python3', 'http.server']],
    ['perl -w ./tool.pl', ['perl', 'tool.pl']],
    ['node --enable-source-maps dist/main.js', ['node', 'main.js']],
    ['java -Xmx1g -jar /opt/app.jar', ['java', 'app.jar']],
    ['sh -c ansible', ['sh']],
    ['bash -lc ansible', ['bash']],
    ['node -e ansible', ['node']],
    ['perl -e ansible', ['perl']],
    ['python3', ['python3']],
    ['python3 -', ['python3']],
    ['rsync nightly', ['rsync']],
    ['', ['']],
  ])('%s', (commandLine, names) => {
    expect(namesFromArgv(commandLine.split(' '))).toEqual(names);
  });
});

describe('running', () => {
  it('finds scripts and programs by their names, with start time, and the token of our own', async () => {
    const folder = scratchFolder();
    const [script, program] = [`nightly-${process.pid}`, `wärter-${process.pid}`];
    writeFileSync(join(folder, script), `#!/bin/sh\necho ready\nread x\n`);
    chmodSync(join(folder, script), 0o755);
    symlinkSync(process.execPath, join(folder, program));
    const token = newToken();
    const own = start(join(folder, script), [], { env: { ...process.env, SJQ_TOKEN: token } });
    const foreign = start(join(folder, program), ['-e', `console.log('ready'); setInterval(() => {}, 60_000)`]);
    const mentions = start('sh', ['-c', `: ${script} ${program}; echo ready; read x`]);
    await Promise.all([own, foreign, mentions].map(ready));

    const found = await realProcesses.running([script, program, 'no-such-program']);
    const sorted = [...found].sort((one, other) => one.name.localeCompare(other.name));
    expect(sorted).toEqual([
      { pid: own.pid, name: script, startedAtMs: expect.any(Number) as number, token },
      { pid: foreign.pid, name: program, startedAtMs: expect.any(Number) as number },
    ]);
    for (const { startedAtMs } of found) expect(Math.abs(Date.now() - startedAtMs)).toBeLessThan(15_000);
    expect(await realProcesses.running([])).toEqual([]);
  });

  it('says what to install when there is no ps', async () => {
    const path = process.env['PATH'];
    const empty = join(scratchFolder(), 'empty');
    mkdirSync(empty);
    process.env['PATH'] = empty;
    try {
      await expect(realProcesses.running(['rsync'])).rejects.toMatchObject({
        code: 'bad-config',
        message: expect.stringMatching(/ps is missing.*install procps/) as string,
      });
    } finally {
      process.env['PATH'] = path;
    }
  });
});
