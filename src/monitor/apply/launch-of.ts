// What a UOW is launched as: argv, environment, directory and limits, from its head, the settings, the job types and this host.
import { type Bytes, bytesFromUtf8, utf8FromBytes } from '../../model/bytes.ts';
import type { JobType } from '../../model/config.ts';
import { defaultedHeader } from '../../model/defaulted-header.ts';
import type { Header } from '../../model/header.ts';
import { type HookCommand, hookFields, type Hooks } from '../../model/hooks.ts';
import { type GroupLimit, keptBy, type KeptBy, type Limits, limitsOf } from '../../model/limits.ts';
import { join, runPaths } from '../../model/paths.ts';
import type { Given, Judging, Launch, RunId } from '../../model/run.ts';
import type { UowHead, UowName } from '../../model/uow.ts';
import { localZone, textInZone } from '../../model/zone.ts';
import { givenOf } from '../../plan/given.ts';
import { hookCommandsOf, hooksArgv } from '../../plan/hooks.ts';
import { argvFromCommand, argvFromJobType } from '../../plan/job-argv.ts';
import { instantTextOf, withTimes } from '../../plan/schedules/times-in-text.ts';
import { jobEnvironment } from '../../plan/job-environment.ts';
import { retryingOf } from '../../plan/retry.ts';
import type { User } from '../../system/host.ts';
import type { FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';
import { limiting } from './limiting.ts';
import { outputOf } from './output-of.ts';
import { type JobStart, runAs, startAs } from './run-as.ts';

/** A launch, or why there can be none; then a launch of nothing stands in its place. */
export interface LaunchOf {
  readonly launch: Launch;
  readonly judging: Judging;
  readonly jobType?: string;
  readonly given: Given;
  readonly flow?: string;
  readonly schedule?: string;
  readonly scheduledAt?: string;
  readonly hooks?: Hooks;
  readonly limits?: KeptBy;
  readonly user: User;
  readonly fault?: string;
}

const envFileLimitBytes = 1024 * 1024;

/** The attempt that is to be launched, and whose file its UOW is. */
export interface AttemptToLaunch {
  readonly id: RunId;
  readonly number: number;
  /** Which retry it is; 0 for none. */
  readonly retry: number;
  readonly token: string;
  /** Makes its control group, with these limits. */
  readonly groupFor: (limits: Limits) => AttemptGroup;
  readonly file: Pick<FileStat, 'uid' | 'mode'>;
  /** Why it is not to start: to try it again would not help. */
  readonly fault?: string;
}

/** The control group of an attempt, and which limits it keeps. */
export interface AttemptGroup {
  /** Empty where there is none. */
  readonly dir: Bytes;
  readonly keeps: ReadonlySet<GroupLimit>;
}

/** Where there is none. */
export const noGroup: AttemptGroup = { dir: '' as Bytes, keeps: new Set() };

/** Gives what to launch for attempt `attempt` of a UOW. Reads env-files; never throws for what a header says. */
export function launchOf(context: Context, name: UowName, head: UowHead, attempt: AttemptToLaunch): LaunchOf {
  const { config, machine, paths, picture } = context;
  const { host } = machine;
  const faults: string[] = attempt.fault === undefined ? [] : [attempt.fault];
  const { header, picked } = defaultedHeader(head.header, config, picture.jobTypes);
  const type = picked?.kind === 'job-type' ? picked.jobType : undefined;
  if (picked && picked.kind !== 'job-type') faults.push(`${picked.message}: ${picked.remedy}`);
  if (!type && !config.allowCommands)
    faults.push('commands are not allowed in this root (allow_commands: no): name a job type');

  if (type && !config.allowCommands) faults.push(...choosing(head, type));
  const { user, isOwner } = runAs(context, header, attempt.file, faults);
  const scheduledAt = instantTextOf(header.text('scheduled-at'));
  const startsFor = scheduledAt ?? textInZone(localZone(), machine.clock.now());
  let argv: readonly string[] = ['false'];
  if (type) {
    const filled = argvFromJobType(type, header);
    if (filled.kind === 'argv') ({ argv } = filled);
    else faults.push(`${filled.message}: ${filled.remedy}`);
  } else if (!picked) {
    const commands = header.all('command').map((line) => withTimes(line, startsFor));
    ({ argv } = argvFromCommand(commands, header.text('shell') ?? '/bin/sh'));
  }

  const limits = limitsOf(header);
  const group = attempt.groupFor(limits);
  const by = keptBy(limits, group.keeps);
  const run = runPaths(paths, attempt.id);
  const fromFiles = isOwner ? [] : envFiles(context, header, faults);
  const environment = jobEnvironment(header, {
    user,
    lang: host.lang,
    timezone: host.timezone,
    path: type?.path ?? [],
    variables: [...Object.entries(type?.environment ?? {}), ...fromFiles.flatMap(({ variables }) => variables)],
    own: {
      SJQ_ROOT: paths.root,
      SJQ_NAME: name,
      SJQ_UOW: join(paths.queue.executing, name),
      SJQ_ATTEMPT: bytesFromUtf8(String(attempt.number)),
      SJQ_HOST: bytesFromUtf8(host.name),
      SJQ_PROGRESS: run.progress,
      SJQ_RESULT: run.result,
      ...(scheduledAt !== undefined && { SJQ_SCHEDULED_AT: bytesFromUtf8(scheduledAt) }),
      ...variable('SJQ_ARRAY_INDEX', header.text('array-index')),
      ...variable('SJQ_ARRAY_VALUE', header.text('array-value')),
      SJQ_TOKEN: bytesFromUtf8(attempt.token),
    },
  });
  const ofHeader = header.names().flatMap((name) => (name.startsWith('env.') ? [name.slice('env.'.length)] : []));
  const sources = [
    { names: Object.keys(type?.environment ?? {}), isOpen: type?.isClosed !== true },
    ...fromFiles.map(({ variables, isOpen }) => ({ names: variables.map(([name]) => name), isOpen })),
    { names: ofHeader, isOpen: isReadByAll(attempt.file.mode) },
  ];
  const asUser = (of: JobStart): JobStart =>
    isOwner ? startAs(user, of, limiting(header, by)) : trusted(of, limiting(header, by), user, host.uid);
  const hooksOf = (commands: readonly HookCommand[]): Hooks => ({
    argv: asUser({
      argv: [...hooksArgv.map(bytesFromUtf8), start.directory, bytesFromUtf8(header.text('shell') ?? '/bin/sh')],
      ...{ environment, directory: '/' as Bytes, input: '' as Bytes },
    }).argv,
    commands: commands.map(({ field, command }) => ({ field, command: withTimes(command, startsFor) })),
  });
  const input = header.text('stdin');
  const start = {
    argv: argv.map(bytesFromUtf8),
    environment,
    directory: absolute(header.text('directory'), paths.root),
    input: input === undefined ? ('' as Bytes) : absolute(input, paths.root),
  };
  const timeoutMs = header.durationMs('timeout');
  const umask = header.text('umask');
  const errorWhen = header.text('error-when');
  const failWhen = header.text('fail-when');
  const flow = header.text('flow');
  const schedule = header.text('scheduled-by');
  // Not of what is refused here: nobody knows as whom, or whether at all, they may run.
  const commands = faults.length > 0 ? [] : hookCommandsOf(header);
  const hooks = commands.length === 0 ? undefined : hooksOf(commands);
  return {
    launch: {
      ...asUser(start),
      secrets: isOwner ? [] : secretsOf(context, header, faults),
      ...outputOf(header, config.output),
      leftovers: header.text('leftovers') === 'leave' ? 'leave' : 'kill',
      ...(timeoutMs !== undefined && { timeoutMs }),
      graceMs: header.durationMs('grace') ?? 10_000,
      ...(umask !== undefined && { umask }),
      cgroup: group.dir,
    },
    judging: {
      doneExit: header.exits('done-exit'),
      failExit: header.exits('fail-exit'),
      idempotent: header.isYes('idempotent'),
      ...(attempt.fault === undefined && retryingOf(header, attempt.retry)),
      ...(errorWhen !== undefined && { errorWhen }),
      ...(failWhen !== undefined && { failWhen }),
    },
    given: givenOf(header, sources, environment),
    ...(type && { jobType: `${type.name}@${type.version}` }),
    ...(flow !== undefined && { flow }),
    ...(schedule !== undefined && { schedule }),
    ...(scheduledAt !== undefined && { scheduledAt }),
    ...(hooks && { hooks }),
    ...((by.memory ?? by.cpu) && { limits: by }),
    user,
    ...(faults[0] !== undefined && { fault: faults.join('; ') }),
  };
}

/** Variables that make a program load or run another one: of the loader, the shells and the common interpreters. */
const choosesPrograms =
  /^(PATH|LD_\w+|GCONV_PATH|GLIBC_TUNABLES|ENV|BASH_ENV|SHELLOPTS|BASHOPTS|BASH_FUNC\S*|PS4|IFS|SHELL|PYTHON\w+|PERL5?\w+|RUBY\w+|NODE_\w+|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|LUA_\w+|PHPRC|PHP_INI_SCAN_DIR|GIT_\w+|SSH_\w+|EDITOR|VISUAL|PAGER|LESSOPEN|LESSCLOSE|BROWSER|TERMINFO\w*)$/;

/** Where a program stands decides what it finds there (a Makefile, a module), and what it reads may be anybody's secret. */
const choosesFiles: ReadonlySet<string> = new Set(['directory', 'stdin']);

/**
 * Where only registered job types may run, a header must not choose programs by the way of the environment, nor files: what its type
 * does not declare is refused, and so are PATH, LD_PRELOAD and their like, and files of variables, whatever it declares.
 */
function choosing(head: UowHead, type: JobType): readonly string[] {
  const only = 'this root runs job types only (allow_commands: no)';
  return head.header.flatMap(({ name }) => {
    if (name === 'when' || (hookFields as readonly string[]).includes(name))
      return [`${name} is a command, and ${only}`];
    const variable = /^(?:env|secret)\.(.*)$/s.exec(name)?.[1];
    // The shell runs the hooks that the type or the settings have for all.
    const choosesAny = name === 'env-file' || name === 'shell';
    if (variable === undefined && !choosesAny && !choosesFiles.has(name)) return [];
    if (choosesAny || (variable !== undefined && choosesPrograms.test(variable)))
      return [
        `${name} could choose another program, and ${only}: ${name === 'shell' ? 'leave it out' : "let the type's `environment` set it"}`,
      ];
    return Object.hasOwn(type.fields, name) ? [] : [`${name} is not declared by job type ${type.name}, and ${only}`];
  });
}

function variable(name: string, value: string | undefined): Readonly<Record<string, Bytes>> {
  return value === undefined ? {} : { [name]: bytesFromUtf8(value) };
}

function absolute(path: string | undefined, root: Bytes): Bytes {
  if (path === undefined) return root;
  return path.startsWith('/') ? bytesFromUtf8(path) : join(root, bytesFromUtf8(path));
}

/** The variables of an env-file. `isOpen`: everybody may read it. */
interface EnvFile {
  readonly variables: readonly (readonly [string, string])[];
  readonly isOpen: boolean;
}

function envFiles({ machine, paths }: Context, header: Header, faults: string[]): readonly EnvFile[] {
  return header.all('env-file').flatMap((name) => {
    const path = machine.files.realPath(absolute(name, paths.root));
    const mode = path === undefined ? 0 : (machine.files.stat(path)?.mode ?? 0);
    const text = path === undefined ? undefined : machine.files.read(path, 0, envFileLimitBytes);
    if (text === undefined) {
      faults.push(`env-file ${name} cannot be read`);
      return [];
    }
    const variables: (readonly [string, string])[] = [];
    for (const [at, line] of utf8FromBytes(text).split(/\r?\n/).entries()) {
      if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
      const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line);
      if (match) variables.push([match[1] ?? '', unquoted(match[2] ?? '')]);
      else faults.push(`env-file ${name}, line ${at + 1}: write NAME=VALUE`);
    }
    return [{ variables, isOpen: isReadByAll(mode) }];
  });
}

