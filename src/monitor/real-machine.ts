// This machine: every port with its real implementation. For whoever puts a monitor together: the command line, the library.
import { openCgroups } from '../system/cgroups.ts';
import { realClock } from '../system/clock.ts';
import { realFiles } from '../system/files.ts';
import { askCommand, askProgram, realGauges } from '../system/gauges.ts';
import { realHost } from '../system/host.ts';
import { startLauncher } from '../system/launch.ts';
import { mountIdOf } from '../system/mounts.ts';
import { eachName } from '../system/names.ts';
import { realProcesses } from '../system/processes.ts';
import { grepFrom } from '../system/search.ts';
import { realWatcher } from '../system/watch.ts';
import type { Machine } from './machine.ts';

/** Gives this machine. */
export function realMachine(): Machine {
  return {
    clock: realClock,
    files: realFiles,
    gauges: realGauges,
    host: realHost(),
    processes: realProcesses,
    watcher: realWatcher,
    startLauncher,
    askCommand,
    askProgram,
    mountIdOf,
    openCgroups,
    eachName,
    grep: grepFrom,
  };
}
