// The machine as the monitor is given it: every port in one place, so that a test can hand over another.
import type { Bytes } from '../model/bytes.ts';
import type { Cgroups } from '../system/cgroups.ts';
import type { Clock } from '../system/clock.ts';
import type { Files } from '../system/files.ts';
import type { Answer, Gauges, Program } from '../system/gauges.ts';
import type { Host } from '../system/host.ts';
import type { StartLauncher } from '../system/launch.ts';
import type { Processes } from '../system/processes.ts';
import type { Watcher } from '../system/watch.ts';

export interface Machine {
  readonly clock: Clock;
  readonly files: Files;
  readonly gauges: Gauges;
  readonly host: Host;
  readonly processes: Processes;
  readonly watcher: Watcher;
  readonly startLauncher: StartLauncher;
  askCommand(command: string, timeoutMs?: number): Promise<Answer>;
  askProgram(program: Program, timeoutMs?: number): Promise<Answer>;
  /** @see mountIdOf of system/mounts.ts */
  mountIdOf(path: Bytes): string;
  openCgroups(setting: 'auto' | 'own' | 'off', uid: number): Cgroups | undefined;
  eachName(dir: Bytes, tell: (name: Bytes) => void): Promise<boolean>;
  grep(path: Bytes, offset: number, pattern: string): Promise<boolean>;
}
