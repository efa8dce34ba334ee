// A root on disk and the context that the parts of the monitor are handed: real files, a clock that moves when told, everything
// said kept. What a test does not hand over does nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import type { Config, JobType } from '../../src/model/config.ts';
import type { Notice } from '../../src/model/notice.ts';
import { rootPaths } from '../../src/model/paths.ts';
import type { Context } from '../../src/monitor/context.ts';
import { emptyPicture } from '../../src/monitor/survey/picture.ts';
import { makeRoot } from '../../src/monitor/root.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import { eachName } from '../../src/system/names.ts';
import { realGauges } from '../../src/system/gauges.ts';
import type { Host } from '../../src/system/host.ts';
import { type Processes, realProcesses } from '../../src/system/processes.ts';
import { aConfig } from './builders.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { scratchFolder } from './scratch.ts';

/** What a test may hand over. */
export interface Given {
  readonly config?: Partial<Config>;
  readonly files?: Partial<Files>;
  readonly processes?: Partial<Processes>;
  readonly host?: Partial<Host>;
  readonly jobTypes?: readonly JobType[];
  /** Where the clock stands; the real time now if not said, because real files have real times. */
  readonly now?: number;
}

export interface TestContext {
  readonly context: Context;
  readonly dir: string;
  readonly clock: FakeClock;
  readonly notices: readonly Notice[];
  /** How often a wake was asked for. */
  readonly wakes: () => number;
  /** Gives the path of something in the root. */
  readonly path: (...parts: readonly string[]) => string;
  /** Writes a file below the root, every character a byte. */
  readonly write: (path: string, text: string) => void;
}

const host: Host = {
  ...{ name: 'host', pid: process.pid, uid: process.getuid?.() ?? 0, lang: undefined, timezone: undefined },
  user: {
    name: 'ada',
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    home: '/home/ada',
    shell: '/bin/sh',
  },
  credentialsDir: undefined,
  findUser: () => undefined,
  userName: (uid) => (uid === process.getuid?.() ? 'ada' : `user${uid}`),
  token: () => '0123456789abcdef0123456789abcdef',
};

/** Makes a root with all its directories and gives the context of a monitor that was just started on it. */
export function testContext(given: Given = {}): TestContext {
  const dir = join(scratchFolder(), 'root');
  const config = aConfig(given.config);
  const root = bytesFromUtf8(dir);
  makeRoot(realFiles, root, config);
  const clock = fakeClock(given.now ?? Date.now());
  const notices: Notice[] = [];
  let wakes = 0;
  const picture = emptyPicture({ paused: false, finishing: false });
  picture.jobTypes = given.jobTypes ?? [];
  const nothing = { close: (): void => undefined };
  const context: Context = {
    machine: {
      clock,
      files: { ...realFiles, ...given.files },
      gauges: realGauges,
      host: { ...host, ...given.host },
      processes: { ...realProcesses, ...given.processes },
      watcher: { watchDirectory: () => nothing, watchFiles: () => nothing },
      startLauncher: () => {
        throw new Error('this test launches nothing');
      },
      mountIdOf: () => 'this-mount',
      openCgroups: () => undefined,
      askCommand: async () => ({ ok: true, text: '' }),
      askProgram: async () => ({ ok: true, text: '' }),
      eachName,
      grep: async () => false,
    },
    paths: rootPaths(root, config),
    picture,
    config,
    version: '1.2.3',
    cgroups: undefined,
    sinks: [],
    launcher: () => {
      throw new Error('this test launches nothing');
    },
    say: (notice) => void notices.push(notice),
    flush: () => true,
    wake: () => void (wakes += 1),
  };
  const path = (...parts: readonly string[]): string => join(dir, ...parts);
  return {
    ...{ context, dir, clock, notices, path, wakes: () => wakes },
    write: (name, text) => {
      writeFileSync(path(name), text, 'latin1');
    },
  };
}

/** Gives files whose calls of the names fail with an errno as long as `isBroken` says so. */
export function brokenFiles(code: string, names: readonly (keyof Files)[], isBroken: () => boolean): Partial<Files> {
  const broken = names.map((name) => [
    name,
    (...args: readonly unknown[]): unknown => {
      if (isBroken()) throw Object.assign(new Error(`${code}: injected, ${name}`), { code });
      return (realFiles[name] as (...given: readonly unknown[]) => unknown)(...args);
    },
  ]);
  return Object.fromEntries(broken) as Partial<Files>;
}

/** Gives the names of something as texts, sorted, for comparing. */
export function sorted(names: Iterable<Bytes | string>): readonly string[] {
  return [...names].map(String).sort();
}
