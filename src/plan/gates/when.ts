// when: a command of the UOW's own that must say yes before it starts. Asked last of all, once everything else is open.
import { textFromStamp } from '../../model/stamp.ts';
import type { Gate } from '../gate.ts';

/** Shut while the UOW's command says no, or was not asked lately. Others pass: it says nothing of them. */
export const when: Gate = (uow, { seen }) => {
  const { whenEveryMs } = uow;
  if (whenEveryMs === undefined) return undefined;
  const answer = seen.machine.whenAnswers.get(textFromStamp(uow.stamp));
  const isFresh = answer !== undefined && seen.now - answer.at < whenEveryMs;
  if (isFresh && answer.isOk) return undefined;
  // Until the new answer is there, a no of the last one is the better word.
  const reason =
    answer?.isOk === false ? `its when says no${answer.text ? `: ${answer.text}` : ''}` : 'its when is being asked';
  return {
    ...{ gate: 'when', reason, holdsOthers: false },
    ...(isFresh ? { until: answer.at + whenEveryMs } : { ask: 'when' }),
  };
};
