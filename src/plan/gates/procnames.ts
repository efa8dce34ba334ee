// procnames: foreign processes that hold the queue back, for all UOWs or for one job type (the original's managed_procnames).
import type { Gate } from '../gate.ts';
import { procnamesFor } from '../procnames-for.ts';

/** A look at the processes is good for this long. */
const freshMs = 1000;

/** Shut while a process named in procnames runs that is not one of the monitor's own jobs. */
export const procnames: Gate = (uow, { seen, config }) => {
  const names = procnamesFor(config, seen.jobTypes, uow.jobType).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const look = seen.machine.foreign;
  const foreign = look?.processes.find((process) => names.includes(process.name));
  const reason = foreign
    ? `process ${foreign.name} (pid ${foreign.pid}) is running`
    : 'foreign processes are being looked for';
  if (!look || seen.now - look.at >= freshMs) {
    return {
      gate: 'procnames',
      // Until the new look is there, what the last one saw is the better word.
      reason,
      holdsOthers: true,
      ask: 'foreign-processes',
    };
  }
  if (!foreign) return undefined;
  // A job type's own procname concerns that type only; but what waits in priority-q is kept first in line.
  const isForAll = config.procnames.some(({ name }) => name === foreign.name);
  const holdsOthers = isForAll || uow.queue === 'priority';
  return { gate: 'procnames', reason, holdsOthers, until: seen.now + config.sleepMs };
};
