// As whom a job runs, and how a root monitor becomes that user for a UOW that it does not trust. With `run_as: owner` people who
// do not trust each other share one root: nothing that a header says may be acted on with root's rights, neither a file that it
// names nor a variable that would choose a program (PATH, LD_PRELOAD) before the rights are given up.
import { type Bytes, bytesFromUtf8 } from '../../model/bytes.ts';
import type { Header } from '../../model/header.ts';
import type { Launch } from '../../model/run.ts';
import { standardPath } from '../../plan/job-environment.ts';
import type { User } from '../../system/host.ts';
import type { FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';

/** The user, and whether the monitor trusts the UOW no more than it trusts that user. */
export interface RunAs {
  readonly user: User;
  readonly isOwner: boolean;
}

/** Gives as whom a job runs. What forbids it is added to `faults`. */
export function runAs(context: Context, header: Header, file: Pick<FileStat, 'uid' | 'mode'>, faults: string[]): RunAs {
  const { machine, config } = context;
  if (config.runAs === 'monitor') return { user: namedUser(context, header, faults), isOwner: false };
  if (machine.host.uid !== 0) faults.push('run_as: owner needs a monitor that runs as root');
  else if (file.uid !== 0) return { user: ownerOf(context, header, file, faults), isOwner: true };
  const user = namedUser(context, header, faults);
  if (user.uid === 0) {
    faults.push(
      'it belongs to root, and with run_as: owner nothing runs as root: name a user with user :: (a file that others may write to, or that has several names, is taken in as root’s: chmod go-w, and copy it)',
    );
  }
  return { user, isOwner: false };
}

function ownerOf(
  { machine: { host } }: Context,
  header: Header,
  { uid, mode }: Pick<FileStat, 'uid' | 'mode'>,
  faults: string[],
): User {
  const owner = host.findUser(host.userName(uid));
  if (owner?.uid !== uid) faults.push(`its owner, number ${uid}, is no user of this host`);
  if ((mode & 0o022) !== 0) {
    faults.push('others than its owner may write to it, and with run_as: owner it would run as its owner: chmod go-w');
  }
  const named = header.text('user');
  if (named !== undefined && named !== owner?.name) {
    faults.push(`user :: ${named} is not its owner, as whom it runs (run_as: owner)`);
  }
  for (const name of header.names().filter((each) => each === 'env-file' || each.startsWith('secret.'))) {
    faults.push(
      `${name} would be read with root's rights, and it runs as its owner (run_as: owner): read it in the command`,
    );
  }
  return owner ?? host.user;
}

function namedUser({ machine, config }: Context, header: Header, faults: string[]): User {
  const { host } = machine;
  const name = header.text('user');
  if (name === undefined || name === host.user.name) return host.user;
  if (host.uid !== 0) faults.push(`user :: ${name} needs a monitor that runs as root`);
  else if (!config.allowUsers.includes(name)) faults.push(`user ${name} is not in allow_users: add it to config.yaml`);
  else {
    const user = host.findUser(name);
    if (user) return user;
    faults.push(`there is no user ${name} on this host`);
  }
  return host.user;
}

/** What a job starts with: its words, its variables, where it stands and what it reads. */
export type JobStart = Pick<Launch, 'argv' | 'environment' | 'directory' | 'input'>;

/** Enters the directory and opens the input as the user, as launcher.sh does for other jobs. */
const entering = `cd -- "$1" 2> /dev/null || { echo "sjq: cannot start: the directory $1 may not be entered" >&2; exit 126; }
if [ -n "$2" ]; then
  [ -r "$2" ] || { echo "sjq: cannot start: stdin cannot be read from $2" >&2; exit 126; }
  exec < "$2"
fi
unset OLDPWD
shift 2
exec "$@"`;

/** Gives the start of a job whose rights are given up first of all: every word of its header is acted on as the user. */
export function startAs(
  user: User,
  { argv, environment, directory, input }: JobStart,
  limits: readonly string[],
): JobStart {
  const becoming = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', 'env', '-i', '--'];
  return {
    argv: [
      ...becoming.map(bytesFromUtf8),
      ...environment,
      ...['/bin/sh', '-c', entering, 'sh'].map(bytesFromUtf8),
      ...[directory, input],
      ...limits.map(bytesFromUtf8),
      ...argv,
    ],
    environment: [bytesFromUtf8(`PATH=${standardPath}`)],
    directory: '/' as Bytes,
    input: '' as Bytes,
  };
}