/** Whether everybody may read a file of that mode: only then what stands in it is told to everybody. */
function isReadByAll(mode: number): boolean {
  return (mode & 0o004) !== 0;
}

function unquoted(value: string): string {
  const match = /^\s*(["'])(.*)\1\s*$/.exec(value);
  return match ? (match[2] ?? '') : value;
}

function secretsOf({ machine, paths }: Context, header: Header, faults: string[]): readonly Bytes[] {
  return header
    .names()
    .filter((name) => name.startsWith('secret.'))
    .map((name) => {
      const content = header.text(name) ?? '';
      if (namesOfBash.test(`${name.slice('secret.'.length)}=`)) {
        // Through env(1), as other variables of these names, it would stand in the process list.
        faults.push(`${name}: the shell keeps that name for itself: use another`);
      }
      const credential = /^credential:([^/]+)$/.exec(content)?.[1];
      if (credential !== undefined && machine.host.credentialsDir === undefined) {
        faults.push(`${name} names a credential, but this monitor was given none by systemd`);
      }
      const path =
        credential === undefined
          ? absolute(content, paths.root)
          : join(bytesFromUtf8(machine.host.credentialsDir ?? ''), bytesFromUtf8(credential));
      return `${name.slice('secret.'.length)}=${path}` as Bytes;
    });
}

// Names that bash keeps for itself: it would refuse to export them, or change what they mean to it.
const namesOfBash =
  /^(BASH\w*|EUID|UID|PPID|SHELLOPTS|GROUPS|FUNCNAME|DIRSTACK|SHLVL|IFS|PS4|RANDOM|SECONDS|LINENO|EPOCH\w+|SRANDOM|POSIXLY_CORRECT|_)=/;

/** Puts before a job what sets its limits, its user, and the variables that the launcher's shell cannot. */
function trusted(start: JobStart, limits: readonly string[], user: User, uid: number): JobStart {
  const { argv, environment } = start;
  // Limits first: the user may not be allowed to set them.
  const prefix = [...limits];
  if (user.uid !== uid) prefix.push('setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups');
  const kept = environment.filter((entry) => namesOfBash.test(entry));
  if (kept.length > 0) prefix.push('env');
  return {
    ...start,
    argv: [...prefix.map(bytesFromUtf8), ...kept, ...argv],
    environment: environment.filter((entry) => !namesOfBash.test(entry)),
  };
}
