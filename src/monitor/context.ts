// What every part of the cycle is handed: the machine, the root, the settings in force and the picture.
import type { Sink } from '../model/alarm.ts';
import type { Config } from '../model/config.ts';
import type { Notice } from '../model/notice.ts';
import type { RootPaths } from '../model/paths.ts';
import type { Cgroups } from '../system/cgroups.ts';
import type { Launcher } from '../system/launch.ts';
import type { Machine } from './machine.ts';
import type { Picture } from './survey/picture.ts';

export interface Context {
  readonly machine: Machine;
  readonly paths: RootPaths;
  readonly picture: Picture;
  /** The program's own, as lines of the history tell it. */
  readonly version: string;
  /** The settings in force; RELOAD replaces them. */
  config: Config;
  /** The control groups of attempts, where they are to be had. */
  readonly cgroups: Cgroups | undefined;
  /** Who is told of alarms. */
  readonly sinks: readonly Sink[];
  /** Gives the launcher, starting one if none lives. */
  launcher(): Launcher;
  /** Appends a notice to monitor_says. Never throws. */
  say(notice: Notice): void;
  /** Writes what was said; false if that is not possible now. Never throws. */
  flush(): boolean;
  /** Asks for a wake soon, because something changed. */
  wake(): void;
}
