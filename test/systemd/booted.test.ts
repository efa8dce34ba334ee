// The units under a real systemd (test/support/booted.ts), with the package as npm installs it and as docs/install.md says.
// One machine for all, and the tests in this order: each finds the queue as the one before left it, with a monitor that serves.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards, beforeSuite } from '../support/afterwards.ts';
import { beforeEach, expect, it, vi } from 'vitest';
import { type Booted, boot, whyNoBoot } from '../support/booted.ts';
import { eventually } from '../support/eventually.ts';
import { scratchFolder } from '../support/scratch.ts';

const root = '/var/lib/sjq';
const page = readFileSync(join(import.meta.dirname, '../../docs/install.md'), 'utf8');
const within = { withinMs: 20_000 };
let machine: Booted;
let whyNot: string | undefined;

// Restarts take their time, and this runs beside all other tests.
vi.setConfig({ testTimeout: 90_000 });

beforeSuite(async () => {
  whyNot = whyNoBoot();
  if (whyNot === undefined) {
    try {
      machine = await boot(scratchFolder());
      afterwards(() => machine.end());
    } catch (error) {
      whyNot = String(error);
    }
  }
  if (whyNot !== undefined) console.log(`SKIPPED: the units under a real systemd: ${whyNot}`);
}, 300_000);

beforeEach(({ skip }) => {
  if (whyNot !== undefined) skip(whyNot);
});

/** A property of the service, as systemd has it. */
const show = (name: string): Promise<string> => machine.run(['systemctl', 'show', '-P', name, 'sjq']);
const systemctl = (...words: readonly string[]): Promise<string> => machine.run(['systemctl', ...words]);
const file = (...names: readonly string[]): string => machine.path([root, ...names].join('/'));
const read = (...names: readonly string[]): string => readFileSync(file(...names), 'utf8');
const count = (text: string, words: string): number => text.split(words).length - 1;
const journal = (): Promise<string> => machine.run(['journalctl', '--no-pager', '--output=cat', '-u', 'sjq']);
const submit = (name: string, script: string, user = 'sjq'): Promise<string> =>
  machine.run(['runuser', '-u', user, '--', 'sjq', 'submit', '--root', root, '-n', name, script]);

