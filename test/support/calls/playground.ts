// A root in which a scenario of the calls rig takes place: made, its people's hands, and what must be of it in the end.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Behaviour, type FakeGuardians, fakeGuardians } from '../fake-guardians.ts';
import type { Fault } from '../faulty-files.ts';
import type { ExpectedUow } from '../invariants.ts';
import { type QueueName, queueNames, uowText } from '../root.ts';
import { type Circumstances, type Life, live } from '../simulated.ts';

/** One thing that happens in a root, and what must have come of it however often the monitor died over it. */
export interface Scenario {
  readonly title: string;
  /** Settings besides `sleep`; with no word of `status` none is posted. STATUS_DIR is a directory beside the root. */
  readonly config?: string;
  /** By name; a job ends at once unless this says otherwise. */
  readonly behaviour?: Readonly<Record<string, Behaviour>>;
  readonly exit?: Readonly<Record<string, number>>;
  /** What a job writes beside its record, by its name and the file's. */
  readonly leaves?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Brings a root into the state before the monitor whose faults are tried. */
  prepare(root: Playground): Promise<void> | void;
  /** What people do while that monitor lives, or the one behind it. */
  readonly meanwhile?: (root: Playground) => void;
  readonly isHinted?: boolean;
  readonly expected: readonly ExpectedUow[];
  /** What is nobody's if it is there. */
  readonly mayHave?: readonly string[];
  /** What may go by its last name, all that was in it kept elsewhere. */
  readonly mayDelete?: readonly string[];
  /** What the doctor may find behind a fault, with the remedy that its --fix has for it. */
  readonly mayNeedDoctor?: readonly string[];
  /** Ways of failing whose end is not held yet: not tried, and said where the scenario stands. */
  readonly notHeld?: RegExp;
  /** Gives what else is not as it should be. */
  readonly problems?: (root: Playground) => readonly string[];
}

export interface Playground {
  readonly dir: string;
  readonly guardians: FakeGuardians;
  readonly path: (...parts: readonly string[]) => string;
  /** Drops a UOW whose label tells it from all others. */
  readonly drop: (queue: QueueName, name: string, id: string, ...header: readonly string[]) => void;
  readonly move: (from: readonly [QueueName, string], to: readonly [QueueName, string]) => void;
  readonly message: (text: string) => void;
  /** Lets a monitor without faults live until all is quiet. */
  readonly quiet: () => Promise<void>;
  /** Lets a monitor live until its job runs, and die then. */
  readonly untilRunning: () => Promise<void>;
  /** Lets a monitor die before its first call from that place, `apply/claim.ts link`; or before a later one. */
  readonly dieAt: (place: string, at?: number) => Promise<void>;
  /** Lets a monitor live with a fault; what people do meanwhile they do once, whichever monitor lives then. */
  readonly live: (fault?: Fault, circumstances?: Circumstances) => Promise<Life>;
  readonly remove: () => void;
}

/** Only root's monitor gives a file to whose it was. */
export const isRoot: boolean = process.getuid?.() === 0;

/** Where there is one, a file system in memory: nothing here is about the disk itself, and there are thousands of roots. */
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const folder = mkdtempSync(join(scratch, 'sjq-calls-'));
let roots = 0;

/** Removes whatever is left of the roots. */
export function removePlaygrounds(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Gives a root for the scenario, with nothing in it. */
export function playground(scenario: Omit<Scenario, 'title' | 'prepare' | 'expected'>): Playground {
  roots += 1;
  const dir = join(folder, String(roots), 'root');
  for (const queue of queueNames) mkdirSync(join(dir, queue), { recursive: true });
  const config = (scenario.config ?? '').replace('STATUS_DIR', join(dir, '../web'));
  writeFileSync(
    join(dir, 'config.yaml'),
    `sleep: 20s\n${config.includes('status:') ? '' : 'status: off\n'}${config}\n`,
  );
  const guardians = fakeGuardians(
    (name) => scenario.behaviour?.[name] ?? 'ends-at-once',
    (name) => scenario.exit?.[name] ?? 0,
    (name) => scenario.leaves?.[name] ?? {},
  );
  let hasHappened = scenario.meanwhile === undefined;
  const root: Playground = {
    dir,
    guardians,
    path: (...parts) => join(dir, ...parts),
    drop: (queue, name, id, ...header) =>
      writeFileSync(join(dir, queue, name), uowText(`label :: ${id}`, 'command :: true', ...header)),
    move: (from, to) => renameSync(join(dir, ...from), join(dir, ...to)),
    message: (text) => writeFileSync(join(dir, 'monitor_reads'), `${text}\n`, { flag: 'a' }),
    async quiet() {
      await live(dir, guardians);
    },
    async untilRunning() {
      await live(dir, guardians, { kind: 'none' }, () => guardians.alive > 0);
    },
    async dieAt(place, at = 1) {
      const { end } = await live(dir, guardians, { kind: 'crash', at, in: place });
      if (end !== 'crashed') throw new Error(`the monitor did not come to ${place}`);
    },
    live(fault = { kind: 'none' }, circumstances = {}) {
      const meanwhile = (): void => {
        hasHappened = true;
        scenario.meanwhile?.(root);
      };
      const { isHinted = false } = scenario;
      return live(dir, guardians, fault, undefined, {
        ...{ isHinted, ...circumstances },
        ...(!hasHappened && { meanwhile }),
      });
    },
    remove: () => rmSync(join(dir, '..'), { recursive: true }),
  };
  return root;
}

/** Gives the first of these files that is there, every byte one character; nothing if none is. */
export function textOf(dir: string, ...paths: readonly string[]): string {
  const found = paths.map((path) => join(dir, path)).find((path) => existsSync(path));
  return found === undefined ? '' : readFileSync(found, 'latin1');
}

/** What becomes of a UOW that runs once and well. */
export const done = (id: string, log = /^out 1\nend 1\n$/): ExpectedUow => ({
  ...{ id, queues: ['done-q'], starts: [1], log },
});
