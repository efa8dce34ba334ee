// A session on a disk that is being recorded: the real monitor, `sjq submit`, people's hands and messages, and what was promised
// from which point of the log on. A promise counts from the index read after it was seen; what ends it, from the index before.
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { program, type QueueName, uowText } from '../root.ts';
import type { Disk, Places } from './disk.ts';
import type { FoundUow } from './found.ts';

/** A UOW of the session, and what may become of it. Its name is its id in small letters. */
export interface PowerUow {
  readonly id: string;
  readonly header?: readonly string[];
  /** What its job does after it told that it started. */
  readonly does?: string;
  /** Where an attempt that runs to its end takes it. */
  readonly ends: QueueName;
  /** Where it may stand for good besides, and with which STATUS. */
  readonly also?: Readonly<Partial<Record<QueueName, RegExp>>>;
  readonly isIdempotent?: boolean;
  /** How many attempts the session asks for; 1 unless given. */
  readonly attempts?: number;
}

/** What must hold of a UOW after a cut behind so many entries, or between these two. */
export interface Pledge {
  readonly id: string;
  readonly from: number;
  until: number;
  readonly what: string;
  readonly isKept: (found: FoundUow) => boolean;
}

interface SaidLine {
  readonly text: string;
  readonly index: number;
}

export interface Session {
  readonly pledges: readonly Pledge[];
  /** When each UOW was acknowledged. */
  readonly there: ReadonlyMap<string, number>;
  /** Starts a monitor; gives how it is killed or waited for. */
  monitor(): Promise<ChildProcess>;
  submit(uow: PowerUow, ...options: readonly string[]): Promise<void>;
  /** Moves it into wait-q, as a person does, who syncs nothing. Nothing is promised until the monitor has taken it in. */
  drop(uow: PowerUow): void;
  move(name: string, from: QueueName, to: QueueName): void;
  readonly message: (line: string) => void;
  pledge(id: string, what: string, isKept: Pledge['isKept']): Pledge;
  /** Something is about to be done with it: how it stands now is no longer promised. */
  readonly release: (id: string) => void;
  /** Waits until the monitor has said it, `count` times in all. */
  readonly said: (pattern: RegExp, count?: number) => Promise<void>;
  readonly started: (name: string) => Promise<void>;
  openGate(name: string): void;
}

const endedLine = /^\S+ ended (\S+) outcome=(\w+) reason=(\S+) attempt=(\d+) /;
const takenInLine = /^\S+ taken-in (\S+) /;

/** Opens a session on a mounted disk with a root in it. */
export function openSession(disk: Disk, places: Places): Session {
  const root = join(disk.fs, 'root');
  const pledges: Pledge[] = [];
  const there = new Map<string, number>();
  const lines: SaidLine[] = [];
  const sjq = [process.execPath, program];
  const at = ['--root', join(places.fs, 'root')];
  const textOf = ({ id, header = [], does = 'echo more' }: PowerUow): readonly string[] => [
    `label :: ${id}`,
    ...header,
    `command :: sh ${places.witness}/tell.sh; ${does}`,
  ];

  function hear(text: string): void {
    const index = disk.index();
    lines.push({ text, index });
    const taken = takenInLine.exec(text)?.[1]?.toUpperCase();
    if (taken !== undefined && !there.has(taken)) there.set(taken, index);
    const [, name = '', outcome = '', reason = '', attempt = ''] = endedLine.exec(text) ?? [];
    if (name === '') return;
    const status = `${outcome} ${reason} #${attempt} `;
    session.pledge(name.toUpperCase(), `ended as ${status}`, (found) => found.status.startsWith(status));
  }

  const session: Session = {
    pledges,
    there,
    async monitor() {
      const child = disk.start([...sjq, 'monitor', ...at], ['ignore', 'ignore', 'pipe']);
      let rest = '';
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        const whole = (rest + chunk).split('\n');
        rest = whole.pop() ?? '';
        whole.forEach(hear);
      });
      const already = lines.length;
      await eventually(() => lines.slice(already).some(({ text }) => text.includes(' monitor-started ')), {
        withinMs: 30_000,
        what: 'the monitor starts',
      });
      return child;
    },
    async submit(uow, ...options) {
      const fields = textOf(uow).map((line) => `--field=${line.replace(' :: ', '=')}`);
      const name = uow.id.toLowerCase();
      const said = await disk.run([...sjq, 'submit', ...at, '--name', name, ...options, ...fields]);
      if (!said.startsWith(`${name}\n`)) throw new Error(`sjq submit said ${said}`);
      there.set(uow.id, disk.index());
    },
    drop(uow) {
      const name = uow.id.toLowerCase();
      const beside = join(root, `.drop-${name}`);
      writeFileSync(beside, uowText(...textOf(uow)));
      const old = new Date(Date.now() - 120_000);
      utimesSync(beside, old, old);
      renameSync(beside, join(root, 'wait-q', name));
    },
    move: (name, from, to) => renameSync(join(root, from, name), join(root, to, name)),
    message: (line) => appendFileSync(join(root, 'monitor_reads'), `${line}\n`),
    pledge(id, what, isKept) {
      const pledge = { id, from: disk.index(), until: Infinity, what, isKept };
      pledges.push(pledge);
      return pledge;
    },
    release(id) {
      const index = disk.index();
      for (const pledge of pledges) if (pledge.id === id) pledge.until = Math.min(pledge.until, index);
    },
    async said(pattern, count = 1) {
      const isSaid = (): boolean => lines.filter(({ text }) => pattern.test(text)).length >= count;
      const what = `the monitor says ${String(pattern)}; it said\n${lines.map(({ text }) => text).join('\n')}`;
      await eventually(isSaid, { withinMs: 30_000, what });
    },
    async started(name) {
      const notebook = join(disk.witness, 'starts');
      const isTold = (): boolean => existsSync(notebook) && readFileSync(notebook, 'latin1').includes(`${name}|`);
      await eventually(isTold, { withinMs: 30_000, what: `${name} has started` });
    },
    openGate: (name) => writeFileSync(join(disk.witness, `gate-${name}`), ''),
  };
  return session;
}
