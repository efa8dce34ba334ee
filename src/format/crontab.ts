// A crontab, or a file of /etc/cron.d, as files for schedules/: what each line becomes, and what cannot be carried over.
import { zoneOf } from '../model/zone.ts';
import { cronFromText } from './cron.ts';

/** One file for schedules/. */
export interface ImportedSchedule {
  readonly name: string;
  readonly text: string;
}

/** What a crontab comes to; each remark is about a line, and is no less than something that is different from now on. */
export interface ImportedCrontab {
  readonly schedules: readonly ImportedSchedule[];
  readonly remarks: readonly { readonly line: number; readonly text: string }[];
}

/** Gives what the lines become. `isSystem`: they have a user behind the times. `home` is where cron starts the jobs. Never throws. */
export function schedulesFromCrontab(
  crontab: string,
  { isSystem, home }: { readonly isSystem: boolean; readonly home?: string },
): ImportedCrontab {
  const schedules: ImportedSchedule[] = [];
  const remarks: { line: number; text: string }[] = [];
  const variables = new Map<string, string>();
  const names = new Set<string>();
  for (const [at, raw] of crontab.split(/\r?\n/).entries()) {
    const line = raw.trim();
    const remark = (text: string): void => void remarks.push({ line: at + 1, text });
    if (line === '' || line.startsWith('#')) continue;
    const variable = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line);
    if (variable) {
      const [, name = '', value = ''] = variable;
      variables.set(name, value.replace(/^(["'])(.*)\1$/, '$2'));
      if (name === 'MAILTO') remark('MAILTO is not carried over: the output stands in each UOW, nobody is mailed');
      if (name === 'RANDOM_DELAY') remark('RANDOM_DELAY is not carried over: write a jitter');
      continue;
    }
    const columns = (line.startsWith('@') ? 1 : 5) + (isSystem ? 1 : 0);
    const match = new RegExp(`^((?:\\S+\\s+){${columns - 1}}\\S+)\\s+(.+)$`).exec(line);
    const [, front = '', behind = ''] = match ?? [];
    const words = front.split(/\s+/);
    const user = isSystem ? words.pop() : undefined;
    const expression = words.join(' ');
    const { command, input } = withoutPercents(behind);
    const name = freeName(programOf(command), names);
    const read = cronFromText(expression, name);
    if (!match || read.kind === 'fault') {
      remark(match && read.kind === 'fault' ? `${read.message}: ${read.remedy}` : 'no line of a crontab');
      continue;
    }
    const zone = variables.get('CRON_TZ');
    if (zone && !zoneOf(zone)) {
      remark(`no zone ${zone}: write one such as Europe/Berlin in CRON_TZ`);
      continue;
    }
    names.add(name);
    if (wantsBothDays(words))
      remark('cron wants both the day and the day of the week here; a schedule is fired on either');
    if (user !== undefined) remark(`runs as ${user} only under a root monitor whose allow_users names that user`);
    schedules.push({ name, text: textOf({ expression, command, input, user, home, variables }) });
  }
  return { schedules, remarks };
}

// cron takes either day where both are given, and both where one of them begins with a star; for a schedule `*/2` is no `*`.
function wantsBothDays([, , day = '*', , weekday = '*']: readonly string[]): boolean {
  return day !== '*' && weekday !== '*' && (day.startsWith('*') || weekday.startsWith('*'));
}

interface Entry {
  readonly expression: string;
  readonly command: string;
  readonly input: readonly string[] | undefined;
  readonly user: string | undefined;
  readonly home: string | undefined;
  readonly variables: ReadonlyMap<string, string>;
}

function textOf({ expression, command, input, user, home, variables }: Entry): string {
  const lines = [`schedule :: ${expression}`];
  const zone = variables.get('CRON_TZ');
  if (zone) lines.push(`timezone :: ${zone}`);
  if (user !== undefined) lines.push(`user :: ${user}`);
  const directory = variables.get('HOME') ?? (user === undefined ? home : undefined);
  if (directory !== undefined) lines.push(`directory :: ${directory}`);
  const shell = variables.get('SHELL');
  if (shell !== undefined) lines.push(`shell :: ${shell}`);
  for (const [name, value] of variables) {
    if (['MAILTO', 'CRON_TZ', 'SHELL', 'RANDOM_DELAY'].includes(name) || value === '') continue;
    lines.push(`env.${name} :: ${value}`);
  }
  const quoted = input?.map((line) => `'${line.replaceAll("'", `'\\''`)}'`).join(' ');
  lines.push(`command :: ${quoted === undefined ? command : `printf '%s\\n' ${quoted} | { ${command}; }`}`);
  return ['==== UNIT OF WORK', '', ...lines, ''].join('\n');
}

/** A `%` ends the command and begins a line of its input; `\%` is one. @see crontab(5) */
function withoutPercents(text: string): { readonly command: string; readonly input: readonly string[] | undefined } {
  const [command = '', ...input] = text.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'));
  return { command: command.trim(), input: input.length > 0 ? input : undefined };
}

/** Such as stand before the program that a line is about: `test -x /usr/bin/backup && backup`. */
const preliminaries: ReadonlySet<string> = new Set(['test', 'cd', 'sleep', 'export', 'set', 'umask', 'if', 'true']);

/** Gives the name of the program that a command line is about. */
function programOf(command: string): string {
  const programs = command.split(/&&|\|\||[;&|{}()]/).flatMap((part) => {
    const name = /^(?:\S*\/)?([\w.-]+)/.exec(part.trim())?.[1]?.replace(/^\.+/, '');
    return name ? [name] : [];
  });
  return programs.find((name) => !preliminaries.has(name)) ?? programs[0] ?? 'job';
}

function freeName(base: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
