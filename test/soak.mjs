// `npm run soak -- [--minutes N] [--count N] [--durability power|process]`: small UOWs without a pause through a real monitor, which
// is stopped, killed and started in the first and the last quarter and only reloaded in between. Ends with a verdict, and exit
// code 1 if it is not good: each UOW ran once, and memory, descriptors and watches of that one long life are flat.
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1440' },
    count: { type: 'string', default: '1000000' },
    durability: { type: 'string', default: 'process' },
  },
});
const wanted = Number(values.count);
const [beganAt, lastsMs] = [Date.now(), Number(values.minutes) * 60_000];
const project = dirname(import.meta.dirname);
const { openRoot } = await import(join(project, 'dist/index.js'));

/** So many wait at most, and so many are dropped at once. */
const [waitingAtMost, batch] = [400, 100];
/** After so many UOWs that ended the monitor is started anew or, in its long life, reloaded. */
const turn = 500;
const sampleEveryMs = 1000;
/** If none ends for so long, something hangs. */
const patienceMs = 120_000;
/** By how much the median of the long life's last third may be above that of its first, after a warm-up of a fifth of it. */
const tolerance = { share: 0.1, rssMiB: 6, descriptors: 2, watches: 0 };

const work = mkdtempSync(join(tmpdir(), 'sjq-soak-'));
const [root, beside, notebook] = ['root', 'drop', 'ran'].map((name) => join(work, name));
for (const folder of [root, beside]) mkdirSync(folder);
writeFileSync(notebook, '');
writeFileSync(join(root, 'config.yaml'), `slots: 4\ndurability: ${values.durability}\n`);
const library = openRoot(root);

const ended = { done: 0, error: 0, fail: 0 };
const turns = { stops: 0, kills: 0, reloads: 0 };
const samples = [];
const problems = [];
let dropped = 0;
let [turnedAt, sampledAt, toldAt, endedAt, longLife] = [0, 0, 0, Date.now(), undefined];
let monitor = await start();
try {
  while (endedCount() < dropped || (dropped < wanted && Date.now() < beganAt + lastsMs)) {
    if (Date.now() >= endedAt + patienceMs) {
      problems.push(`for ${patienceMs / 1000} s none has ended of ${left().join(', ')}`);
      break;
    }
    if (Date.now() < beganAt + lastsMs && dropped - endedCount() < waitingAtMost) drop();
    takeAway();
    if (Date.now() >= sampledAt + sampleEveryMs) sample();
    if (endedCount() >= turnedAt + turn || (longLife === undefined && way() >= 0.25)) await another();
    if (Date.now() >= toldAt + 10_000) tell();
    await wait(50);
  }
  tell();
  process.exitCode = isGood() ? 0 : 1;
} finally {
  await end('SIGTERM');
  rmSync(work, { recursive: true, force: true });
}

function endedCount() {
  return ended.done + ended.error + ended.fail;
}

/** A mix: executed directly and by a shell, moved in and submitted, with a timeout and without, some that say no. */
function drop() {
  for (let each = 0; each < batch && dropped < wanted; each++) {
    const id = dropped++;
    const line = join(work, `line-${id}`);
    const isDirect = id % 4 === 1;
    if (isDirect) writeFileSync(line, `${id}\n`);
    const direct = `dd if=${line} of=${notebook} oflag=append conv=notrunc status=none`;
    const shell = `echo ${id} >> ${notebook}; echo "line of ${id}"${id % 10 === 0 ? '; exit 3' : ''}`;
    const header = [`command :: ${isDirect ? direct : shell}`, ...(id % 7 === 0 ? ['timeout :: 1h'] : [])];
    const text = ['==== UNIT OF WORK', '', ...header, ''].join('\n');
    if (id % 2 === 0) {
      library.submit({ name: `u${id}`, text });
      continue;
    }
    const file = join(beside, `u${id}`);
    writeFileSync(file, text);
    // At rest for long, so that it need not settle.
    utimesSync(file, 1e9, 1e9);
    renameSync(file, join(root, 'wait-q', `u${id}`));
  }
}

/** What a person does now and then: takes the ended away. One that has a second name is not yet over. */
function takeAway() {
  for (const outcome of Object.keys(ended)) {
    for (const name of readdirSync(join(root, `${outcome}-q`)).filter((each) => /^u\d+/.test(each))) {
      const path = join(root, `${outcome}-q`, name);
      if (statSync(path).nlink > 1) continue;
      if (outcome === 'fail')
        problems.push(`${name}: ${/==== STATUS\n+([^\n]*)/.exec(readFileSync(path, 'latin1'))?.[1]}`);
      rmSync(path);
      rmSync(join(work, `line-${name.slice(1)}`), { force: true });
      ended[outcome] += 1;
      endedAt = Date.now();
    }
  }
}

