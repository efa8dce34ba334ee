// ready: limits on the machine that must hold before anything starts, and a command that must agree.
import type { Blocked, Gate } from '../gate.ts';

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Shut while load, free memory or free disk are past their limits, or the ready command says no or was not asked lately. */
export const ready: Gate = (_uow, { seen, config }) => {
  const limits = config.ready;
  const { machine, now } = seen;
  const no = (reason: string): Blocked => ({ gate: 'ready', reason, holdsOthers: true, until: now + config.sleepMs });
  if (limits.load !== undefined && machine.load > limits.load) {
    return no(`load ${machine.load.toFixed(2)} is over ${limits.load}`);
  }
  if (limits.freeMemoryBytes !== undefined && machine.freeMemoryBytes < limits.freeMemoryBytes) {
    return no(`${megabytes(machine.freeMemoryBytes)} of memory free, ${megabytes(limits.freeMemoryBytes)} wanted`);
  }
  if (limits.freeDiskBytes !== undefined && machine.freeDiskBytes < limits.freeDiskBytes) {
    return no(`${megabytes(machine.freeDiskBytes)} of disk free, ${megabytes(limits.freeDiskBytes)} wanted`);
  }
  if (limits.command === undefined) return undefined;
  const answer = machine.readyCommand;
  if (answer?.isOk === true && now - answer.at < config.sleepMs) return undefined;
  // Until the new answer is there, a no of the last one is the better word.
  const reason =
    answer?.isOk === false
      ? `the ready command says no${answer.text ? `: ${answer.text}` : ''}`
      : 'the ready command is being asked';
  if (!answer || now - answer.at >= config.sleepMs) {
    return { gate: 'ready', reason, holdsOthers: true, ask: 'ready-command' };
  }
  return { ...no(reason), until: answer.at + config.sleepMs };
};
