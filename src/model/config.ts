// The settings of a root with every default filled in; below this nothing is optional. The table that names, explains and
// defaults each setting is model/settings.ts; reading config.yaml is format/config-yaml.ts. Names and paths are text here: make
// them Bytes with bytesFromUtf8 before they go to the file system.
import type { AlarmKind } from './alarm.ts';
import type { Queue } from './queue.ts';
import type { Rate } from './rate.ts';

/** A process that holds the queue back while it runs: its base name, and how long it may run before it is reported. */
export interface Procname {
  readonly name: string;
  readonly timeoutMs?: number;
}

/** What config.yaml says of a group: how many slots its UOWs take together at most, how many start per time, and what is added to their priority. */
export interface GroupLimits {
  readonly slots?: number;
  readonly rate?: Rate;
  readonly priority: number;
}

/** Which alarms are raised, and from when on. */
export interface Alarms {
  readonly kinds: readonly AlarmKind[];
  /** A run takes so many times its usual time, or less than such a part of it. */
  readonly longer: number;
  readonly shorter: number;
  /** A UOW of a schedule has not started so long after its time. */
  readonly lateMs: number;
}

/** Limits that must hold before anything starts. */
export interface ReadyLimits {
  /** 1-minute load average at most this. */
  readonly load?: number;
  readonly freeMemoryBytes?: number;
  readonly freeDiskBytes?: number;
  /** A shell command that must exit 0, asked at most once a poll, 10 s limit, outside the wake. */
  readonly command?: string;
}

export interface Config {
  /** The poll between wakes that hints did not cause. */
  readonly sleepMs: number;
  /** How long a dropped file must stand unchanged before it is taken in. */
  readonly settleMs: number;
  readonly slots: number;
  /** How much there is of each resource. */
  readonly resources: Readonly<Record<string, number>>;
  /** What a UOW needs that says nothing of it, as its header would. */
  readonly defaultNeeds?: string;
  /** So many different jobs in a row that could not start suspend the monitor; 0 is never. */
  readonly suspendAfter: number;
  readonly alarms: Alarms;
  /** What is said of groups of UOWs; others have no limit, and the priority 0. */
  readonly groups: Readonly<Record<string, GroupLimits>>;
  /** `ordered`: a priority UOW that waits only for a time, parent, hold or host lets wait-q pass. `strict`: never. */
  readonly priority: 'ordered' | 'strict';
  readonly durability: 'power' | 'process';
  readonly output: 'tee' | 'append';
  /** Whether each attempt gets a control group, and whose may be divided. */
  readonly cgroup: 'auto' | 'own' | 'off';
  readonly allowCommands: boolean;
  readonly allowUsers: readonly string[];
  /** Whose rights jobs have: the monitor’s, or under a root monitor those of whom the UOW’s file belongs to. */
  readonly runAs: 'monitor' | 'owner';
  /** Directory names of the queues, relative to the root. */
  readonly queues: Readonly<Record<Queue, string>>;
  readonly messagesIn: string;
  readonly messagesOut: string;
  readonly jobTypesDir: string;
  /** The directory of the posted status, absolute or relative to the root; undefined when it is off. */
  readonly statusDir?: string;
  readonly ready: ReadyLimits;
  readonly procnames: readonly Procname[];
  /** Default header fields, overall. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Default header fields by job type; stronger than `defaults` and than those of the job type's own file. */
  readonly jobTypeDefaults: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Local time `HH:MM` of the daily counts in monitor_says; undefined when off. */
  readonly report?: string;
  /** How often an idle monitor touches its status; 0 is never. */
  readonly heartbeatMs: number;
}

/** A job type that an application registered in job-types/: an argv template and what the header may fill it with. */
export interface JobType {
  readonly name: string;
  readonly version: string;
  /** Program and arguments; `{NAME}` stands for the content of header field NAME, inside one argument. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Directories put before PATH. */
  readonly path: readonly string[];
  /** Fields the header may give and the patterns (whole match) of their contents; a field without default is required if argv uses it. */
  readonly fields: Readonly<Record<string, { readonly pattern?: string; readonly fallback?: string }>>;
  /** Default header fields of this type, such as timeout. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly procnames: readonly Procname[];
  /** Its file may not be read by everybody: its environment is told to nobody. */
  readonly isClosed?: true;
}