function left() {
  return ['wait-q', 'currently-executing'].flatMap((queue) =>
    readdirSync(join(root, queue))
      .filter((name) => /^u\d+/.test(name))
      .map((name) => `${queue}/${name}`),
  );
}

/** A quarter of the way, by time or by count, is 0.25. */
function way() {
  return Math.max((Date.now() - beganAt) / lastsMs, endedCount() / wanted);
}

async function another() {
  turnedAt = endedCount();
  const isLong = way() >= 0.25 && way() < 0.75;
  if (isLong && longLife === monitor.pid) {
    monitor.kill('SIGHUP');
    turns.reloads += 1;
    return;
  }
  const isKill = (turns.stops + turns.kills) % 2 === 1;
  turns[isKill ? 'kills' : 'stops'] += 1;
  await end(isKill ? 'SIGKILL' : 'SIGTERM');
  monitor = await start();
  if (isLong) longLife = monitor.pid;
}

async function start() {
  const child = spawn(process.execPath, [join(project, 'dist/cli/main.js'), 'monitor', '--root', root], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const isUp = () => said.includes('monitor-started');
  child.stderr.setEncoding('utf8').on('data', (text) => (isUp() ? undefined : (said += text)));
  for (let tries = 0; !isUp(); tries++) {
    if (tries > 3000 || child.exitCode !== null) throw new Error(`the monitor does not start: ${said}`);
    await wait(20);
  }
  return child;
}

async function end(signal) {
  const over = new Promise((resolve) => monitor.once('exit', resolve));
  if (monitor.exitCode !== null || monitor.signalCode !== null) return;
  monitor.kill(signal);
  await over;
}

function sample() {
  sampledAt = Date.now();
  const launcher = readFileSync(`/proc/${monitor.pid}/task/${monitor.pid}/children`, 'utf8')
    .split(' ')
    .find((pid) => pid !== '' && contentOf(`/proc/${pid}/cmdline`).includes('launcher.sh'));
  if (launcher === undefined) return;
  samples.push({ life: monitor.pid, monitor: measured(monitor.pid), launcher: measured(launcher) });
}

function measured(pid) {
  const rssMiB = Number(/^VmRSS:\s+(\d+)/m.exec(contentOf(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
  const descriptors = readdirSync(`/proc/${pid}/fd`);
  const watches = descriptors.reduce(
    (sum, fd) => sum + (contentOf(`/proc/${pid}/fdinfo/${fd}`).match(/^inotify wd:/gm)?.length ?? 0),
    0,
  );
  return { rssMiB, descriptors: descriptors.length, watches };
}

/** Gives what a file of a process holds that may be gone by now. */
function contentOf(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(error.code)) return '';
    throw error;
  }
}

function tell() {
  toldAt = Date.now();
  const { monitor: of, launcher } = samples.at(-1) ?? {};
  const shown = (each) =>
    each === undefined ? '-' : `${each.rssMiB.toFixed(1)} MiB, ${each.descriptors} fds, ${each.watches} watches`;
  const seconds = Math.round((toldAt - beganAt) / 1000);
  const { stops, kills, reloads } = turns;
  console.log(
    `${seconds} s: ${endedCount()} of ${dropped} ended (${ended.error} error, ${ended.fail} fail), ${stops} stops, ${kills} kills, ${reloads} reloads; monitor ${shown(of)}; launcher ${shown(launcher)}`,
  );
}

function isGood() {
  const ran = new Map();
  for (const id of readFileSync(notebook, 'latin1').split('\n').filter(Boolean)) ran.set(id, (ran.get(id) ?? 0) + 1);
  for (let id = 0; id < dropped; id++) {
    const count = ran.get(String(id)) ?? 0;
    if (count !== 1) problems.push(`u${id} ran ${count} times`);
  }
  const long = samples.filter(({ life }) => life === longLife);
  const settled = long.slice(Math.ceil(long.length / 5));
  const third = Math.floor(settled.length / 3);
  if (third < 10) problems.push(`only ${long.length} samples of the long life: let it run longer`);
  for (const who of ['monitor', 'launcher']) {
    for (const what of ['rssMiB', 'descriptors', 'watches']) {
      const median = (of) => of.map((each) => each[who][what]).sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;
      const [first, last] = [median(settled.slice(0, third)), median(settled.slice(-third))];
      const most = what === 'rssMiB' ? first * (1 + tolerance.share) + tolerance.rssMiB : first + tolerance[what];
      const verdict = last <= most ? 'flat' : 'GROWS';
      console.log(
        `${who} ${what}: ${first.toFixed(1)} in the first third, ${last.toFixed(1)} in the last of ${settled.length} samples, ${most.toFixed(1)} at most: ${verdict}`,
      );
      if (last > most) problems.push(`${what} of the ${who} grows`);
    }
  }
  console.log(problems.length === 0 ? `good: ${dropped} UOWs, each ran once` : problems.slice(0, 20).join('\n'));
  return problems.length === 0;
}
