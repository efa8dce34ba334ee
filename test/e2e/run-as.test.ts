// `run_as: owner`: people who do not trust each other share one queue of a monitor run by root. Each job has the rights of whom
// its file belongs to, and nothing that a header or a job does is done with root's.
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beforeSuite } from '../support/afterwards.ts';
import { isThere } from '../support/crashes.ts';
import { eventually } from '../support/eventually.ts';
import { type QueueName, testRoot, type TestRoot, uowText } from '../support/root.ts';
import { scratchFolder, start } from '../support/scratch.ts';

const isRoot = process.getuid?.() === 0;
const games = 5;
let root: TestRoot;
/** A folder that anybody may write to, with programs of the names that root would run. */
let evil: string;

/** Drops a UOW that belongs to a user, and gives its STATUS and what stands in its log when it has ended. */
async function ended(
  queue: QueueName,
  name: string,
  header: readonly string[],
  file: { readonly uid?: number; readonly mode?: number; readonly hasTwoNames?: boolean } = {},
): Promise<readonly [status: string, log: string]> {
  drop(name, header, file);
  await root.arrival(queue, name);
  return [root.status(queue, name), root.log(queue, name)];
}

function drop(
  name: string,
  header: readonly string[],
  { uid = games, mode = 0o644, hasTwoNames = false }: Parameters<typeof ended>[3] & object = {},
): void {
  const beside = root.path(`.drop-${name}`);
  writeFileSync(beside, uowText(...header));
  chownSync(beside, uid, uid);
  chmodSync(beside, mode);
  const old = new Date(Date.now() - 120_000);
  utimesSync(beside, old, old);
  if (hasTwoNames) linkSync(beside, root.path(`.other-${name}`));
  renameSync(beside, root.path('wait-q', name));
}

if (!isRoot) console.log('SKIPPED: run_as: owner needs a monitor run by root');

