// The environment of a job: a handful of basics, what the header gives, and SJQ_*. Nothing else of the monitor's.
import { type Bytes, bytesFromUtf8 } from '../model/bytes.ts';
import { fieldRow, type Header } from '../model/header.ts';

/** What the environment is made from besides the header. Texts, except where bytes are needed. */
export interface EnvironmentBasics {
  readonly user: { readonly name: string; readonly home: string; readonly shell: string };
  readonly lang: string | undefined;
  readonly timezone: string | undefined;
  /** Directories that a job type puts before PATH. */
  readonly path: readonly string[];
  /** Variables of the job type, then of env-files; the header's own env.* are stronger. */
  readonly variables: readonly (readonly [string, string])[];
  /** SJQ_NAME, SJQ_ROOT and the like; they win over fields of the same name. */
  readonly own: Readonly<Record<string, Bytes>>;
}

/** Where programs are looked for unless a job type or a header says otherwise. */
export const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Gives `NAME=VALUE` for every variable, each name once. */
export function jobEnvironment(header: Header, basics: EnvironmentBasics): readonly Bytes[] {
  const { user } = basics;
  const variables = new Map<string, Bytes>();
  const set = (name: string, value: string): void => void variables.set(name, bytesFromUtf8(value));
  set('PATH', [...basics.path, standardPath].join(':'));
  set('HOME', user.home);
  set('USER', user.name);
  set('LOGNAME', user.name);
  set('SHELL', user.shell);
  set('LANG', basics.lang ?? 'C.UTF-8');
  if (basics.timezone !== undefined) set('TZ', basics.timezone);
  for (const [name, value] of basics.variables) set(name, value);
  for (const field of header.names()) {
    const content = header.all(field).join('\n');
    if (field.startsWith('env.')) set(field.slice('env.'.length), content);
    else if (!fieldRow(field)) set(variableOfField(field), content);
  }
  for (const [name, value] of Object.entries(basics.own)) variables.set(name, value);
  return [...variables].map(([name, value]) => `${name}=${value}` as Bytes);
}

/** Gives the variable that an unknown field reaches the job as: `run id` is `SJQ_RUN_ID`. */
export function variableOfField(field: string): string {
  return 'SJQ_' + field.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
}
