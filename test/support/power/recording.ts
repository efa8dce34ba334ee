// One recording: a file system is made, a session of everything that is promised to outlast a power cut goes through, and the
// log of what the disk was asked to do is kept with it.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WitnessedStart } from '../invariants.ts';
import { program } from '../root.ts';
import { type FileSystem, type Places, startDisk } from './disk.ts';
import { openSession, type Pledge, type PowerUow, type Session } from './session.ts';
import { type LogEntry, readWriteLog } from './write-log.ts';

/** A start, and how far the log had come when its job had told of it: it began before that. */
export interface IndexedStart extends WitnessedStart {
  readonly index: number;
}

export interface Recording {
  readonly fileSystem: FileSystem;
  readonly places: Places;
  readonly log: string;
  readonly entries: readonly LogEntry[];
  /** The root stands, and nothing has been promised yet. */
  readonly from: number;
  readonly uows: readonly PowerUow[];
  readonly there: ReadonlyMap<string, number>;
  readonly pledges: readonly Pledge[];
  readonly starts: readonly IndexedStart[];
}

const config = 'sleep: 1s\nsettle: 0s\nslots: 3\n';
const gate = (places: Places, name: string): string =>
  `while [ ! -e ${places.witness}/gate-${name} ]; do sleep 0.05; done`;

/** The gates at which jobs of a recording wait. After a cut all are open. */
export const gates = ['full', 'killed'] as const;

/** Reads what jobs told a witness. */
export function startsIn(witness: string): readonly IndexedStart[] {
  const notebook = join(witness, 'starts');
  const text = existsSync(notebook) ? readFileSync(notebook, 'latin1') : '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', attempt = '', stamp = '', status = '', index = ''] = line.split('|');
      return { name, attempt: Number(attempt), stamp, status, index: Number(index) };
    });
}

/** Records a session on a new disk in `folder`. */
export async function record(fileSystem: FileSystem, folder: string): Promise<Recording> {
  mkdirSync(folder);
  const places = { fs: join(folder, 'fs'), witness: join(folder, 'witness') };
  const log = join(folder, 'log');
  const disk = await startDisk('record', { fileSystem, log, folder: join(folder, 'recorded'), places });
  writeTell(disk.witness, places);
  await disk.make();
  await disk.mount();
  await disk.run([process.execPath, program, 'init', join(places.fs, 'root')]);
  writeFileSync(join(disk.fs, 'root/config.yaml'), config);
  await disk.run(['sync', '-f', places.fs]);
  const from = disk.index();
  const session = openSession(disk, places);
  const uows = await play(session, places);
  await disk.run(['sync', '-f', places.fs]);
  const { there, pledges } = session;
  const starts = startsIn(disk.witness);
  await disk.end();
  return { fileSystem, places, log, entries: readWriteLog(log), from, uows, there, pledges, starts };
}

/** What a job tells by: its name, attempt and stamp, the STATUS it found, and how far the disk's log had come then. */
export function writeTell(witness: string, places: Places): void {
  const script = `{
  read -r _ stamp _
  while read -r line && [ "$line" != '==== STATUS' ]; do :; done
  status=
  while [ -z "$status" ] && read -r status; do :; done
} < "$SJQ_UOW"
read -r index < ${places.witness}/index
echo "$SJQ_NAME|$SJQ_ATTEMPT|$stamp|$status|$index" >> ${places.witness}/starts
echo "out $SJQ_ATTEMPT"
`;
  writeFileSync(join(witness, 'tell.sh'), script);
  chmodSync(join(witness, 'tell.sh'), 0o755);
}