describe.skipIf(!isRoot)('run_as: owner', () => {
  beforeSuite(async () => {
    root = testRoot('slots: 4\nrun_as: owner\nallow_users: [nobody]\n');
    chmodSync(dirname(root.dir), 0o755);
    evil = scratchFolder();
    chmodSync(evil, 0o777);
    for (const name of ['setpriv', 'env', 'sh', 'nice', 'ionice']) {
      writeFileSync(`${evil}/${name}`, `#!/bin/bash\necho ${name} >> ${evil}/ran-as-$EUID\n`, { mode: 0o755 });
    }
    await root.monitor();
  });

  it('gives a job the rights, the home and the name of whom its file belongs to', async () => {
    const command = 'command :: id -un; id -u; id -gn; echo "$HOME $USER"; pwd; cat; echo 1 > "$SJQ_RESULT"';
    const input = `${evil}/input`;
    writeFileSync(input, 'read\n');
    const [status, log] = await ended('done-q', 'own', [command, `directory :: ${evil}`, `stdin :: ${input}`]);
    expect(status).toMatch(/^done exit=0 /);
    expect(log).toBe(`games\n5\ngames\n/usr/games games\n${evil}\nread\n\n==== RESULT 1\n`);
  });

  it('asks whether it may start as whom its file belongs to, with nothing of its header acted on as root', async () => {
    const asks = `id -u > ${evil}/asked-as-$EUID$(id -u); pwd > ${evil}/asked-in`;
    const [status] = await ended('done-q', 'asks', [
      `when :: ${asks}`,
      `env.PATH :: ${evil}:/usr/bin:/bin`,
      ...[`directory :: ${evil}`, 'command :: true'],
    ]);
    expect(status).toMatch(/^done exit=0 /);
    expect(readFileSync(`${evil}/asked-as-5`, 'utf8')).toBe('5\n');
    expect(readFileSync(`${evil}/asked-in`, 'utf8')).toBe(`${evil}\n`);
    expect(existsSync(`${evil}/ran-as-0`)).toBe(false);
  });

  it('starts nothing as root: what root drops must name a user, and that user is not root', async () => {
    const [status, log] = await ended('fail-q', 'roots', ['command :: id -u'], { uid: 0 });
    expect(status).toMatch(/^fail cannot-start /);
    expect(log).toMatch(/^sjq: cannot start: it belongs to root, .*name a user with user ::/);
    expect((await ended('fail-q', 'named-root', ['command :: id -u', 'user :: root'], { uid: 0 }))[1]).toMatch(
      /cannot start/,
    );
    expect(await ended('done-q', 'named', ['command :: id -un', 'user :: nobody'], { uid: 0 })).toMatchObject({
      1: 'nobody\n',
    });
  });

  it.each([
    ['others may write to it', ['command :: id'], { mode: 0o666 }, /it belongs to root.*chmod go-w/],
    ['a group may write to it', ['command :: id'], { mode: 0o664 }, /chmod go-w/],
    ['it had two names', ['command :: id'], { hasTwoNames: true }, /it belongs to root.*several names/],
    ['it names another user', ['command :: id', 'user :: nobody'], {}, /user :: nobody is not its owner/],
    ['it names root', ['command :: id', 'user :: root'], {}, /user :: root is not its owner/],
    ['nobody has its number', ['command :: id'], { uid: 54_321 }, /number 54321, is no user of this host/],
    [
      'it names a file of variables',
      ['command :: env', 'env-file :: /etc/shadow'],
      {},
      /env-file would be read with root's rights/,
    ],
    [
      'it names a secret',
      ['command :: env', 'secret.X :: /etc/shadow'],
      {},
      /secret\.X would be read with root's rights/,
    ],
    [
      'it reads what it may not',
      ['command :: cat', 'stdin :: /etc/shadow'],
      {},
      /stdin cannot be read from \/etc\/shadow/,
    ],
    [
      'it would stand where it may not',
      ['command :: ls', 'directory :: /root'],
      {},
      /directory \/root may not be entered/,
    ],
  ] as const)('a UOW cannot start if %s', async (why, header, file, said) => {
    const name = why.replaceAll(' ', '-');
    const [status, log] = await ended('fail-q', name, [...header], file);
    expect(status).toMatch(/^fail cannot-start /);
    expect(log).toMatch(said);
    expect(log).not.toMatch(/root:.*:0:/);
  });

  it('acts on no word of a header with root’s rights: neither PATH, LD_PRELOAD nor a niceness that its owner may not set', async () => {
    const variables = [
      `PATH :: ${evil}`,
      `LD_PRELOAD :: ${evil}/none.so`,
      `BASH_ENV :: ${evil}/sh`,
      `ENV :: ${evil}/sh`,
    ];
    const header = [
      ...variables.map((line) => `env.${line}`),
      'command :: /usr/bin/id -u',
      'nice :: -5',
      'ionice :: idle',
    ];
    await ended('done-q', 'led-astray', header);
    // It ran the programs that its owner put before the real ones: with its owner's rights.
    expect(existsSync(`${evil}/ran-as-0`)).toBe(false);
    expect(readFileSync(`${evil}/ran-as-5`, 'utf8')).toContain('nice');
    const [, log] = await ended('done-q', 'hurried', ['command :: nice', 'nice :: -5']);
    expect(log).toMatch(/(^|\n)0\n$/);
  });

  it('believes no pids that a job wrote into its own started file, and ends it all the same', async () => {
    const victim = start('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const lie = `rm -f "$d/started" "$d/end"; mkfifo "$d/end"; printf '1 %s\\n%s\\n' ${victim.pid} ${victim.pid} > "$d/started"`;
    drop('liar', [`command :: d=$(dirname "$SJQ_RESULT"); ${lie}; echo lied; sleep 600`, 'grace :: 1']);
    await eventually(() => root.log('currently-executing', 'liar').includes('lied'), { what: 'it lied' });
    root.message('KILL JOB liar');
    await root.arrival('fail-q', 'liar');
    expect(root.status('fail-q', 'liar')).toMatch(/^fail (killed|signal=\w+) /);
    expect(isThere(victim.pid)).toBe(true);
  });

  it('removes nothing outside of what a job left, wherever its symlinks lead', async () => {
    const kept = scratchFolder();
    writeFileSync(`${kept}/file`, 'kept');
    mkdirSync(`${evil}/tree`);
    symlinkSync(kept, `${evil}/tree/link`);
    const command = `command :: d=$(dirname "$SJQ_RESULT"); cp -a ${evil}/tree "$d/tree"; ln -s ${kept} "$d/other"`;
    await ended('done-q', 'linking', [command]);
    await eventually(() => readdirSync(root.path('.sjq/runs')).length === 0, { what: 'what it left is removed' });
    expect(readFileSync(`${kept}/file`, 'utf8')).toBe('kept');
  });
});
