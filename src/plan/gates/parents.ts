// after, after-any, after-not-ok: what waits for other UOWs.
import { isParkedBy, parentVerdict, textOfParent } from '../../model/parents.ts';
import type { Gate } from '../gate.ts';

/** Shut while a parent has not ended as the UOW wants it. Of several, one that needs a person is named first. */
export const parents: Gate = (uow) => {
  const { parents: all = [] } = uow;
  if (!isParkedBy(uow)) return undefined;
  const shut = all.filter((each) => parentVerdict(each) !== 'open');
  const first = shut.find((each) => parentVerdict(each) === 'never') ?? shut[0];
  if (!first) return undefined;
  const more = shut.length > 1 ? `, and ${shut.length - 1} more` : '';
  return { gate: 'parents', reason: `${textOfParent(first)}${more}`, holdsOthers: false };
};
