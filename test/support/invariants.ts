// What must hold of a root when everything has come to rest, whatever happened before. What a root can tell by itself the product's
// own checker says (src/monitor/doctor); here is added what only a witness knows: what there must be, and what the jobs told.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { rootPaths } from '../../src/model/paths.ts';
import { examine, fileChecks } from '../../src/monitor/doctor/examine.ts';
import { readConfig } from '../../src/monitor/read-config.ts';
import { realMachine } from '../../src/monitor/real-machine.ts';
import { realFiles } from '../../src/system/files.ts';
import { type QueueName, queueNames } from './root.ts';

/** One start of a job as the job told it. */
export interface WitnessedStart {
  readonly name: string;
  readonly attempt: number;
  /** What tells attempts of one UOW from those of another of the same name. */
  readonly stamp: string;
  /** The STATUS line that the job found, if it looked. */
  readonly status?: string;
  /** Of this start alone: what was told twice with the same one was one start. */
  readonly nonce?: string;
}

/** A UOW that must be there. */
export interface ExpectedUow {
  /** Its `label :: ID`: what tells it from all others, under whatever name. */
  readonly id: string;
  /** Where it may stand. */
  readonly queues: readonly QueueName[];
  /** How often its jobs may have been started, all attempts together. */
  readonly starts?: readonly number[];
  /** What stands behind its JOB LOG title. */
  readonly log?: RegExp;
}

/** A UOW as it stands on disk. */
interface Found {
  readonly queue: QueueName;
  readonly name: string;
  readonly text: string;
}

const machine = realMachine();

/**
 * Gives every broken invariant, in words; none if all hold: what the doctor finds (each UOW one file by one name, its STATUS its
 * queue's word, one line of history for each attempt, nothing left in `.sjq` of what is over); each expected UOW once in one queue
 * it may stand in, and nothing else there; no attempt started twice, and none before STATUS said running; a line for each start.
 */
export function brokenInvariants(
  dir: string,
  expected: readonly ExpectedUow[],
  starts: readonly WitnessedStart[],
  mayHave: readonly string[] = [],
): readonly string[] {
  const found = queueNames.flatMap((queue) => foundIn(dir, queue));
  return [
    ...expected.flatMap((uow) => ofUow(uow, found, starts)),
    ...found
      .filter(({ text }) => !expected.some(({ id }) => idOf(text) === id) && !mayHave.includes(idOf(text) ?? ''))
      .map(({ queue, name }) => `${queue}/${name} is nobody's`),
    ...ofStarts(starts),
    ...ofHistory(dir, starts),
    ...ofDoctor(dir),
  ];
}

/** What the root tells by itself. No look at processes: the rigs that fake them have thousands of roots. */
function ofDoctor(dir: string): readonly string[] {
  const root = bytesFromUtf8(dir);
  const config = readConfig(realFiles, root);
  return examine({ machine, config, paths: rootPaths(root, config), state: 'quiet' }, fileChecks)
    .findings.filter(({ severity }) => severity === 'fault')
    .map(({ kind, place, text }) => `${kind === 'left-behind' ? 'left in .sjq: ' : ''}${place}: ${text}`);
}

function ofUow(expected: ExpectedUow, all: readonly Found[], starts: readonly WitnessedStart[]): readonly string[] {
  const { id, queues } = expected;
  const places = all.filter(({ text }) => idOf(text) === id);
  const where = places.map(({ queue, name }) => `${queue}/${name}`).join(', ');
  if (places.length !== 1) return [`${id} stands ${places.length} times: ${where}`];
  const broken: string[] = [];
  const [place] = places;
  if (!place) return [];
  if (!queues.includes(place.queue)) broken.push(`${id} stands in ${where}, not in ${queues.join(' or ')}`);
  const stamp = /^timestamp: (\S+)/.exec(place.text)?.[1];
  const own = starts.filter((start) => start.stamp === stamp);
  if (expected.starts && !expected.starts.includes(own.length))
    broken.push(`${id} was started ${own.length} times, not ${expected.starts.join(' or ')}`);
  const log = logOf(place.text);
  if (expected.log && !expected.log.test(log)) broken.push(`${id} has the log ${JSON.stringify(log)}`);
  return broken;
}

