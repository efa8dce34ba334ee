// Limits on what a job may use, as headers name them, and what keeps them: a control group for the whole job where there is one, else
// the kernel's limits on each process (setrlimit(2)), else nobody.
import type { Header } from './header.ts';
import { sizeBytesFromText } from './size.ts';
import { durationMsFromText } from './time.ts';

/** `share`: so much of a processor at once, 150 for one and a half. `time`: so many seconds of one in all, for each process. */
export type CpuMax =
  { readonly kind: 'share'; readonly percent: number } | { readonly kind: 'time'; readonly seconds: number };

/** What a header says. */
export interface Limits {
  readonly memoryMaxBytes?: number;
  readonly cpuMax?: CpuMax;
}

/** What keeps each limit that a header says; absent for one that it does not. */
export interface KeptBy {
  readonly memory?: 'cgroup' | 'process';
  readonly cpu?: 'cgroup' | 'process' | 'nobody';
}

/** A limit that a control group can keep. */
export type GroupLimit = 'memory' | 'cpu';

/** With less not even the program that sets the limit starts. */
const leastMemoryBytes = 1024 * 1024;

/** How to write them, for whoever wrote something else. */
export const memoryMaxRemedy = 'write a size from 1M on, such as 512M, 2G or 500MB';
export const cpuMaxRemedy = 'write a share such as 150% (one and a half processors), or a CPU time such as 90s or 2h';

/** Gives the bytes of `512M`; undefined if it is no size, or too small to start with. */
export function memoryMaxFromText(text: string): number | undefined {
  const bytes = sizeBytesFromText(text);
  return bytes !== undefined && bytes >= leastMemoryBytes ? bytes : undefined;
}

/** Gives what `150%` or `90s` says; undefined for anything else, a bare number too, which could be either. */
export function cpuMaxFromText(text: string): CpuMax | undefined {
  const percent = /^(\d{1,6}(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1];
  if (percent !== undefined) return Number(percent) >= 1 ? { kind: 'share', percent: Number(percent) } : undefined;
  const ms = /[smhdw]$/.test(text.trim()) ? durationMsFromText(text) : undefined;
  const seconds = Math.ceil((ms ?? 0) / 1000);
  return seconds >= 1 ? { kind: 'time', seconds } : undefined;
}

/** Gives the limits of a header. */
export function limitsOf(header: Header): Limits {
  const memoryMaxBytes = memoryMaxFromText(header.text('memory-max') ?? '');
  const cpuMax = cpuMaxFromText(header.text('cpu-max') ?? '');
  return { ...(memoryMaxBytes !== undefined && { memoryMaxBytes }), ...(cpuMax && { cpuMax }) };
}

/** Gives what keeps them, where a control group can keep these. */
export function keptBy({ memoryMaxBytes, cpuMax }: Limits, byGroup: ReadonlySet<GroupLimit>): KeptBy {
  const cpu = cpuMax?.kind === 'time' ? 'process' : byGroup.has('cpu') ? 'cgroup' : 'nobody';
  return {
    ...(memoryMaxBytes !== undefined && { memory: byGroup.has('memory') ? 'cgroup' : 'process' }),
    ...(cpuMax && { cpu }),
  };
}
