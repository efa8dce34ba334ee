// Roots for the doctor: UOWs made by hand in any queue with any STATUS, in the program's own format.
import { linkSync, writeFileSync } from 'node:fs';
import { lineFromHistory } from '../../src/format/history-line.ts';
import { stampedUow } from '../../src/format/uow-edit.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { rootPaths } from '../../src/model/paths.ts';
import type { Stamp } from '../../src/model/stamp.ts';
import type { Status } from '../../src/model/status.ts';
import { allChecks, type Check, examine } from '../../src/monitor/doctor/examine.ts';
import type { Finding } from '../../src/monitor/doctor/finding.ts';
import type { Patient, RootState } from '../../src/monitor/doctor/found.ts';
import { mendAll } from '../../src/monitor/doctor/mend.ts';
import type { Machine } from '../../src/monitor/machine.ts';
import { observer } from '../../src/monitor/observe.ts';
import { readConfig } from '../../src/monitor/read-config.ts';
import { realMachine } from '../../src/monitor/real-machine.ts';
import { realFiles } from '../../src/system/files.ts';
import { type QueueName, type TestRoot, testRoot, uowText } from './root.ts';

/** A root and what the doctor says of it. */
export interface Ward {
  readonly root: TestRoot;
  /** Writes a stamped UOW, done unless said. */
  readonly put: (queue: QueueName, name: string, made?: Made) => void;
  /** Gives a file a second name. */
  readonly link: (from: readonly [QueueName, string], to: readonly [QueueName, string]) => void;
  /** Appends lines of history: attempts by stamp and number. */
  readonly history: (...lines: readonly string[]) => void;
  readonly findings: (state: RootState, checks?: readonly Check[]) => readonly Finding[];
  /** Gives `KIND PLACE`, with ` +` behind it where --fix mends it. */
  readonly kinds: (state: RootState, checks?: readonly Check[]) => readonly string[];
  /** Mends what can be while no monitor runs; gives what was told. */
  readonly mend: (checks?: readonly Check[]) => Promise<readonly string[]>;
}

/** What of a made UOW is not as usual. */
export interface Made {
  readonly status?: Partial<Status>;
  readonly stamp?: Stamp;
  readonly header?: readonly string[];
  /** Its STATUS line, whatever it is. */
  readonly line?: string;
}

/** When all that is made here ended. */
export const endedAt: number = Date.UTC(2026, 10, 22, 4, 31, 6);
let made = 0;

/** Gives an empty root under the doctor's eyes. */
export function aWard(config = '', machine: Partial<Machine> = {}): Ward {
  const root = testRoot(config);
  const bytes = bytesFromUtf8(root.dir);
  const settings = readConfig(realFiles, bytes);
  const parts = { machine: { ...realMachine(), ...machine }, config: settings, paths: rootPaths(bytes, settings) };
  const findings = (state: RootState, checks: readonly Check[] = allChecks): readonly Finding[] =>
    examine({ ...parts, state } satisfies Patient, checks).findings;
  return {
    root,
    findings,
    put: (queue, name, of = {}) => writeFileSync(root.path(queue, name), textOf(of), 'latin1'),
    link: (from, to) => linkSync(root.path(...from), root.path(...to)),
    history: (...lines) => writeFileSync(root.path('history.jsonl'), lines.join(''), { flag: 'a' }),
    kinds: (state, checks) =>
      findings(state, checks).map(({ kind, place, mend }) => `${kind} ${place}${mend ? ' +' : ''}`),
    async mend(checks) {
      const told: string[] = [];
      const context = observer(parts, { paused: false, finishing: false });
      await mendAll(context, findings('stopped', checks), (text) => told.push(text));
      return told;
    },
  };
}

/** Gives the first line that a monitor writes into a new history, long before anything ended. */
export function historyStart(): string {
  return lineFromHistory({
    ...{ kind: 'monitor-started', at: '2026-01-01T00:00:00.000Z', host: 'host', monitor_version: '1' },
  });
}

function textOf({ status, stamp, header = [], line }: Made): string {
  made += 1;
  const plain = bytesFromUtf8(
    uowText(...(header.some((line) => line.startsWith('job ::')) ? [] : ['command :: true']), ...header),
  );
  const parsed = parseUow(plain);
  if (parsed.kind !== 'uow') throw new Error(JSON.stringify(parsed.problems));
  const text = stampedUow(plain, parsed.head, {
    stamp: stamp ?? { seconds: 1_600_000_000, ordinal: made },
    event: 'enqueued',
    status: { word: 'done', flags: [], attempt: 1, at: endedAt, ...status },
  });
  return `${line === undefined ? text : text.replace(/(==== STATUS\n\n)[^\n]*/, `$1${line}`)}out 1\n`;
}
