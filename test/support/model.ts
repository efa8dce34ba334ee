// The tiny model of test/crash/model.test.ts: what people do to a root step by step, and what may be true of each UOW then. It
// knows no states of the monitor's: only what was dropped, what was taken away, and how often a job may start.
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { statusFromText } from '../../src/format/status-line.ts';
import type { Status } from '../../src/model/status.ts';
import { fakeGuardians } from './fake-guardians.ts';
import { brokenInvariants } from './invariants.ts';
import { type QueueName, queueNames, uowText } from './root.ts';
import { startSession } from './session.ts';

/** One step. `pick` chooses among the files that stand in the queues then, in their order; with none the step does nothing. */
export type Step =
  | { readonly do: 'drop'; readonly queue: WaitingName; readonly name: string; readonly idempotent: boolean }
  | { readonly do: 'submit'; readonly name: string; readonly idempotent: boolean; readonly crashAt: number }
  | { readonly do: 'mv' | 'cp'; readonly pick: number; readonly queue: QueueName; readonly name: string | null }
  | { readonly do: 'rm' | 'edit' | 'save'; readonly pick: number }
  | { readonly do: 'say'; readonly message: string; readonly pick: number }
  | { readonly do: 'tick' | 'clock'; readonly ms: number }
  | { readonly do: 'end'; readonly pick: number; readonly code: number }
  | { readonly do: 'kill'; readonly pick: number }
  | { readonly do: 'crash'; readonly at: number }
  | { readonly do: 'slots'; readonly count: number }
  | { readonly do: 'reboot' };

type WaitingName = 'wait-q' | 'priority-q' | 'currently-executing';
const waitingNames: readonly QueueName[] = ['wait-q', 'priority-q', 'currently-executing'];

/** What the model knows of a UOW, which its `label :: ID` tells from all others. */
interface Known {
  readonly id: string;
  readonly isIdempotent: boolean;
  /** How often its job may have been started at most. */
  starts: number;
  /** `yes`: it must be there, once. `maybe`: a person removed one of its names. `no`: the last one. */
  isThere: 'yes' | 'maybe' | 'no';
  /** A person's hands put it where it has ended, perhaps while nobody looked: its STATUS need not say so. */
  isByHand: boolean;
  /** A person edited it while it may have run: the edited copy is in trash. */
  isEdited: boolean;
  /** A person copied or saved it: another has its stamp. */
  readonly isCopy: boolean;
}

/** Where a UOW was found at the end. */
interface Place {
  readonly queue: QueueName;
  readonly status: Status | undefined;
  readonly text: string;
}

