// PAUSE FLOW: the UOWs of one flow wait until somebody lets it go on.
import type { Gate } from '../gate.ts';

/** Shut while the UOW's flow is paused. */
export const flow: Gate = ({ flow: name }, { seen: { flows } }) => {
  if (name === undefined) return undefined;
  const isPaused = flows.some((each) => each.name === name && each.word === 'paused');
  const reason = `its flow is paused (RESUME FLOW ${name} lets it go on)`;
  return isPaused ? { gate: 'flow', reason, holdsOthers: false } : undefined;
};