/** Types a block of the install page. */
async function type(heading: string, nth = 0, user?: string): Promise<string> {
  const section = page.split('\n## ').find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const block = [...section.matchAll(/```sh\n([^`]*)```/g)][nth]?.[1];
  if (block === undefined) throw new Error(`docs/install.md has no such block: ${heading} ${nth}`);
  // The machine may have no npm, but everything is where npm puts it.
  const script = block
    .replaceAll('$(npm root -g)', '/usr/local/lib/node_modules')
    .replace(/^loginctl enable-linger$/m, '');
  return machine.sh(user === undefined ? script : `cd; export XDG_RUNTIME_DIR=/run/user/$(id -u)\n${script}`, user);
}

/** Waits until the job ended; gives its file, which must then stand in `queue`. */
async function ended(queue: string, name: string): Promise<string> {
  const queues = ['done-q', 'error-q', 'fail-q'];
  const found = await eventually(
    () => queues.find((at) => readdirSync(file(at)).includes(name) && !/\nrunning /.test(read(at, name))),
    { ...within, what: `${name} ends` },
  );
  const text = read(found, name);
  expect({ found, text }).toEqual({ found: queue, text });
  return text;
}

/** Waits until systemd itself has started another monitor, and that one serves. */
const restarted = (times: number): Promise<unknown> =>
  eventually(async () => Number(await show('NRestarts')) === times && (await show('ActiveState')) === 'active', {
    ...within,
    what: `systemd restarts it (${times})`,
  });

it('installs as the page says, and start returns when the monitor serves', async () => {
  await type('A service for the machine');
  expect(await show('ActiveState')).toBe('active');
  expect(await show('StatusText')).toBe(`serves ${root}`);
  expect(read('monitor_says')).toContain(' monitor-started ');
  expect(await systemctl('is-enabled', 'sjq')).toBe('enabled');
  expect(await journal()).toContain('monitor-started');
});

it('runs a job, in a control group of its own below the unit’s', async () => {
  await type('A service for the machine', 1);
  expect(await ended('done-q', 'hello')).toMatch(/\nhello\n$/);
  await submit('where', 'cat /proc/self/cgroup');
  expect(await ended('done-q', 'where')).toMatch(/0::\S*\/sjq\.service\/sjq-jobs-\d+\/\S+\n/);
  expect(await journal()).toMatch(/ended hello outcome=done/);
});

it('reload uses a changed config.yaml, and answers', async () => {
  await machine.sh(`echo 'slots: 10' > ${root}/config.yaml`);
  await systemctl('reload', 'sjq');
  await eventually(() => / answer - to=SIGHUP .*slots/.test(read('monitor_says')), {
    ...within,
    what: 'the reload is answered',
  });
});

it('takes in what a member of the group submits, once the group may write', async () => {
  await machine.sh('useradd --create-home alice');
  await expect(submit('refused', 'true', 'alice')).rejects.toThrow(/may not|permi/i);
  await type('Who may submit');
  await submit('from-alice', 'id -un', 'alice');
  expect(await ended('done-q', 'from-alice')).toMatch(/\nsjq\n/);
  await machine.sh(`echo STATUS by=alice >> ${root}/monitor_reads`, 'alice');
  await eventually(() => read('monitor_says').includes('by=alice'), { ...within, what: 'alice is answered' });
});

it('ends a job that made itself a daemon without a trace of where it came from', async () => {
  await submit('daemon', 'env -i setsid sh -c "sleep 98765 & sleep 98765 &" & wait; echo away; sleep 1000');
  const sleepers = async (): Promise<string> => machine.run(['pgrep', '-cfx', 'sleep 98765'], '');
  await eventually(async () => /^2/.test(await sleepers()), { ...within, what: 'the daemons run' });
  await machine.sh(`echo KILL JOB daemon >> ${root}/monitor_reads`);
  expect(await ended('fail-q', 'daemon')).toMatch(/\nfail killed #1 /);
  expect(await sleepers()).toMatch(/^0/);
});

it('eight jobs notice nothing of a kill -9, a restart, an upgrade, a stop and a start', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `steady-${index}`);
  for (const name of names)
    await submit(
      name,
      `trap 'echo heard TERM' TERM; trap 'echo heard HUP' HUP; n=0
       until [ -e ${root}/enough ]; do n=$((n+1)); echo "line $n"; sleep 0.1; done; echo "lines $n"`,
    );
  const lines = (name: string): number =>
    readdirSync(file('currently-executing')).includes(name) ? count(read('currently-executing', name), '\nline ') : 0;
  /** Each of them goes on, and no monitor is missed: they are asked for two more lines. */
  const goOn = async (): Promise<void> => {
    const before = names.map(lines);
    await eventually(() => names.every((name, index) => lines(name) >= (before[index] ?? 0) + 2), {
      ...within,
      what: 'all eight go on',
    });
  };
  await eventually(() => names.every((name) => lines(name) > 0), { ...within, what: 'all eight run' });
  await goOn();

  const first = await show('MainPID');
  await machine.run(['kill', '-KILL', first]);
  await restarted(1);
  expect(await show('MainPID')).not.toBe(first);
  await goOn();

  await systemctl('restart', 'sjq');
  await goOn();

  await machine.upgrade();
  await goOn();
  await systemctl('restart', 'sjq');
  expect(await show('ActiveState')).toBe('active');
  await goOn();

  await systemctl('stop', 'sjq');
  expect(await show('ActiveState')).toBe('inactive');
  expect(await show('Result')).toBe('success');
  expect(await show('ExecMainStatus')).toBe('0');
  await goOn();
  await systemctl('start', 'sjq');
  await goOn();

  await machine.sh(`touch ${root}/enough`, 'sjq');
  for (const name of names) {
    const text = await ended('done-q', name);
    expect(text).toMatch(/\ndone exit=0 #1 /);
    // Nothing else stands there: no line is missing, and none of the traps spoke.
    const log = text.slice(text.indexOf('==== JOB LOG')).trimEnd().split('\n').slice(2);
    const total = log.length - 1;
    expect(log).toEqual([...Array.from({ length: total }, (_, index) => `line ${index + 1}`), `lines ${total}`]);
  }
  await eventually(() => readdirSync(file('.sjq/claimed')).length === 0, {
    ...within,
    what: 'nothing is left of them',
  });
  expect(names.map((name) => count(read('history.jsonl'), `"name":"${name}"`))).toEqual(names.map(() => 1));
});

it('a watchdog leaves an idle monitor alone, and restarts one that was stopped in its tracks', async () => {
  await machine.sh(
    'mkdir -p /etc/systemd/system/sjq.service.d; printf "[Service]\\nWatchdogSec=3\\n" > /etc/systemd/system/sjq.service.d/test.conf',
  );
  await systemctl('daemon-reload');
  await systemctl('restart', 'sjq');
  const pid = await show('MainPID');
  // Longer than the watchdog's time: two signs of life came.
  const sign = (): Promise<string> => show('WatchdogTimestampMonotonic');
  const started = Number(await sign());
  await eventually(async () => Number(await sign()) - started > 3_000_000, { ...within, what: 'signs of life come' });
  expect(await show('MainPID')).toBe(pid);
  await machine.run(['kill', '-STOP', pid]);
  await restarted(1);
  expect(await journal()).toContain('Watchdog timeout');
  await machine.run(['rm', '/etc/systemd/system/sjq.service.d/test.conf']);
  await systemctl('daemon-reload');
  await submit('after-watchdog', 'true');
  await ended('done-q', 'after-watchdog');
});

it('FINISH ends it for good, and a bad config.yaml is neither served nor tried again', async () => {
  await machine.sh(`echo FINISH >> ${root}/monitor_reads`);
  await eventually(async () => (await show('ActiveState')) === 'inactive', { ...within, what: 'it ends' });
  expect(await show('Result')).toBe('success');
  await machine.sh(`cp -p ${root}/config.yaml ${root}/.good; echo 'slots: many' > ${root}/config.yaml`);
  await expect(systemctl('start', 'sjq')).rejects.toThrow();
  // 'failed' is an end: a start that is to be tried again is 'activating'.
  expect(await show('ActiveState')).toBe('failed');
  expect(await show('ExecMainStatus')).toBe('78');
  await machine.sh(`mv ${root}/.good ${root}/config.yaml`);
  await systemctl('reset-failed', 'sjq');
  await systemctl('start', 'sjq');
});

it('hardened.conf lets jobs run, end and live through a restart, in a smaller world', async () => {
  await type('Less than everything');
  await submit(
    'small-world',
    `echo x > /tmp/x && cat /tmp/x; ls -A /home || echo no /home; touch /usr/x || echo no /usr; touch /var/lib/x || echo no /var/lib
     cat /proc/self/cgroup; grep CapBnd /proc/self/status; unshare -r true || echo no namespaces; ps -e | grep systemd`,
  );
  const text = await ended('done-q', 'small-world');
  expect(text).toMatch(
    /\nx\n[^]*no \/home\n[^]*no \/usr\n[^]*no \/var\/lib\n[^]*\/sjq-jobs-\d+\/[^]*CapBnd:\t0+\n[^]*no namespaces\n/,
  );
  expect(text).toMatch(/\n +1 .*systemd\n/);
  // A temporary file of a running job stays its own over a restart, and its end is seen by the next monitor.
  await submit(
    'keeps-its-tmp',
    `echo kept > /tmp/mine; until [ -e ${root}/restarted ]; do sleep 0.1; done; cat /tmp/mine; pwd > /tmp/more; ps -e | wc -l`,
  );
  await eventually(() => readdirSync(file('currently-executing')).includes('keeps-its-tmp'), {
    ...within,
    what: 'it runs',
  });
  await systemctl('restart', 'sjq');
  await machine.sh(`touch ${root}/restarted`, 'sjq');
  expect(await ended('done-q', 'keeps-its-tmp')).toMatch(/done exit=0 #1 [^]*\nkept\n/);
  await submit('daemon-too', 'env -i setsid sleep 87654 & sleep 1000');
  const sleepers = async (): Promise<string> => machine.run(['pgrep', '-cfx', 'sleep 87654'], '');
  await eventually(async () => /^1/.test(await sleepers()), { ...within, what: 'the daemon runs' });
  await machine.sh(`echo KILL JOB daemon-too >> ${root}/monitor_reads`);
  await ended('fail-q', 'daemon-too');
  expect(await sleepers()).toMatch(/^0/);
});

it('the user unit serves ~/queue-root of somebody who is not logged in', async () => {
  const asAlice = (script: string): Promise<string> =>
    machine.sh(`cd; export XDG_RUNTIME_DIR=/run/user/$(id -u); ${script}`, 'alice');
  // Whoever has no session is not asked; root may.
  await machine.run(['loginctl', 'enable-linger', 'alice']);
  await eventually(async () => /running|degraded/.test(await asAlice('systemctl --user is-system-running || true')), {
    ...within,
    what: 'her manager runs',
  });
  await type('A queue of your own', 0, 'alice');
  await asAlice(`sjq submit -n mine 'cat /proc/self/cgroup'`);
  expect(await asAlice('systemctl --user show -P StatusText sjq')).toBe('serves /home/alice/queue-root');
  const done = machine.path('/home/alice/queue-root/done-q/mine');
  await eventually(() => readFileSync(done, 'utf8').includes('/sjq.service/sjq-jobs-'), {
    ...within,
    what: 'her job ran',
  });
  await asAlice('systemctl --user stop sjq');
  expect(await asAlice('systemctl --user show -P Result,ActiveState sjq')).toBe('success\ninactive');
});
