// needs: resources of which there are only so many, such as database connections.
import type { Gate } from '../gate.ts';
import { shortOf } from '../resources.ts';

/**
 * Shut while there is less of a resource than the UOW needs, or somebody before it waits for it. What can come is kept for it; what
 * nobody offers is not waited for by others.
 */
export const needs: Gate = (uow, { resources }) => {
  const short = shortOf(resources, uow.needs);
  if (!short) return undefined;
  return { gate: 'needs', reason: short.reason, holdsOthers: false, ...(!short.never && { keepsNeeds: true }) };
};