function ofStarts(starts: readonly WitnessedStart[]): readonly string[] {
  const seen = new Set<string>();
  const nonces = new Set<string>();
  return starts.flatMap(({ name, stamp, attempt, status, nonce }) => {
    const key = `${stamp} #${attempt}`;
    const broken: string[] = [];
    if (nonce !== undefined && nonces.has(nonce)) return broken;
    if (nonce !== undefined) nonces.add(nonce);
    if (seen.has(key)) broken.push(`attempt ${attempt} of ${name} (${stamp}) was started twice`);
    seen.add(key);
    if (status !== undefined && !status.startsWith(`running #${attempt} `))
      broken.push(`${name} was started while its STATUS said "${status}"`);
    return broken;
  });
}

/** Every witnessed start ended in the meantime, and each has one line. */
function ofHistory(dir: string, starts: readonly WitnessedStart[]): readonly string[] {
  const path = join(dir, 'history.jsonl');
  const lines = (existsSync(path) ? readFileSync(path, 'utf8') : '').split('\n').filter((line) => line !== '');
  const broken: string[] = [];
  const told: string[] = [];
  for (const line of lines) {
    let entry: Record<string, unknown> = {};
    try {
      entry = JSON.parse(line) as Record<string, unknown>;
    } catch (error) {
      // A kill in the midst of a line leaves a piece of it; a whole one comes behind it.
      if (!(error instanceof SyntaxError)) throw error;
    }
    if (entry['kind'] === 'attempt') told.push(`${String(entry['stamp'])} #${String(entry['attempt'])}`);
  }
  for (const { name, stamp, attempt } of starts) {
    const count = told.filter((one) => one === `${stamp} #${attempt}`).length;
    if (count !== 1) broken.push(`history has ${count} lines of attempt ${attempt} of ${name} (${stamp})`);
  }
  return broken;
}

function foundIn(dir: string, queue: QueueName): readonly Found[] {
  return readdirSync(join(dir, queue))
    .filter((name) => !name.startsWith('README') && !name.startsWith('.'))
    .map((name) => {
      const path = join(dir, queue, name);
      return { queue, name, text: readFileSync(path, 'latin1') };
    });
}

function idOf(text: string): string | undefined {
  return /^label :: (\S+)/m.exec(text)?.[1];
}

function logOf(text: string): string {
  const title = /==== JOB LOG\r?\n(\r?\n)?/.exec(text);
  return title ? text.slice(title.index + title[0].length) : '';
}

/** What the attempts of a UOW say that they printed, byte for byte as latin1, the first one's first. */
export interface WitnessedLog {
  readonly id: string;
  readonly printed: readonly string[];
}

/**
 * Gives the UOWs whose log is not what its attempts say that they printed. `exact`, or after a power cut `prefix`: then each
 * attempt's part may end before its end, and NULs may stand where bytes were not yet on the disk. Lines of the monitor's are left out.
 */
export function brokenLogs(dir: string, logs: readonly WitnessedLog[], how: 'exact' | 'prefix'): readonly string[] {
  const found = queueNames.flatMap((queue) => foundIn(dir, queue));
  return logs.flatMap(({ id, printed }) =>
    found
      .filter(({ text }) => idOf(text) === id)
      .flatMap(({ queue, name, text }) => {
        const parts = logOf(text)
          .replace(/\n==== (NOTE|RESULT) [^\n]*\n/g, '')
          .split(/\n==== ATTEMPT [^\n]*\n/);
        const isBegun = (part: string, at: number): boolean => (printed[at] ?? '').startsWith(part.replace(/\0+$/, ''));
        const isRight = how === 'prefix' ? parts.every(isBegun) : JSON.stringify(parts) === JSON.stringify(printed);
        if (isRight) return [];
        return [`the log of ${id} in ${queue}/${name} is ${JSON.stringify(parts)}, not ${JSON.stringify(printed)}`];
      }),
  );
}
