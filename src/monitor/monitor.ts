// The monitor of one root: opens it, wakes on hints and at the poll, posts the status, and ends. What a wake does is wake.ts.
// Long because its parts are put together, started and ended in one order, which stands here.
import type { Sink } from '../model/alarm.ts';
import { type Bytes, shownFromName, utf8FromBytes } from '../model/bytes.ts';
import { errnoOf, errorFromErrno } from '../model/errno.ts';
import { SjqError } from '../model/errors.ts';
import type { Notice } from '../model/notice.ts';
import { rootPaths } from '../model/paths.ts';
import { textFromInstantMs } from '../model/time.ts';
import type { Launcher } from '../system/launch.ts';
import type { Context } from './context.ts';
import { readControl } from './apply/control.ts';
import { loadFailing } from './report/alarms.ts';
import { createDailyReport } from './report/daily-report.ts';
import { noteDisk, refusal } from './apply/disk.ts';
import { modesAtOdds } from './doctor/modes.ts';
import { reportFault } from './apply/fault.ts';
import { recoverFiring } from './apply/deliver.ts';
import { recoverFlows } from './apply/take-in-flow.ts';
import { watchRoot } from './hints.ts';
import { appendHistory, loadStamps } from './history.ts';
import { openInbox } from './messages/inbox.ts';
import { readJobTypes } from './job-types.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Machine } from './machine.ts';
import { emptyPicture } from './survey/picture.ts';
import { readConfig } from './read-config.ts';
import { reload } from './reload.ts';
import { makeRoot, recoverIntake, writeHolder } from './root.ts';
import { loadRuns } from './survey/runs.ts';
import { sayOnce } from './report/say-once.ts';
import { createSays } from './report/says.ts';
import { createPoster } from './report/status.ts';
import { loadUsual } from './report/usual.ts';
import { wake } from './wake.ts';

/** A launcher that ends sooner than this will end again: the next one is given this long. */
const launcherLifeMs = 5000;
/** While jobs run, a guardian that was killed is noticed after this long at the latest. */
const runningPollMs = 2000;

export interface MonitorOptions {
  readonly machine: Machine;
  readonly root: Bytes;
  readonly version: string;
  /** Ends by itself when nothing can start and nothing runs any more. */
  readonly once?: boolean;
  /** False once the root's name no longer leads to the directory that is locked (lock.ts): the monitor then ends at once. */
  readonly isRootCurrent?: () => boolean;
  /** Is told each line of monitor_says: the foreground's stderr. */
  readonly echo?: (line: string) => void;
  /** Are told of each alarm. */
  readonly sinks?: readonly Sink[];
  /** Is told after each wake that went through, also one that found nothing to do; never after one that threw. */
  readonly onWake?: (state: ServingState) => void;
}

/** What a monitor that lives is doing. */
export type ServingState = 'serving' | 'paused' | 'finishing';

/** A monitor that runs. */
export interface Monitor {
  /** Resolves with the reason when it has ended: `shutdown`, `finished`, `idle` (once). */
  readonly ended: Promise<string>;
  /** Asks for a wake now, as a hint does. */
  wake(): void;
  /** Reads config.yaml anew, as RELOAD does. */
  reload(): void;
  /** Says something to the operators that they should look at. */
  attention(text: string): void;
  /** Ends it now; running jobs go on. */
  shutdown(): void;
}

/** Why a monitor ends whose `.sjq` somebody removed, or replaced by an old one: started anew, it makes one and looks at everything. */
export const ownGone = 'its directory .sjq was removed or replaced';

/**
 * Starts the monitor of a root whose lock the caller holds.
 *
 * @throws SjqError `bad-config` or `cannot-write-root`, before anything was changed in the queues.
 */
