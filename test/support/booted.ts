// A machine of its own with a real systemd, in about a second: systemd-nspawn boots this very host's tree, with what it writes
// in memory, and the package installed in it as npm would. All mounts are in a namespace that ends with it, as every process is.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { realProcesses } from '../../src/system/processes.ts';
import { eventually } from './eventually.ts';
import { whyLacking } from './programs.ts';

const project = join(import.meta.dirname, '../..');
const packageDir = '/usr/local/lib/node_modules/simple-job-q';
/** It ends by itself after this, or when this process ended. */
const longestLifeSeconds = 280;

/** A booted machine. */
export interface Booted {
  /** Runs a program in it as root; gives what it printed, without the last newline. @throws if it does not exit with 0, unless `orElse` says what to give then */
  run(argv: readonly string[], orElse?: string): Promise<string>;
  /** Runs a shell script in it, as another user if one is named. */
  sh(script: string, user?: string): Promise<string>;
  /** Gives the path of a file in it as this process sees it. */
  path(inside: string): string;
  /** Puts the package's files there anew, as `npm install -g` of another version does. */
  upgrade(): Promise<void>;
  /** Kills it, and leaves nothing of it. */
  end(): Promise<void>;
}

/** Gives why no machine can be booted here, or undefined if it can be tried. Installs what is missing if it may. */
export function whyNoBoot(): string | undefined {
  if (process.getuid?.() !== 0) return 'booting a systemd takes root';
  if (process.env['CI'] !== 'true' && process.env['SJQ_TEST_INSTALL'] !== '1')
    return 'a systemd is booted only with CI=true or SJQ_TEST_INSTALL=1';
  return whyLacking({ 'systemd-nspawn': 'systemd-container', 'systemd-notify': 'systemd', 'dbus-daemon': 'dbus' });
}

// As the first process of a pid namespace: when it ends, all end. The overlay shows the host's root file system and keeps every
// change in memory. A control group of its own, because nspawn makes some beside the process that started it. Descriptor 3 ends with
// the test's process, however that ends.
const bootScript = `
set -e
exec 3<&0
mount -t tmpfs -o mode=755 tmpfs "$FOLDER"
mkdir "$FOLDER"/upper "$FOLDER"/work "$FOLDER"/tree
mount -t overlay -o "lowerdir=/,upperdir=$FOLDER/upper,workdir=$FOLDER/work" overlay "$FOLDER/tree"
mount -t tmpfs -o mode=755 tmpfs /run
cd "$FOLDER/tree"
: > etc/machine-id
rm -rf etc/systemd/system/sjq.service* var/lib/sjq usr/local/lib/node_modules/simple-job-q usr/local/bin/sjq
mkdir -p etc/systemd/system usr/local/bin usr/local/sbin usr/local/lib/node_modules usr/local/node_modules
printf '%s\\n' '[Unit]' 'Requires=basic.target dbus.socket' 'After=basic.target dbus.socket' > etc/systemd/system/sjq-test.target
tar -xf "$FOLDER.tgz" -C usr/local/lib/node_modules
mv usr/local/lib/node_modules/package usr/local/lib/node_modules/simple-job-q
ln -s ../lib/node_modules/simple-job-q/dist/cli/main.js usr/local/bin/sjq
: > usr/local/sbin/node
cd /
mkdir "$GROUP"
echo $$ > "$GROUP/cgroup.procs"
systemd-nspawn --quiet --directory="$FOLDER/tree" --boot --register=no --keep-unit --machine=sjq-test \\
  --private-network --link-journal=no --console=pipe \\
  --bind-ro="$NODE:/usr/local/sbin/node" --bind-ro="$MODULES:/usr/local/node_modules" \\
  -- --unit=sjq-test.target < /dev/null &
{ read -r -t ${longestLifeSeconds} _ <&3; } &
wait -n`;

/** Boots it; `folder` is an empty one, and stays empty. @throws with what was said where it cannot be booted */
export async function boot(folder: string): Promise<Booted> {
  const token = `boot-${process.pid}-${Date.now()}`;
  const group = join(ownControlGroup(), `sjq-test-${process.pid}`);
  const pack = `${folder}.tgz`;
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: project,
    encoding: 'utf8',
  });
  execFileSync('mv', [join(folder, packed.trim()), pack]);
  const unshare = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const child = spawn('unshare', [...unshare, 'bash', '-c', bootScript], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      FOLDER: folder,
      GROUP: group,
      NODE: process.execPath,
      MODULES: join(project, 'node_modules'),
      SJQ_TOKEN: token,
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    execFileSync('rm', ['-f', pack]);
    await eventually(() => !removeGroups(group), { withinMs: 10_000, what: `${group} is empty` });
  };
  try {
    const leader = await eventually(() => leaderOf(token, child), { withinMs: 20_000, what: 'systemd was started' });
    const booted = machine(leader, pack, end);
    await eventually(async () => /running|degraded/.test(await booted.run(['systemctl', 'is-system-running'], '')), {
      withinMs: 40_000,
      what: 'systemd was up',
    });
    return booted;
  } catch (error) {
    await end();
    throw new Error(`no systemd boots here: ${said}`, { cause: error });
  }
}

function leaderOf(token: string, child: ChildProcess): number | undefined {
  if (child.exitCode !== null) throw new Error('it ended');
  return realProcesses.treeOf({ token }).find(({ pid }) => commandOf(pid) === 'systemd')?.pid;
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function machine(leader: number, pack: string, end: () => Promise<void>): Booted {
  const run = async (argv: readonly string[], orElse?: string): Promise<string> => {
    const inside = ['-m', '-u', '-i', '-n', '-p', '-C', '--', 'env', '-i', 'LANG=C.UTF-8', 'SYSTEMD_COLORS=0'];
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    try {
      const { stdout } = await promisify(execFile)('nsenter', ['-t', String(leader), ...inside, path, ...argv], {
        timeout: 60_000,
        killSignal: 'SIGKILL',
      });
      return stdout.replace(/\n$/, '');
    } catch (error) {
      if (orElse === undefined) throw error;
      return `${(error as { stdout?: string }).stdout ?? ''}${orElse}`;
    }
  };
  return {
    run,
    sh: (script, user = 'root') => run(['runuser', '-u', user, '--', 'sh', '-ec', script]),
    path: (inside) => `/proc/${leader}/root${inside}`,
    async upgrade() {
      // npm moves the old one aside, puts the new one in its place and removes the old one.
      const fresh = '/usr/local/lib/node_modules/.fresh';
      await run(['mkdir', fresh]);
      await promisify(execFile)('tar', ['-xf', pack, '-C', `/proc/${leader}/root${fresh}`]);
      await run(['mv', packageDir, `${fresh}/old`]);
      await run(['mv', `${fresh}/package`, packageDir]);
      await run(['rm', '-r', fresh]);
    },
    end,
  };
}

/** Gives the directory of this process's group in the hierarchy of version 2, wherever it is mounted. */
function ownControlGroup(): string {
  const own = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  const mount = /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  if (mount === undefined) throw new Error('there are no control groups of version 2');
  return join(mount, own);
}

/** Removes a group and those below it. Gives true if some process is still in one. */
function removeGroups(dir: string): boolean {
  if (statSync(dir, { throwIfNoEntry: false }) === undefined) return false;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroups(join(dir, entry.name));
  }
  try {
    rmdirSync(dir);
    return false;
  } catch {
    return true;
  }
}
