// The state of a UOW in the words that commands print, and as JSON has it.
import { textFromReason } from '../../format/status-line.ts';
import type { Paint } from '../colour.ts';
import { exitCodeOfJob } from './job-exit.ts';
import type { Ended, UowState } from './uow-state.ts';

/** Gives `done exit=0`, `fail timeout`, `cancelled`. */
export function textFromEnded({ word, reason }: Ended): string {
  return reason ? `${word} ${textFromReason(reason)}` : word;
}

/** Gives an end as JSON has it. */
export function jsonFromEnded(ended: Ended): Readonly<Record<string, string | number | undefined>> {
  const { word, reason, attempt } = ended;
  return { outcome: word, reason: reason && textFromReason(reason), attempt, exit_code: exitCodeOfJob(ended) };
}

const sentences: Readonly<Record<string, string>> = {
  timeout: 'it ran longer than its timeout',
  idle: 'it was silent longer than its idle-timeout',
  interrupted: 'a crash or a restart of the machine came between; it may have run',
  expired: 'it waited longer than its ttl',
  'cannot-start': 'it could not be started; its log says why',
  killed: 'it was killed on demand',
  'log-lost': 'its output could not be written any more',
  'bad-result': 'it ended well, but its result is not JSON',
  pattern: 'its output matches a pattern that speaks against it',
};

/** Gives an end as a sentence, for whoever does not know the words of a STATUS. */
export function sentenceFromEnded({ word, reason }: Ended): string {
  if (word === 'skipped') return 'skipped: it counts as done and did not run';
  if (word === 'cancelled') return 'cancelled: taken out of its queue before it ran';
  if (!reason) return `${word}: put there by hand`;
  if (reason.kind === 'exit') return `${word}: it ended with exit code ${reason.code}`;
  if (reason.kind === 'signal') return `${word}: a signal ended it (${reason.signal})`;
  return `${word}: ${sentences[reason.kind] ?? reason.kind}`;
}

/** Gives a text in the colour of a state. */
export function painted(paint: Paint, state: UowState, text: string): string {
  if (state.kind === 'waiting') return paint('yellow', text);
  if (state.kind === 'running') return paint('cyan', text);
  return paint(exitCodeOfJob(state) === 0 || state.word === 'done' ? 'green' : 'red', text);
}