export function createMonitor(options: MonitorOptions): Monitor {
  const { machine, root, version, echo = () => undefined, isRootCurrent = () => true } = options;
  const { files, clock, host } = machine;
  const config = readConfig(files, root);
  const paths = rootPaths(root, config);
  try {
    makeRoot(files, root, config);
  } catch (error) {
    throw cannotWrite(error);
  }
  const says = createSays(machine, files.realPath(paths.messagesOut) ?? paths.messagesOut, echo, (error) =>
    noteDisk(context, error, 'write monitor_says'),
  );
  const life: { launcher?: Launcher; loop?: Loop; isEnding: boolean; lastPollAt: number } = {
    isEnding: false,
    lastPollAt: -Infinity,
  };
  const picture = emptyPicture(readControl({ machine, paths }));
  const context: Context = {
    ...{ machine, paths, config, picture, version },
    ...{ cgroups: machine.openCgroups(config.cgroup, host.uid), sinks: options.sinks ?? [] },
    launcher: () => (life.launcher?.isAlive ? life.launcher : (life.launcher = newLauncher())),
    say: (notice: Notice) => says.say(notice),
    flush: () => says.flush(),
    wake: () => life.loop?.wake(),
  };
  const poster = createPoster(context);
  const report = createDailyReport(context);

  const slots = picture.control.slots ?? config.slots;
  // A full disk must not keep a monitor from starting that may make room; on one that takes no change at all it can do nothing.
  const refused = refusal(context);
  if (errnoOf(refused) === 'EROFS') throw cannotWrite(refused);
  context.say({ event: 'monitor-started', fields: { version, pid: host.pid, slots, root: utf8FromBytes(root) } });
  attempt(sayModes);
  if (refused !== undefined) noteDisk(context, refused, 'write');
  attempt(() => writeHolder(context, version));
  attempt(() => {
    const at = textFromInstantMs(clock.now());
    appendHistory(context, { kind: 'monitor-started', at, host: host.name, monitor_version: version });
  });
  const runsIno = files.stat(paths.runs)?.ino;
  attempt(() => loadStamps(context));
  attempt(() => loadUsual(context));
  attempt(() => loadFailing(context));
  loadRuns(context);
  recoverIntake(context);
  recoverFiring(context);
  recoverFlows(context);
  picture.jobTypes = readJobTypes(context);
  const inbox = openInbox(context);
  const hints = watchRoot(context);
  let tellEnd: (why: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (tellEnd = resolve));
  const loop = startLoop(clock, oneWake, () => says.flush(), onBug);
  life.loop = loop;

  function cannotWrite(error: unknown): SjqError {
    const where = `the root ${shownFromName(root)} cannot be written`;
    const known = errorFromErrno(errnoOf(error), where, error)?.message ?? `${where}: ${String(error)}`;
    return new SjqError('cannot-write-root', known, { cause: error });
  }

  function oneWake(): number {
    const now = clock.now();
    const { sleepMs } = context.config;
    const isPoll = now - life.lastPollAt >= sleepMs || now < life.lastPollAt;
    if (isPoll) {
      life.lastPollAt = now;
      if (!isRootCurrent()) {
        end('the root was moved or replaced');
        return Infinity;
      }
      // The launcher stands in it, and every guardian writes its result there: what was made again is of no use to them.
      if (isOwnGone()) {
        end(ownGone);
        return Infinity;
      }
      hints.renew();
    }
    const woken = wake(context, inbox, isPoll);
    if (woken.hasChanged) loop.wake();
    if (woken.isNews) poster.postSoon();
    if (woken.stop !== undefined) end(woken.stop);
    else if (options.once && woken.isIdle) end('idle');
    const { finishing, paused } = picture.control;
    options.onWake?.(finishing ? 'finishing' : paused ? 'paused' : 'serving');
    const pollMs = picture.runs.size > 0 ? Math.min(runningPollMs, sleepMs) : sleepMs;
    return Math.min(woken.lookAgainAt, inbox.nextLookAt, report.sayIfDue(), poster.beat(now), now + pollMs);
  }

  /** False also if the disk does not tell: what else is met then is said by the wake. */
  function isOwnGone(): boolean {
    try {
      return runsIno !== undefined && files.stat(paths.runs)?.ino !== runsIno;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  }

  function attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      reportFault(context, 'sync', error);
    }
  }

  /** What may be meant so is told by `sjq doctor` to who asks. */
  function sayModes(): void {
    for (const { severity, place, text, remedy } of modesAtOdds({ machine, paths, config, state: 'live' })) {
      if (severity !== 'fault') continue;
      context.say({ event: 'attention', text: `${place} ${text}: ${remedy} (sjq doctor --fix does it)` });
    }
  }

  function onBug(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    context.say({ event: 'fault', text: `unexpected, please report it: ${text}` });
  }

  function newLauncher(): Launcher {
    const startedAt = clock.now();
    return machine.startLauncher({
      runsDir: paths.runs,
      log: paths.launcherLog,
      onEnd(why) {
        // What it was asked and did not start is asked of the next one; the guardians it forked live on.
        for (const run of picture.runs.values()) {
          delete run.askedAt;
          delete run.hooking?.askedAt;
        }
        const now = clock.now();
        const isEarly = now - startedAt < launcherLifeMs;
        picture.notStarted.launchers = isEarly ? picture.notStarted.launchers + 1 : 0;
        const text = isEarly
          ? `the launcher ended at once (${why}): see ${utf8FromBytes(paths.launcherLog)}; nothing is started for a while`
          : `the launcher ended (${why}); another one is started`;
        if (isEarly) picture.trouble = { until: now + launcherLifeMs, text: 'the launcher cannot be started' };
        sayOnce(context, isEarly ? 'launcher' : `launcher ${now}`, { event: 'attention', text });
        context.wake();
      },
    });
  }

  function end(why: string): void {
    if (life.isEnding) return;
    life.isEnding = true;
    loop.close();
    hints.close();
    inbox.close();
    life.launcher?.close();
    // Another monitor may hold what stands under our path by now.
    if (!isRootCurrent()) {
      echo(`sjq: the root ${utf8FromBytes(root)} was moved or replaced: this monitor ends, its jobs go on\n`);
      tellEnd(why);
      return;
    }
    const running = picture.runs.size;
    context.say({ event: 'monitor-stopped', fields: { why, running } });
    attempt(() => {
      const at = textFromInstantMs(clock.now());
      const by = { host: host.name, monitor_version: version };
      appendHistory(context, { kind: 'monitor-stopped', at, why, running, ...by });
    });
    poster.close();
    context.cgroups?.close();
    says.flush();
    tellEnd(why);
  }

  return {
    ended,
    wake: () => loop.wake(),
    reload() {
      reload(context, { to: 'SIGHUP' });
      loop.wake();
    },
    attention(text) {
      context.say({ event: 'attention', text });
      loop.wake();
    },
    shutdown: () => end('shutdown'),
  };
}
