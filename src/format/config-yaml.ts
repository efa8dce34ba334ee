// config.yaml to Config, by the table of settings. Defaults are filled in here and nowhere else: what the file leaves out is read
// from the table's default by the same readers. Long because one reader a kind stands beside the config they fill.
import { normalize } from 'node:path/posix';
import { type AlarmKind, alarmKinds } from '../model/alarm.ts';
import type { Config, GroupLimits, Procname } from '../model/config.ts';
import { bytesFromUtf8 } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';
import { fieldRow } from '../model/header.ts';
import { greatestCount, isResourceName, needsFromText, needsRemedy } from '../model/needs.ts';
import { nearestName } from '../model/nearest.ts';
import { queueKinds } from '../model/queue.ts';
import { type SettingKind, type SettingRow, ownName, settingRow, settings, settingsIn } from '../model/settings.ts';
import { sizeBytesFromText } from '../model/size.ts';
import { textFromDurationMs } from '../model/time.ts';
import { type YamlEntry, type YamlValue, yamlFromText } from './yaml-tree.ts';
import {
  type Findings,
  readDuration,
  readFields,
  readGroups,
  readList,
  readMap,
  readProcnames,
  readText,
  refuse,
} from './yaml-values.ts';

/** What a config.yaml is: a whole config, or every reason why it is none. */
export type ParsedConfig =
  | { readonly kind: 'config'; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * Gives the config of a config.yaml; an empty text is all defaults. Problems are in the order of their lines. `roots` are the paths
 * that its root goes by: an absolute directory below one is taken as what it is. Never throws.
 */
export function configFromYaml(text: string, roots: readonly string[] = []): ParsedConfig {
  const { value, problems } = yamlFromText(text);
  const findings: Findings = { problems: [...problems], warnings: [] };
  const written = writtenSettings(value, findings);
  const config = configFromSettings(written, findings);
  // What broken YAML seems to say is guesswork: after the YAML is mended the rest may look different.
  const found = problems.length > 0 ? [...problems] : [...findings.problems, ...nameProblems(config, written, roots)];
  if (found.length > 0) return { kind: 'invalid', problems: found.sort(byLine) };
  return { kind: 'config', config, warnings: findings.warnings.sort(byLine) };
}

/** Gives the config of a root without config.yaml. */
export function defaultConfig(): Config {
  const parsed = configFromYaml('');
  if (parsed.kind === 'invalid') throw new Error('the defaults in model/settings.ts are no valid config');
  return parsed.config;
}

function byLine(a: Problem, b: Problem): number {
  return a.line - b.line;
}

/** What the file says, by full name (`queues.wait`). A group that is off stands as itself. */
type Written = ReadonlyMap<string, YamlValue>;

function writtenSettings(value: YamlValue, findings: Findings): Written {
  const written = new Map<string, YamlValue>();
  const take = (entries: readonly YamlEntry[], groupName: string): void => {
    const rows = settingsIn(groupName);
    for (const entry of entries) {
      const row = rows.find((known) => ownName(known) === entry.key);
      if (!row) refuseSetting(entry, groupName, rows, findings);
      else if (row.takes.kind !== 'group') written.set(row.name, entry.value);
      else if (row.takes.canBeOff && isOff(entry.value)) written.set(row.name, entry.value);
      else take(readMap(entry.value, row.name, remedyForGroup(row), findings), row.name);
    }
  };
  take(readMap(value, 'the file', 'write settings, such as `sleep: 15s`', findings), '');
  return written;
}

function refuseSetting(entry: YamlEntry, groupName: string, rows: readonly SettingRow[], findings: Findings): void {
  const inGroup = groupName === '' ? '' : ` in ${groupName}`;
  const nearest = nearestName(entry.key, rows.map(ownName));
  const elsewhere = settings.find((row) => ownName(row) === entry.key && row.name !== entry.key);
  let remedy = 'docs/config.md lists all settings';
  if (nearest !== undefined) remedy = `did you mean ${nearest}?`;
  else if (elsewhere) remedy = `write it as ${elsewhere.name.replace('.', ': {')}: …}`;
  else if (fieldRow(entry.key)) remedy = 'it is a header field: write it under defaults';
  else if (groupName !== '') remedy = `write one of: ${rows.map(ownName).join(', ')}`;
  refuse(findings, entry, `unknown setting "${entry.key}"${inGroup}`, remedy);
}

function remedyForGroup(row: SettingRow): string {
  const inside = settingsIn(row.name).map(ownName).join(', ');
  return `write settings under it (${inside})${row.takes.kind === 'group' && row.takes.canBeOff ? ', or off' : ''}`;
}

function isOff(value: YamlValue): boolean {
  return value.kind === 'text' && value.text === 'off';
}

/** What each kind of setting is in a Config. */
interface ValueOf {
  duration: number;
  whole: number;
  number: number;
  size: number;
  switch: boolean;
  choice: string;
  text: string;
  name: string;
  directory: string;
  clock: string;
  users: readonly string[];
  procnames: readonly Procname[];
  alarms: readonly AlarmKind[];
  counts: Readonly<Record<string, number>>;
  needs: string;
  groups: Readonly<Record<string, GroupLimits>>;
  fields: Readonly<Record<string, string>>;
  'fields-by-type': Readonly<Record<string, Readonly<Record<string, string>>>>;
}
type ValueKind = keyof ValueOf;

/** Reads one setting; undefined if it is not valid, which is then noted. */
type Reader<K extends ValueKind> = (
  value: YamlValue,
  name: string,
  takes: Extract<SettingKind, { kind: K }>,
  findings: Findings,
) => ValueOf[K] | undefined;

const switches: Readonly<Record<string, boolean>> = { yes: true, true: true, no: false, false: false };

const readers: { readonly [K in ValueKind]: Reader<K> } = {
  duration(value, name, { minMs, maxMs }, findings) {
    const durationMs = readDuration(value, name, findings);
    if (durationMs === undefined || (durationMs >= minMs && durationMs <= maxMs)) return durationMs;
    const range = `from ${textFromDurationMs(minMs)} to ${textFromDurationMs(maxMs)}`;
    refuse(findings, value, `${name} is out of range`, `write a duration ${range}`);
    return undefined;
  },
  whole(value, name, { min, max }, findings) {
    const remedy = `write a whole number from ${String(min)} to ${String(max)}`;
    return readBy(value, name, remedy, findings, (text) => {
      const number = /^\d+$/.test(text) ? Number(text) : NaN;
      return number >= min && number <= max ? number : undefined;
    });
  },
  number: (value, name, _takes, findings) =>
    readBy(value, name, 'write a number above 0, such as 4 or 1.5', findings, (text) => {
      const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
      return number > 0 ? number : undefined;
    }),
  size: (value, name, _takes, findings) =>
    readBy(value, name, 'write a size such as 500MB or 2GiB', findings, sizeBytesFromText),
  switch: (value, name, _takes, findings) =>
    readBy(value, name, 'write yes or no', findings, (text) =>
      Object.hasOwn(switches, text.toLowerCase()) ? switches[text.toLowerCase()] : undefined,
    ),
  choice: (value, name, { of }, findings) =>
    readBy(value, name, `write one of: ${of.join(', ')}`, findings, (text) => of.find((word) => word === text)),
  text: (value, name, _takes, findings) => readText(value, name, 'write one line of text', findings),
  name: (value, name, _takes, findings) =>
    readBy(value, name, 'write one name without / that does not begin with a dot', findings, (text) =>
      isRootName(text) ? text : undefined,
    ),
  directory: (value, name, _takes, findings) =>
    readBy(value, name, 'write an absolute path, or one below the root without ..', findings, (text) => {
      if (/\p{Cc}/u.test(text)) return undefined;
      return text.startsWith('/') || text.split('/').every(isRootName) ? text : undefined;
    }),
  clock: (value, name, _takes, findings) =>
    readBy(value, name, 'write a local time such as 08:00, or off', findings, (text) => {
      const match = /^(\d{1,2}):(\d\d)$/.exec(text);
      const fits = match && Number(match[1]) < 24 && Number(match[2]) < 60;
      return fits ? text.padStart(5, '0') : undefined;
    }),
  users(value, name, _takes, findings) {
    const remedy = 'write a list of user names such as [backup, www-data]';
    const texts = readList(value, name, remedy, findings).map((item) =>
      readBy(item, `a user in ${name}`, remedy, findings, (text) => (/^[^\s:,]+$/.test(text) ? text : undefined)),
    );
    return texts.filter((text) => text !== undefined);
  },
  counts(value, name, _takes, findings) {
    const remedy = `write names and how many there are, such as {database: 4}, each from 0 to ${String(greatestCount)}`;
    const counts: Record<string, number> = {};
    for (const entry of readMap(value, name, remedy, findings)) {
      if (!isResourceName(entry.key)) refuse(findings, entry, `bad name in ${name}: "${entry.key}"`, remedy);
      const count = readBy(entry.value, `${name}.${entry.key}`, remedy, findings, (text) =>
        /^\d{1,7}$/.test(text) && Number(text) <= greatestCount ? Number(text) : undefined,
      );
      if (count !== undefined) counts[entry.key] = count;
    }
    return counts;
  },
  groups: (value, _name, _takes, findings) => readGroups(value, findings),
  needs: (value, name, _takes, findings) =>
    readBy(value, name, needsRemedy, findings, (text) => (needsFromText(text) ? text : undefined)),
  alarms(value, name, _takes, findings) {
    const remedy = `write all, or a list of ${alarmKinds.join(', ')}; or alarms: off`;
    if (value.kind === 'text' && value.text === 'all') return alarmKinds;
    const kinds = readList(value, name, remedy, findings).map((item) =>
      readBy(item, `a kind in ${name}`, remedy, findings, (text) => alarmKinds.find((kind) => kind === text)),
    );
    return kinds.filter((kind) => kind !== undefined);
  },
  procnames: (value, _name, _takes, findings) => readProcnames(value, findings),
  fields: (value, name, _takes, findings) => readFields(value, name, 'refuse', findings),
  'fields-by-type'(value, name, _takes, findings) {
    const entries = readMap(value, name, 'write {JOBTYPE: {timeout: 2h}}', findings);
    return Object.fromEntries(
      entries.map((entry) => [entry.key, readFields(entry.value, `${name}.${entry.key}`, 'warn', findings)]),
    );
  },
};

/** Reads a one-line text by `from`, which gives undefined for what it does not take. */
function readBy<T>(
  value: YamlValue,
  name: string,
  remedy: string,
  findings: Findings,
  from: (text: string) => T | undefined,
): T | undefined {
  const text = readText(value, name, remedy, findings);
  if (text === undefined) return undefined;
  const result = from(text);
  if (result === undefined) refuse(findings, value, `bad value of ${name}: "${text}"`, remedy);
  return result;
}

function isRootName(text: string): boolean {
  return text !== '' && !text.startsWith('.') && !/[/\p{Cc}]/u.test(text) && bytesFromUtf8(text).length <= 255;
}

function configFromSettings(written: Written, findings: Findings): Config {
  const find = <K extends ValueKind>(name: string, kind: K): ValueOf[K] | undefined => {
    const row = settingRow(name);
    if (row?.takes.kind !== kind) throw new Error(`the table of settings has no ${name} of kind ${kind}`);
    const takes = row.takes as Extract<SettingKind, { kind: K }>;
    const read = readers[kind] as Reader<K>;
    const value = written.get(name);
    const isUnset = row.fallback === 'off';
    if (value && !(isUnset && isOff(value))) {
      const given = read(value, name, takes, findings);
      if (given !== undefined) return given;
    }
    return isUnset ? undefined : read(yamlFromText(row.fallback).value, name, takes, findings);
  };
  const get = <K extends ValueKind>(name: string, kind: K): ValueOf[K] => {
    const value = find(name, kind);
    if (value === undefined) throw new Error(`the default of ${name} in model/settings.ts is not valid`);
    return value;
  };
  const optional = <N extends string, V>(name: N, value: V | undefined): { readonly [key in N]?: V } =>
    (value === undefined ? {} : { [name]: value }) as { readonly [key in N]?: V };

  return {
    sleepMs: get('sleep', 'duration'),
    settleMs: get('settle', 'duration'),
    slots: get('slots', 'whole'),
    resources: get('resources', 'counts'),
    groups: get('groups', 'groups'),
    ...optional('defaultNeeds', find('default_needs', 'needs')),
    // The table names the words that these unions name; a test holds them equal.
    priority: get('priority', 'choice') as Config['priority'],
    durability: get('durability', 'choice') as Config['durability'],
    output: get('output', 'choice') as Config['output'],
    cgroup: get('cgroup', 'choice') as Config['cgroup'],
    allowCommands: get('allow_commands', 'switch'),
    allowUsers: get('allow_users', 'users'),
    runAs: get('run_as', 'choice') as Config['runAs'],
    queues: Object.fromEntries(queueKinds.map((queue) => [queue, get(`queues.${queue}`, 'name')])) as Config['queues'],
    messagesIn: get('messages.in', 'name'),
    messagesOut: get('messages.out', 'name'),
    jobTypesDir: get('job_types', 'name'),
    ...optional('statusDir', written.has('status') ? undefined : get('status.dir', 'directory')),
    ready: {
      ...optional('load', find('ready.load', 'number')),
      ...optional('freeMemoryBytes', find('ready.free_memory', 'size')),
      ...optional('freeDiskBytes', find('ready.free_disk', 'size')),
      ...optional('command', find('ready.command', 'text')),
    },
    suspendAfter: get('suspend_after', 'whole'),
    alarms: {
      kinds: written.has('alarms') ? [] : get('alarms.kinds', 'alarms'),
      longer: get('alarms.longer', 'number'),
      shorter: get('alarms.shorter', 'number'),
      lateMs: get('alarms.late', 'duration'),
    },
    procnames: get('procnames', 'procnames'),
    defaults: get('defaults', 'fields'),
    jobTypeDefaults: get('job_type_defaults', 'fields-by-type'),
    ...optional('report', find('report', 'clock')),
    heartbeatMs: get('heartbeat', 'duration'),
  };
}

/** Names in the root that no setting changes. */
const fixedNames = ['.sjq', 'config.yaml', 'schedules', 'flows', 'history.jsonl'];

/** Gives the problem of each name that stands for two things in the root. */
function nameProblems(config: Config, written: Written, roots: readonly string[]): readonly Problem[] {
  const owners = new Map(fixedNames.map((name) => [name, 'the program’s own']));
  const problems: Problem[] = [];
  // Those that the file sets come last, so that the problem points at a line that stands in it.
  const rows = settings.filter((row) => row.takes.kind === 'name' || row.name === 'status.dir');
  for (const row of [...rows].sort((a, b) => Number(written.has(a.name)) - Number(written.has(b.name)))) {
    const name = row.of?.(config);
    if (typeof name !== 'string') continue;
    const top = nameBelow(name, roots);
    if (top === undefined) continue;
    const owner = owners.get(top);
    const line = written.get(row.name)?.line ?? 0;
    if (owner !== undefined) {
      problems.push({
        line,
        message: `${row.name} is named "${name}", which is ${owner}`,
        remedy: 'choose another name',
      });
    }
    owners.set(top, `the name of ${row.name}`);
  }
  return problems;
}

/** Gives the name directly in the root that a path begins with; undefined if it lies elsewhere. */
function nameBelow(path: string, roots: readonly string[]): string | undefined {
  if (!path.startsWith('/')) return path.split('/')[0];
  const plain = normalize(path);
  const root = roots.find((each) => plain.startsWith(`${each}/`));
  return root === undefined ? undefined : plain.slice(root.length + 1).split('/')[0];
}
