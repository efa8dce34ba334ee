// The settings: one table that config.yaml is read by, defaulted from and explained with. docs/config.md and
// config.example.yaml are generated from it. Reading the file is format/config-yaml's. Long because it is one table.
import { alarmKinds } from './alarm.ts';
import type { Config } from './config.ts';

/** How the value of a setting is read. A `group` holds further settings; one that `canBeOff` may also say `off`. */
export type SettingKind =
  | { readonly kind: 'group'; readonly canBeOff?: true }
  | { readonly kind: 'duration'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'whole'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | {
      readonly kind:
        | 'number'
        | 'switch'
        | 'size'
        | 'text'
        /** The name of a file or directory directly in the root. */
        | 'name'
        | 'directory'
        /** A local time of day, `HH:MM`. */
        | 'clock'
        | 'users'
        /** How many of each name. */
        | 'counts'
        | 'needs'
        /** Slots, rate and priority of each group. */
        | 'groups'
        | 'procnames'
        /** Kinds of alarms. */
        | 'alarms'
        | 'fields'
        | 'fields-by-type';
    };

/** One row of the settings table. */
export interface SettingRow {
  /** As written; one inside a group with its group: `queues.wait`. */
  readonly name: string;
  readonly takes: SettingKind;
  /** The default as it would be written in config.yaml; `off` where nothing is set, empty for a group. */
  readonly fallback: string;
  /** What it does, in a line. */
  readonly meaning: string;
  /** A value to copy, where the default shows too little. */
  readonly example?: string;
  /** Gives its value; a group has none of its own. */
  readonly of?: (config: Config) => unknown;
}

const dayMs = 86_400_000;
const name: SettingKind = { kind: 'name' };
const group: SettingKind = { kind: 'group' };

/** Every setting, in the order the docs show them; the settings of a group follow it. */
export const settings: readonly SettingRow[] = [
  {
    name: 'sleep',
    takes: { kind: 'duration', minMs: 100, maxMs: dayMs },
    fallback: '15s',
    meaning: 'the longest the monitor sleeps between two looks at the queues; most changes wake it at once',
    of: (config) => config.sleepMs,
  },
  {
    name: 'settle',
    takes: { kind: 'duration', minMs: 0, maxMs: 3_600_000 },
    fallback: '1s',
    meaning: 'how long a dropped file must stand unchanged before it is taken in',
    of: (config) => config.settleMs,
  },
  {
    name: 'slots',
    takes: { kind: 'whole', min: 1, max: 10_000 },
    fallback: '1',
    meaning: 'how many UOWs may run at once',
    of: (config) => config.slots,
  },
  {
    name: 'resources',
    takes: { kind: 'counts' },
    fallback: '{}',
    meaning: 'how much there is of what UOWs take by `needs`; RESOURCE changes it while the monitor runs',
    example: '{database: 4, license: 1}',
    of: (config) => config.resources,
  },
  {
    name: 'default_needs',
    takes: { kind: 'needs' },
    fallback: 'off',
    meaning: 'what a UOW needs that says nothing of it (`needs :: none` takes nothing)',
    example: 'database 1',
    of: (config) => config.defaultNeeds,
  },
  {
    name: 'groups',
    takes: { kind: 'groups' },
    fallback: '{}',
    meaning:
      'for UOWs with that `group`: how many slots they take together at most, how many start per time, and what is added to the priority of each',
    example: '{backup: {slots: 2}, api: {rate: 10/m}, report: {slots: 1, priority: 10}}',
    of: (config) => config.groups,
  },
  {
    name: 'priority',
    takes: { kind: 'choice', of: ['ordered', 'strict'] },
    fallback: 'ordered',
    meaning:
      'how priority-q holds wait-q back: strict (while it holds any UOW) or ordered (a UOW that only waits for a time, a parent, a hold or a host lets wait-q pass)',
    of: (config) => config.priority,
  },
  {
    name: 'durability',
    takes: { kind: 'choice', of: ['power', 'process'] },
    fallback: 'power',
    meaning: 'what the promises survive: power (a power cut; everything is synced) or process (kill -9; faster)',
    of: (config) => config.durability,
  },
  {
    name: 'output',
    takes: { kind: 'choice', of: ['tee', 'append'] },
    fallback: 'tee',
    meaning:
      'how output gets into the UOW: tee (through a pipe) or append (straight into the file; faster, but a job that opens /dev/stdout can truncate it)',
    of: (config) => config.output,
  },
  {
    name: 'cgroup',
    takes: { kind: 'choice', of: ['auto', 'own', 'off'] },
    fallback: 'auto',
    meaning:
      'whether each job gets a control group, the one sure way to end all its processes: auto (where systemd delegated one to the monitor’s user), own (below the monitor’s own, for a root monitor with Delegate=yes) or off',
    of: (config) => config.cgroup,
  },
  {
    name: 'allow_commands',
    takes: { kind: 'switch' },
    fallback: 'yes',
    meaning: 'whether UOWs may bring commands of their own; if not, only registered job types are run',
    of: (config) => config.allowCommands,
  },
  {
    name: 'allow_users',
    takes: { kind: 'users' },
    fallback: '[]',
    meaning: 'the users that a UOW may name in `user`; only a monitor run by root can act on it',
    example: '[backup, www-data]',
    of: (config) => config.allowUsers,
  },
  {
    name: 'run_as',
    takes: { kind: 'choice', of: ['monitor', 'owner'] },
    fallback: 'monitor',
    meaning:
      'whose rights jobs have: the monitor’s, or, under a monitor run by root, those of the user whom the UOW’s file belongs to (owner; never root’s)',
    of: (config) => config.runAs,
  },
  { name: 'queues', takes: group, fallback: '', meaning: 'the directories of the queues, directly in the root' },
  {
    name: 'queues.wait',
    takes: name,
    fallback: 'wait-q',
    meaning: 'UOWs that wait',
    of: (config) => config.queues.wait,
  },
  {
    name: 'queues.priority',
    takes: name,
    fallback: 'priority-q',
    meaning: 'UOWs that go first',
    of: (config) => config.queues.priority,
  },
  {
    name: 'queues.executing',
    takes: name,
    fallback: 'currently-executing',
    meaning: 'what is about to run, runs, or has just run',
    of: (config) => config.queues.executing,
  },
  {
    name: 'queues.done',
    takes: name,
    fallback: 'done-q',
    meaning: 'ended well',
    of: (config) => config.queues.done,
  },
  {
    name: 'queues.error',
    takes: name,
    fallback: 'error-q',
    meaning: 'ran to the end and said no',
    of: (config) => config.queues.error,
  },
  {
    name: 'queues.fail',
    takes: name,
    fallback: 'fail-q',
    meaning: 'did not run to the end',
    of: (config) => config.queues.fail,
  },
  {
    name: 'queues.trash',
    takes: name,
    fallback: 'trash',
    meaning: 'files that are no valid UOW',
    of: (config) => config.queues.trash,
  },
  {
    name: 'queues.archive',
    takes: name,
    fallback: 'archive',
    meaning: 'finished UOWs kept for history',
    of: (config) => config.queues.archive,
  },
  { name: 'messages', takes: group, fallback: '', meaning: 'the message files, directly in the root' },
  {
    name: 'messages.in',
    takes: name,
    fallback: 'monitor_reads',
    meaning: 'people append commands here',
    of: (config) => config.messagesIn,
  },
  {
    name: 'messages.out',
    takes: name,
    fallback: 'monitor_says',
    meaning: 'the monitor appends notices and answers here',
    of: (config) => config.messagesOut,
  },
  {
    name: 'job_types',
    takes: name,
    fallback: 'job-types',
    meaning: 'the directory where applications register their job types, directly in the root',
    of: (config) => config.jobTypesDir,
  },
  {
    name: 'status',
    takes: { kind: 'group', canBeOff: true },
    fallback: '',
    meaning: 'the posted status; `status: off` posts none',
  },
  {
    name: 'status.dir',
    takes: { kind: 'directory' },
    fallback: 'status',
    meaning: 'its directory: in the root, or absolute; elsewhere it also gets copies of the UOWs that it lists',
    example: '/var/www/html/queue',
    of: (config) => config.statusDir,
  },
  {
    name: 'ready',
    takes: group,
    fallback: '',
    meaning: 'what must hold of the machine before anything starts',
  },
  {
    name: 'ready.load',
    takes: { kind: 'number' },
    fallback: 'off',
    meaning: 'the load average of the last minute is at most this',
    example: '4.0',
    of: (config) => config.ready.load,
  },
  {
    name: 'ready.free_memory',
    takes: { kind: 'size' },
    fallback: 'off',
    meaning: 'at least so much memory is available',
    example: '500MB',
    of: (config) => config.ready.freeMemoryBytes,
  },
  {
    name: 'ready.free_disk',
    takes: { kind: 'size' },
    fallback: 'off',
    meaning: 'at least so much is free on the file system of the root',
    example: '2GiB',
    of: (config) => config.ready.freeDiskBytes,
  },
  {
    name: 'ready.command',
    takes: { kind: 'text' },
    fallback: 'off',
    meaning: 'a shell command that exits 0; it has 10 s, and is asked at most once each `sleep`',
    example: 'mountpoint -q /backup',
    of: (config) => config.ready.command,
  },
  {
    name: 'suspend_after',
    takes: { kind: 'whole', min: 0, max: 1000 },
    fallback: '5',
    meaning:
      'so many different jobs in a row that could not start have the monitor pause by itself, until RESUME; 0 is never',
    of: (config) => config.suspendAfter,
  },
  {
    name: 'alarms',
    takes: { kind: 'group', canBeOff: true },
    fallback: '',
    meaning: 'what people are told of without having to look; `alarms: off` raises none',
  },
  {
    name: 'alarms.kinds',
    takes: { kind: 'alarms' },
    fallback: 'all',
    meaning: `the kinds of alarms that are raised: ${alarmKinds.join(', ')}`,
    example: '[failed, late, missed, monitor-suspended]',
    of: (config) => config.alarms.kinds,
  },
  {
    name: 'alarms.longer',
    takes: { kind: 'number' },
    fallback: '2',
    meaning: 'a job that runs so many times as long as usual takes longer than usual',
    of: (config) => config.alarms.longer,
  },
  {
    name: 'alarms.shorter',
    takes: { kind: 'number' },
    fallback: '0.5',
    meaning: 'a job that was done in less than such a part of its usual time took shorter than usual',
    of: (config) => config.alarms.shorter,
  },
  {
    name: 'alarms.late',
    takes: { kind: 'duration', minMs: 1000, maxMs: 7 * dayMs },
    fallback: '15m',
    meaning: 'a UOW of a schedule that has not started so long after its time is late',
    of: (config) => config.alarms.lateMs,
  },
  {
    name: 'procnames',
    takes: { kind: 'procnames' },
    fallback: '[]',
    meaning:
      'programs that hold the queue back while they run outside of it; one that runs longer than its timeout is reported',
    example: '[rsync, {name: ansible-playbook, timeout: 1h}]',
    of: (config) => config.procnames,
  },
  {
    name: 'defaults',
    takes: { kind: 'fields' },
    fallback: '{}',
    meaning: 'header fields that count where a UOW says nothing',
    example: '{timeout: 2h, grace: 30s, nice: 10}',
    of: (config) => config.defaults,
  },
  {
    name: 'job_type_defaults',
    takes: { kind: 'fields-by-type' },
    fallback: '{}',
    meaning: 'the same for the UOWs of one job type; stronger than `defaults`',
    example: '{backup: {timeout: 8h, idle-timeout: 10m}}',
    of: (config) => config.jobTypeDefaults,
  },
  {
    name: 'report',
    takes: { kind: 'clock' },
    fallback: 'off',
    meaning: 'the local time at which the counts of each queue are written into monitor_says, daily',
    example: '08:00',
    of: (config) => config.report,
  },
  {
    name: 'heartbeat',
    takes: { kind: 'duration', minMs: 0, maxMs: dayMs },
    fallback: '0',
    meaning: 'how often an idle monitor rewrites its posted status, so that others see it alive; 0 is never',
    example: '5m',
    of: (config) => config.heartbeatMs,
  },
];

const rowByName = new Map(settings.map((row) => [row.name, row]));

/** Gives the row of a setting, `queues.wait` style; undefined if there is none. */
export function settingRow(name: string): SettingRow | undefined {
  return rowByName.get(name);
}

/** Gives the settings of a group, or those of the top for an empty name. */
export function settingsIn(groupName: string): readonly SettingRow[] {
  return settings.filter((row) => row.name.split('.').slice(0, -1).join('.') === groupName);
}

/** Gives the name of a setting inside its group: `wait` of `queues.wait`. */
export function ownName(row: SettingRow): string {
  return row.name.replace(/^.*\./, '');
}

/** Gives the names of the settings in which two configs differ, in the order of the table. */
export function configChanges(a: Config, b: Config): readonly string[] {
  const rows = settings.filter((row) => row.of && comparable(row.of(a)) !== comparable(row.of(b)));
  return rows.map((row) => row.name);
}

/** Gives text that is the same for the same value, in whatever order its keys were written. */
function comparable(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
