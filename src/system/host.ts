// Who and where this process is: the host, the user, and other users' names. What a job's environment is made from.
import os from 'node:os';
import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';

/** A user as passwd has it. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

export interface Host {
  readonly name: string;
  readonly pid: number;
  readonly uid: number;
  /** The user this process runs as. */
  readonly user: User;
  /** LANG and TZ as this process has them; undefined if not set. */
  readonly lang: string | undefined;
  readonly timezone: string | undefined;
  /** The directory of systemd credentials given to this service, if any. */
  readonly credentialsDir: string | undefined;
  /** Gives a user by name, or undefined. Runs getent, so that LDAP and the like are asked too. */
  findUser(name: string): User | undefined;
  /** Gives a user's name by its number; the number as text where nobody knows a name. Each number is asked about once. */
  userName(uid: number): string;
  /** Gives 32 hex digits, nearly all of them random. */
  token(): string;
}

/** This host and process. */
export function realHost(): Host {
  const userNames = new Map<number, string>();
  const { username, uid, gid, homedir, shell } = os.userInfo();
  return {
    name: os.hostname(),
    pid: process.pid,
    uid,
    user: { name: username, uid, gid, home: homedir, shell: shell ?? '/bin/sh' },
    lang: process.env['LANG'],
    timezone: process.env['TZ'],
    credentialsDir: process.env['CREDENTIALS_DIRECTORY'],
    findUser(name) {
      const [login, , id, group, , home, program] = passwd(name) ?? [];
      if (login === undefined || id === undefined || group === undefined) return undefined;
      return { name: login, uid: Number(id), gid: Number(group), home: home ?? '/', shell: program || '/bin/sh' };
    },
    userName(other) {
      if (other === uid) return username;
      const known = userNames.get(other) ?? passwd(String(other))?.[0] ?? String(other);
      userNames.set(other, known);
      return known;
    },
    // Of randomUUID, which draws its bytes for many at once; four of its 128 bits are always the same.
    token: () => randomUUID().replaceAll('-', ''),
  };
}

/** Gives the fields of a line of passwd, by name or number; undefined where there is none. */
function passwd(key: string): readonly string[] | undefined {
  const { stdout, status } = spawnSync('getent', ['passwd', '--', key], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0]?.split(':') : undefined;
}