async function play(session: Session, places: Places): Promise<readonly PowerUow[]> {
  const uows: PowerUow[] = [];
  const uow = (one: PowerUow): PowerUow => {
    uows.push(one);
    return one;
  };
  const { message, release, said, started } = session;
  const plain = (id: string): PowerUow => uow({ id, ends: 'done-q' });
  const idempotent = { header: ['idempotent :: yes'], isIdempotent: true } as const;

  // Some before any monitor runs, two at once.
  const a = uow({ id: 'A', ends: 'done-q', attempts: 2 });
  const b = uow({ id: 'B', does: 'exit 3', ends: 'error-q', attempts: 2 });
  await session.submit(a);
  await Promise.all([session.submit(b), session.submit(plain('C'))]);
  const first = await session.monitor();
  session.drop(plain('D'));
  session.drop(uow({ id: 'E', ...idempotent, does: 'sleep 0.2', ends: 'done-q' }));
  await session.submit(uow({ id: 'F', does: 'kill -9 $$', ends: 'fail-q' }), '--priority');
  await said(/ ended f /);

  // Three jobs fill the slots, so that others wait, and something can be done with them.
  const full = ['G1', 'G2', 'G3'].map((id, at) =>
    uow({ id, does: gate(places, 'full'), ends: 'done-q', ...(at === 0 && idempotent) }),
  );
  for (const each of full) session.drop(each);
  for (const name of ['g1', 'g2', 'g3']) await started(name);
  const h = uow({ id: 'H', ends: 'done-q', also: { 'wait-q': /^waiting held / } });
  const z = uow({ id: 'Z', ends: 'done-q', also: { archive: /^cancelled / } });
  await Promise.all([session.submit(h), session.submit(plain('P'))]);
  await Promise.all([session.submit(z), session.submit(plain('Q'))]);
  message('HOLD h');
  await said(/ answer - to="HOLD h"/);
  session.pledge('H', 'held', ({ queue, status }) => queue === 'wait-q' && /^waiting held/.test(status));
  message('PRIORITY p');
  message('CANCEL z');
  await said(/ answer - to="CANCEL z"/);
  session.pledge('Z', 'cancelled', ({ queue, status }) => queue === 'archive' && status.startsWith('cancelled '));
  message('NOTE q a word about it');
  await said(/ answer - to="NOTE q/);
  session.pledge('Q', 'noted', ({ text }) => text.split('a word about it').length === 2);
  message('NOTE g2 while it runs');
  await said(/ answer - to="NOTE g2/);
  session.pledge('G2', 'noted', ({ text }) => text.split('while it runs').length === 2);
  session.openGate('full');
  await said(/ ended g2 /);
  await said(/ ended q /);
  release('H');
  message('RELEASE h');
  await said(/ ended h /);

  release('B');
  message('RETRY b');
  await said(/ answer - to="RETRY b"/);
  session.pledge('B', 'retried', ({ status }) => /#[2-9] /.test(status));
  await said(/ ended b .*attempt=2/);
  release('A');
  session.move('a', 'done-q', 'wait-q');
  await said(/ ended a .*attempt=2/);
  message('NOTE c it went well');
  await said(/ answer - to="NOTE c/);
  session.pledge('C', 'noted', ({ text }) => text.split('it went well').length === 2);

  // A kill of a job, and one of the monitor while jobs run.
  await session.submit(
    uow({ id: 'K', does: gate(places, 'killed'), ends: 'done-q', also: { 'fail-q': /^fail killed / } }),
  );
  await started('k');
  message('KILL JOB k');
  await said(/ answer - to="KILL JOB k"/);
  session.pledge('K', 'killed', ({ status }) => status.startsWith('fail '));
  await said(/ ended k /);
  const last = ['X1', 'X2', 'X3'].map((id, at) =>
    uow({ id, does: 'sleep 0.3; echo more; echo late', ends: 'done-q', ...(at === 1 && idempotent) }),
  );
  for (const each of last) session.drop(each);
  for (const name of ['x1', 'x2', 'x3']) await started(name);
  first.kill('SIGKILL');
  await once(first, 'exit');
  await session.submit(plain('Y'));
  const second = await session.monitor();
  for (const name of ['x1', 'x2', 'x3', 'y']) await said(new RegExp(` ended ${name} `));
  // Not by a message: the monitor behind a cut would take it for its own.
  second.kill('SIGTERM');
  await once(second, 'exit');
  return uows;
}
