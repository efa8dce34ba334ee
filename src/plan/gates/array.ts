// array: of the UOWs of one array only so many run at once, if it says so.
import type { Gate } from '../gate.ts';

/** Shut while as many of the UOW's array run as may. Others pass. */
export const array: Gate = ({ array: own }, { arrays }) => {
  if (own?.atMost === undefined) return undefined;
  const { of, atMost } = own;
  const running = arrays.get(of) ?? 0;
  if (running < atMost) return undefined;
  return { gate: 'array', reason: `${running} of the array ${of} run, at most ${atMost} at once`, holdsOthers: false };
};
