// What a monitor alone has found out of its machine and keeps in its memory: posted with the status, and taken from there by who looks
// at the root from outside, so that both judge the gates by the same facts.
import { shownShort } from '../../model/bytes.ts';
import type { PostedMachine } from '../../model/posted.ts';
import type { CommandAnswer, Refused, Seen } from '../../model/seen.ts';
import { pauseMs } from '../apply/disk.ts';
import type { Context } from '../context.ts';

/** So many answers, processes and refused UOWs are posted at most, and so many characters of what one of them says. */
const listedAtMost = 200;
const textLimit = 200;

/** Gives what is in force now. */
export function postedMachine({ picture }: Pick<Context, 'picture'>, { machine, now }: Seen): PostedMachine {
  const { readyCommand, foreign, whenAnswers } = machine;
  const trouble = inForce(machine.trouble, now);
  const told = ({ isOk, text }: CommandAnswer): PostedAnswer => ({ isOk, text: shownShort(text, textLimit) });
  for (const [name, refused] of picture.refusals) if (!inForce(refused, now)) picture.refusals.delete(name);
  return {
    ...(trouble && { trouble: trouble.text }),
    ...(readyCommand && { ready: told(readyCommand) }),
    foreign: (foreign?.processes ?? []).slice(0, listedAtMost).map(({ pid, name }) => ({ pid, name })),
    // The newest are those that are asked still.
    when: [...whenAnswers].slice(-listedAtMost).map(([stamp, answer]) => ({ stamp, ...told(answer) })),
    refused: [...picture.refusals].slice(-listedAtMost).map(([name, { text }]) => ({ name, text })),
  };
}

type PostedAnswer = NonNullable<PostedMachine['ready']>;

/** Puts what a monitor posted into the picture of an observer: what has not changed since is as true as when it was posted. */
export function takeMachine({ picture, machine }: Pick<Context, 'picture' | 'machine'>, posted: PostedMachine): void {
  const at = machine.clock.now();
  const until = at + pauseMs;
  if (posted.trouble !== undefined) picture.trouble = { until, text: posted.trouble };
  if (posted.ready) picture.readyCommand = { at, ...posted.ready };
  picture.foreign = { at, processes: posted.foreign.map((process) => ({ ...process, startedAt: at })) };
  for (const { stamp, isOk, text } of posted.when) picture.whenAnswers.set(stamp, { at, isOk, text });
  for (const { name, text } of posted.refused) {
    for (const index of Object.values(picture.waiting)) {
      const uow = index.get(name);
      if (uow) index.add({ ...uow, refused: { until, text } });
    }
  }
}

/** Gives what the machine refused, while that counts. */
export function inForce(refused: Refused | undefined, now: number): Refused | undefined {
  return refused && now < refused.until ? refused : undefined;
}
