// What the service manager (systemd) is told about this process: that it serves, how it is doing, that it lives, that it ends.
// By the program systemd-notify, because Node cannot send unix datagrams. When to say what is the caller's.

/** The service manager that started this process. */
export interface ServiceManager {
  /**
   * Takes note that the work goes on, and in what state, in words for `systemctl status`. The first call says READY=1, another
   * state a new STATUS, and a call at or after half of the watchdog's time WATCHDOG=1. Cheap otherwise: nothing is started.
   */
  works(status: string): void;
  /**
   * Asks for a sign of life (a call of {@link works}) whenever half of the watchdog's time has passed. Without a watchdog: never.
   *
   * Nothing but `works` says WATCHDOG=1, and that is called by a wake that went through. A timer alone would keep a monitor alive
   * whose wakes all throw; a wake alone does not come while the queue is idle. With both, a stopped process, a loop that
   * hangs and a wake that never succeeds all fall silent, and are restarted.
   */
  watch(askForSign: () => void): void;
  /** Says STOPPING=1. Resolves when it is said, after 2 s at the latest; nothing is said any more. */
  stopping(status: string): Promise<void>;
}

/** systemd-notify waits until its message was read, which takes milliseconds unless the manager hangs. */
const limitMs = 10_000;
const lastWordsMs = 2000;

/**
 * Gives the service manager named by the environment, or undefined where there is none, and takes its variables out of the
 * environment: a program started by us must not speak in our name. `onFault` is told once why nothing can be said.
 *
 * @see sd_notify(3), sd_watchdog_enabled(3), systemd-notify(1)
 */
export function openServiceManager(
  environment: NodeJS.ProcessEnv,
  onFault: (text: string) => void,
): ServiceManager | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: micros, WATCHDOG_PID: watched } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) Reflect.deleteProperty(environment, name);
  if (socket === undefined || socket === '') return undefined;
  const isWatched = watched === undefined || watched === '' || Number(watched) === process.pid;
  const halfMs = isWatched && Number(micros) > 0 ? Number(micros) / 2000 : Infinity;
  const life: { isFaulty: boolean; isEnding: boolean; said?: string; signAt: number; timer?: NodeJS.Timeout } = {
    isFaulty: false,
    isEnding: false,
    // The manager's own count begins with READY=1.
    signAt: performance.now(),
  };
  let last: Promise<void> = Promise.resolve();

  async function say(...words: readonly string[]): Promise<void> {
    const { execa } = await import('execa');
    const result = await execa('systemd-notify', words, {
      env: { NOTIFY_SOCKET: socket },
      stdin: 'ignore',
      timeout: limitMs,
      killSignal: 'SIGKILL',
      reject: false,
    });
    if (!result.failed) return;
    const isMissing = result.code === 'ENOENT';
    // Said anew with the next wake; READY=1 twice does no harm. (What is not installed is not asked for at each wake.)
    if (!isMissing) delete life.said;
    if (life.isFaulty) return;
    life.isFaulty = true;
    const why = isMissing
      ? 'there is no program systemd-notify: install systemd'
      : `systemd-notify: ${result.stderr || result.shortMessage}`;
    onFault(
      `the service manager cannot be told that this monitor serves (${why}). Jobs run all the same, but systemd will take ` +
        'the start for timed out, or the monitor for hung, and restart it: mend that, or set Type=exec and WatchdogSec=0 in the unit',
    );
  }

  /** One behind the other: two that run at once may be read in either order. */
  function sayNext(...words: readonly string[]): void {
    last = last.then(() => say(...words));
  }

  return {
    works(status) {
      if (life.isEnding) return;
      if (life.said !== status) {
        const isFirst = life.said === undefined;
        life.said = status;
        sayNext(...(isFirst ? ['READY=1'] : []), `STATUS=${status}`);
      }
      const now = performance.now();
      if (now - life.signAt < halfMs) return;
      life.signAt = now;
      // At once and not behind the others: in a flood of arrivals wake follows wake, and no promise comes to its turn for long.
      void say('WATCHDOG=1');
    },
    watch(askForSign) {
      if (halfMs === Infinity) return;
      // Looked at more often than half of the time, because signs come from other wakes too: at the latest after 5/8 of the whole.
      life.timer = setInterval(() => {
        if (performance.now() - life.signAt >= halfMs) askForSign();
      }, halfMs / 4);
      life.timer.unref();
    },
    async stopping(status) {
      life.isEnding = true;
      clearInterval(life.timer);
      sayNext('STOPPING=1', `STATUS=${status}`);
      let giveUp: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => (giveUp = setTimeout(resolve, lastWordsMs)));
      await Promise.race([last, enough]);
      clearTimeout(giveUp);
    },
  };
}