/** Does the steps on a root of its own in `dir`, and gives everything that is not as the model says when all is quiet. */
export async function brokenBy(dir: string, steps: readonly Step[]): Promise<readonly string[]> {
  for (const queue of queueNames) mkdirSync(join(dir, queue), { recursive: true });
  const config = (slots: number): void =>
    writeFileSync(join(dir, 'config.yaml'), `sleep: 20s\nstatus: off\nslots: ${slots}\n`);
  config(2);
  // c ends at once and with an error; the first request for d is lost in the launcher.
  const guardians = fakeGuardians(
    (name) => (name.startsWith('c') ? 'ends-at-once' : name.startsWith('d') ? 'never-asked-first' : 'ends-later'),
    (name) => (name.startsWith('c') ? 3 : 0),
  );
  const session = startSession(dir, guardians);
  const known = new Map<string, Known>();
  const isRestarted = steps.some((step) => step.do === 'reboot');
  const messages: string[] = [];

  function files(...queues: readonly QueueName[]): readonly { readonly queue: QueueName; readonly name: string }[] {
    return queues.flatMap((queue) =>
      readdirSync(join(dir, queue))
        .filter((name) => !name.startsWith('.'))
        .sort()
        .map((name) => ({ queue, name })),
    );
  }

  function fresh(isIdempotent: boolean, isCopy = false): { readonly id: string; readonly text: string } {
    const id = `U${known.size}`;
    known.set(id, { id, isIdempotent, starts: 1, isThere: 'yes', isByHand: false, isEdited: false, isCopy });
    const header = [`label :: ${id}`, 'command :: true', `idempotent :: ${isIdempotent ? 'yes' : 'no'}`];
    return { id, text: uowText(...header) };
  }

  const knownIn = (text: string): Known | undefined => known.get(/^label :: (\S+)/m.exec(text)?.[1] ?? '');
  const stampIn = (text: string): string => /^timestamp: (\S+)/.exec(text)?.[1] ?? '';
  /** The stamps that more than one file had. */
  const copies = new Set<string>();
  /** A copy is told from its original. */
  function relabelled(text: string): string {
    copies.add(stampIn(text));
    const { id } = fresh(knownIn(text)?.isIdempotent ?? false, true);
    return text.replace(/^label :: \S+/m, `label :: ${id}`);
  }

  function move(from: string, to: string): void {
    linkSync(from, to);
    unlinkSync(from);
  }

  /** One of its names goes; another, such as that of a claim, may bring it back. */
  function noteRemoved(path: string): void {
    const of = knownIn(readFileSync(path, 'latin1'));
    // That may have been the edited copy.
    if (of?.isEdited) of.isThere = 'maybe';
    else if (of && of.isThere !== 'no') of.isThere = lstatSync(path).nlink > 1 || isAside(of.id) ? 'maybe' : 'no';
  }

  /** True if a crash left it in the midst of its intake. */
  function isAside(id: string): boolean {
    const intake = join(dir, '.sjq/intake');
    if (!existsSync(intake)) return false;
    return readdirSync(intake, { recursive: true, withFileTypes: true }).some(
      (entry) =>
        entry.isFile() && readFileSync(join(entry.parentPath, entry.name), 'latin1').includes(`label :: ${id}\n`),
    );
  }

  async function take(step: Step): Promise<void> {
    const all = files(...queueNames);
    const found = 'pick' in step && all.length > 0 ? all[step.pick % all.length] : undefined;
    const path = found && join(dir, found.queue, found.name);
    switch (step.do) {
      case 'drop': {
        const to = join(dir, step.queue, step.name);
        if (!existsSync(to)) writeFileSync(to, fresh(step.idempotent).text);
        return;
      }
      case 'submit': {
        const { id, text } = fresh(step.idempotent);
        const of = known.get(id);
        if (session.submit(step.name, text, step.crashAt) === undefined && of) of.isThere = 'maybe';
        return;
      }
      case 'mv': {
        if (!found || !path) return;
        const to = join(dir, step.queue, step.name ?? found.name);
        const isWaiting = waitingNames.includes(found.queue);
        const isToWaiting = waitingNames.includes(step.queue);
        // What has ended otherwise keeps its word; what waits is skipped or put away, never ended by hand.
        if (existsSync(to) || (!isToWaiting && !isWaiting && !['archive', 'trash'].includes(step.queue))) return;
        if (step.queue === 'error-q' || step.queue === 'fail-q') return;
        const of = knownIn(readFileSync(path, 'latin1'));
        if (of?.isEdited && found.queue === 'trash') return;
        // One whose job has ended and whose monitor died then cannot be told from one that has got to where it belongs.
        const mayHaveEnded = !isWaiting || (found.queue === 'currently-executing' && !session.isAlive);
        if (of && mayHaveEnded && isToWaiting) of.starts += 1;
        if (of && !isToWaiting) of.isByHand = true;
        move(path, to);
        return;
      }
      case 'cp': {
        if (!found || !path || waitingNames.includes(found.queue) || !waitingNames.includes(step.queue)) return;
        const to = join(dir, step.queue, step.name ?? found.name);
        if (!existsSync(to)) writeFileSync(to, relabelled(readFileSync(path, 'latin1')), 'latin1');
        return;
      }
      case 'rm':
        if (!path) return;
        noteRemoved(path);
        unlinkSync(path);
        return;
      case 'edit': {
        if (!path) return;
        const text = readFileSync(path, 'latin1');
        const of = knownIn(text);
        if (of) of.isEdited = true;
        writeFileSync(path, text.replace('command ::', '# edited\ncommand ::'), 'latin1');
        return;
      }
      case 'save': {
        if (!path) return;
        const text = relabelled(readFileSync(path, 'latin1'));
        noteRemoved(path);
        const beside = join(dir, '.saved');
        writeFileSync(beside, text, 'latin1');
        renameSync(beside, path);
        return;
      }
      case 'say': {
        const line = `${step.message.replace('NAME', found?.name ?? 'nobody')} by=m${messages.length}`;
        messages.push(line);
        const base = found?.name.replace(/~\d+$/, '');
        if (step.message.startsWith('RETRY') && base !== undefined) for (const of of known.values()) of.starts += 1;
        writeFileSync(join(dir, 'monitor_reads'), `${line}\n`, { flag: 'a' });
        return;
      }
      case 'tick':
        session.start();
        await session.tick(step.ms);
        return;
      case 'clock':
        session.stepClock(step.ms);
        return;
      case 'end':
        guardians.end(step.pick, step.code);
        return;
      case 'kill':
      case 'reboot':
        for (const of of known.values()) if (of.isIdempotent) of.starts += 1;
        if (step.do === 'kill') guardians.kill(step.pick);
        else {
          session.crashAt(0);
          guardians.reboot();
        }
        return;
      case 'crash':
        session.crashAt(step.at);
        return;
      case 'slots':
        config(step.count);
        await take({ do: 'say', message: 'RELOAD', pick: 0 });
        return;
    }
  }

  for (const step of steps) await take(step);
  for (const message of ['SLOTS 3', 'RESUME']) await take({ do: 'say', message, pick: 0 });
  // Twice: a FINISH or SHUTDOWN may stand before these.
  await session.quiet();
  await session.quiet();

  const places = new Map<string, Place[]>();
  /** What a person made so, and the doctor is right to object to. */
  const objectionable: string[] = [];
  for (const { queue, name } of files(...queueNames)) {
    const text = readFileSync(join(dir, queue, name), 'latin1');
    const id = knownIn(text)?.id ?? `${queue}/${name}`;
    const status = statusFromText(/==== STATUS\r?\n\s*([^\n]*)/.exec(text)?.[1] ?? '');
    places.set(id, [...(places.get(id) ?? []), { queue, status, text }]);
    if (known.get(id)?.isByHand || isCopied(text)) objectionable.push(`${queue}/${name}`);
  }
  function isCopied(text: string): boolean {
    return copies.has(stampIn(text));
  }
  // Of one that was edited while it ran a new file is made: head and log are where they belong, and its own head in trash.
  const isAnyEdited = [...known.values()].some(({ isEdited }) => isEdited);
  const deleted = session.deleted.filter((path) => !isAnyEdited || !path.includes('/currently-executing/'));
  const broken: string[] = deleted.map((path) => `${path} was deleted`);
  for (const of of known.values()) {
    const at = places.get(of.id) ?? [];
    broken.push(
      ...ofUow(
        of,
        of.isEdited && (at.length > 1 || of.isThere !== 'yes') ? at.filter(({ queue }) => queue !== 'trash') : at,
      ),
    );
  }
  const says = readFileSync(join(dir, 'monitor_says'), 'utf8').split('\n');
  for (const line of messages) {
    const by = new RegExp(`^\\S+ (answer|refused) - .* by=${line.split('by=')[1] ?? ''}( |$)`);
    const answers = says.filter((each) => by.test(each));
    if (answers.length !== 1) broken.push(`"${line}" was answered ${answers.length} times: ${answers.join(' / ')}`);
  }
  const expected = [...known.values()]
    .filter(({ isThere, isByHand, isEdited }) => isThere === 'yes' && !isByHand && !isEdited)
    .map(({ id }) => ({ id, queues: queueNames }));
  const told = brokenInvariants(dir, expected, [], [...known.keys()]);
  broken.push(...told.filter((line) => !objectionable.some((place) => new RegExp(`(^|[ ,])${place}[:, ]`).test(line))));
  broken.push(...ofStarts());
  return [...new Set(broken)];

  function ofUow(of: Known, at: readonly Place[]): readonly string[] {
    const { id } = of;
    const where = at.map(({ queue }) => queue).join(', ');
    const counts = { yes: [1], maybe: [0, 1], no: [0] }[of.isThere];
    if (!counts.includes(at.length)) return [`${id} stands ${at.length} times (${where}), not ${counts.join(' or ')}`];
    const own = guardians.starts.filter((start) => start.label === id);
    const problems: string[] = [];
    if (own.length > of.starts) problems.push(`${id} was started ${own.length} times, not ${of.starts} at most`);
    const [place] = at;
    if (!place) return problems;
    const { queue, status, text } = place;
    if (waitingNames.includes(queue) && !status?.flags.includes('held'))
      problems.push(`${id} waits in ${queue} though nothing holds it: ${status?.word ?? 'no status'}`);
    for (const { attempt } of own)
      if (!text.includes(`out ${attempt}\n`)) problems.push(`${id} lost the output of attempt ${attempt}`);
    const last = own.find(({ attempt }) => attempt === status?.attempt);
    const ended = last && guardians.ends.get(last.run);
    const word = status?.word ?? 'nothing';
    // A copy may have ended before it was one.
    if (['done', 'error', 'fail'].includes(word) && !of.isByHand && !(of.isCopy && own.length === 0)) {
      const truth = !last
        ? 'fail'
        : ended === undefined
          ? 'fail'
          : ended.why === 'killed'
            ? 'fail'
            : ended.code === 0
              ? 'done'
              : 'error';
      if (word !== truth)
        problems.push(`${id} says ${word} of attempt ${String(status?.attempt)}, which came to ${truth}`);
      // Nothing of the disk is lost here: what never started is known to be so, but for a host that restarted.
      const isUnborn = !last && status?.reason?.kind === 'interrupted' && !of.isCopy && !isRestarted;
      if (isUnborn) problems.push(`${id} says interrupted of an attempt that never started`);
      if (ended && status?.reason?.kind === 'interrupted')
        problems.push(`${id} says interrupted of an attempt that ended`);
    }
    return problems;
  }

  function ofStarts(): readonly string[] {
    const history = existsSync(join(dir, 'history.jsonl')) ? readFileSync(join(dir, 'history.jsonl'), 'utf8') : '';
    const seen = new Set<string>();
    return guardians.starts.flatMap(({ label, attempt, run, status }) => {
      const problems: string[] = [];
      const key = `attempt ${attempt} of ${label}`;
      if (seen.has(key)) problems.push(`${key} was started twice`);
      seen.add(key);
      if (!status.startsWith(`running #${attempt} `)) problems.push(`${key} was started while STATUS said "${status}"`);
      const lines = history.split(`"id":"${run}"`).length - 1;
      if (lines !== 1) problems.push(`history has ${lines} lines of ${key}`);
      return problems;
    });
  }
}
