// sjq run -- COMMAND…: submits, prints what the job prints and nothing else, and ends with the job's exit code.
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { answerTo, appendMessage } from '../ask-monitor.ts';
import { createChanges } from '../uow/changes.ts';
import { createHerald } from '../uow/herald.ts';
import { exitCodeOfJob } from '../uow/job-exit.ts';
import { createJobOutput } from '../uow/job-output.ts';
import { nextStamp, type Stamp } from '../../model/stamp.ts';
import { realClock } from '../../system/clock.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { tell, writeOut } from '../out.ts';
import { Pursuit } from '../uow/pursuit.ts';
import type { UowState } from '../uow/uow-state.ts';
import { untilEnded } from '../uow/until-ended.ts';
import { textFromEnded } from '../uow/words.ts';
import { submitCommand, type SubmitOptions } from './submit.ts';

/** A monitor that knows the state better refuses: then it is asked for what fits by now. */
const endTries = 3;

/** Runs, and gives the exit code. */
export async function runJob(
  root: OpenedRoot,
  command: readonly string[],
  options: SubmitOptions,
  { quiet }: { readonly quiet: boolean },
): Promise<number> {
  const say = quiet ? () => undefined : tell;
  const leaving = listenToSignals();
  try {
    const stamp = nextStamp(realClock.nowMicros(), undefined);
    const name = submitCommand(root.root, command, { ...options, stamp, isOne: true });
    say(`${shownFromName(name)} submitted`);
    return await attended(root, { name, stamp }, leaving, say);
  } finally {
    leaving.close();
  }
}

async function attended(
  root: OpenedRoot,
  { name, stamp }: { readonly name: Bytes; readonly stamp: Stamp },
  leaving: Leaving,
  say: (text: string) => void,
): Promise<number> {
  const pursuit = new Pursuit(root, name, stamp);
  const changes = createChanges(root.paths, new Set([name]));
  const herald = createHerald(root, name, ({ text }) => say(text));
  const output = createJobOutput(pursuit, writeOut);
  leaving.onFirst = () => {
    say(`asking the monitor to end ${shownFromName(name)}; once more leaves it to the queue`);
    endIt(root, name, say).catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
  };
  leaving.wake = () => changes.close();
  if (leaving.isAsked) leaving.onFirst();
  try {
    const last = await untilEnded(
      pursuit,
      changes,
      async (look) => {
        await output.take(look);
        await herald.hear(look);
      },
      () => leaving.exitCode !== undefined,
    );
    if (!last) {
      say(`${shownFromName(name)} is left to the queue: sjq follow shows it again`);
      return leaving.exitCode ?? 1;
    }
    await output.finish(last.look, last.ended);
    say(`${shownFromName(name)} ${textFromEnded(last.ended)}`);
    return exitCodeOfJob(last.ended);
  } finally {
    changes.close();
    pursuit.close();
  }
}

/** Sends KILL JOB to what runs and CANCEL to what waits. */
async function endIt(root: OpenedRoot, name: Bytes, say: (text: string) => void): Promise<void> {
  const shown = shownFromName(name);
  for (let tries = 1; ; tries++) {
    const kind = stateNow(root, name);
    if (kind === 'ended') return;
    const answer = await answerTo(root, appendMessage(root, `${kind === 'running' ? 'KILL JOB' : 'CANCEL'} ${shown}`));
    if (answer.kind === 'unheard') say('no monitor runs: the message is acted upon when one starts');
    else if (answer.isRefused && tries < endTries && stateNow(root, name) !== kind) continue;
    else for (const text of answer.texts) say(text);
    return;
  }
}

function stateNow(root: OpenedRoot, name: Bytes): UowState['kind'] {
  const pursuit = new Pursuit(root, name);
  try {
    return pursuit.look().state.kind;
  } finally {
    pursuit.close();
  }
}

/** What signals ask for: the first INT to end the job, a second one, TERM or HUP to leave it to the queue. */
interface Leaving {
  onFirst: () => void;
  wake: () => void;
  readonly isAsked: boolean;
  /** Set when nobody waits any more. */
  readonly exitCode: number | undefined;
  close(): void;
}

function listenToSignals(): Leaving {
  const asked: { isAsked: boolean; exitCode: number | undefined } = { isAsked: false, exitCode: undefined };
  const leave = (exitCode: number): void => {
    asked.exitCode ??= exitCode;
    leaving.wake();
  };
  const interrupt = (): void => {
    if (asked.isAsked) {
      leave(130);
      return;
    }
    asked.isAsked = true;
    leaving.onFirst();
  };
  const terminate = (): void => leave(143);
  const hangUp = (): void => leave(129);
  process.on('SIGINT', interrupt).on('SIGTERM', terminate).on('SIGHUP', hangUp);
  const leaving: Leaving = {
    onFirst: () => undefined,
    wake: () => undefined,
    get isAsked() {
      return asked.isAsked;
    },
    get exitCode() {
      return asked.exitCode;
    },
    close: () => process.off('SIGINT', interrupt).off('SIGTERM', terminate).off('SIGHUP', hangUp),
  };
  return leaving;
}
