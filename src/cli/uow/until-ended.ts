// The loop of every command that waits for a UOW: look, do something with what was seen, wait for a change.
import type { Changes } from './changes.ts';
import type { Look, Pursuit } from './pursuit.ts';
import type { Ended } from './uow-state.ts';

/** A look at a UOW that has ended. */
export interface LastLook {
  readonly look: Look;
  readonly ended: Ended;
}

/** Looks until the UOW has ended, the last look included. Undefined if `isLeft` says that nobody wants to know any more. */
export async function untilEnded(
  pursuit: Pursuit,
  changes: Changes,
  each: (look: Look) => Promise<void>,
  isLeft: () => boolean = () => false,
): Promise<LastLook | undefined> {
  for (;;) {
    const look = pursuit.look();
    await each(look);
    if (isLeft()) return undefined;
    if (look.state.kind === 'ended') return { look, ended: look.state };
    await changes.next();
  }
}
