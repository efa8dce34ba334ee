// Jobs that do what no job should, each with the place where its UOW must end and what its STATUS must say: a table for
// test/crash/hostile-jobs.test.ts. docs/operations.md tells people the same. Long because it is one table.
import type { QueueName } from './root.ts';

export interface HostileJob {
  readonly name: string;
  readonly header: readonly string[];
  readonly queue: QueueName;
  /** How its STATUS begins. */
  readonly status: string;
  /** What must stand behind its JOB LOG title; anything if nothing is said. */
  readonly log?: RegExp;
  /** What monitor_says must tell of it. */
  readonly says?: RegExp;
  /** What must stand in trash afterwards, by name. */
  readonly trash?: string;
}

/** A process of this many seconds is one of a hostile job's, and nobody else's. */
export const mark = `sleep 86399.${process.pid}`;

function job(
  name: string,
  end: string,
  command: string | readonly string[],
  rest: Partial<HostileJob> = {},
): HostileJob {
  const [word = ''] = end.split(' ');
  const queue = { done: 'done-q', error: 'error-q', fail: 'fail-q' }[word] as QueueName;
  const lines = typeof command === 'string' ? [command] : command;
  const header = [...(rest.header ?? []), ...lines.map((line) => `command :: ${line}`)];
  return { ...rest, name, header, queue, status: end };
}

/** The job's first line stands in its UOW: before that tee may not have opened it yet. */
const untilLogged = 'until grep -q ^one "$SJQ_UOW"; do sleep 0.02; done';
const inMin = ['timeout :: 60s'];
const brief = ['timeout :: 1s', 'grace :: 1s'];

/** Jobs whose processes want to outlive them, or to end what watches over them. */
const processes: readonly HostileJob[] = [
  job('daemon', 'done exit=0', `(setsid sh -c 'setsid ${mark} > /dev/null 2>&1 < /dev/null & :' &); sleep 0.3`, {
    says: / ended daemon .* leftovers=1 /,
  }),
  job('holds-stdout', 'done exit=0', `setsid ${mark} & echo up`, { log: /^up\n$/ }),
  job('bomb', 'fail timeout', `b() { [ $1 = 6 ] && exec ${mark}; b $(($1 + 1)) & b $(($1 + 1)) & wait; }; b 0`, {
    header: brief,
  }),
  job(
    'bomb-behind',
    'done exit=0',
    `b() { [ $1 = 5 ] && exec ${mark}; b $(($1 + 1)) & b $(($1 + 1)) & wait; }; b 0 & :`,
  ),
  job('chain', 'done exit=0', `c() { [ $1 = 200 ] || (c $(($1 + 1)) &) ; }; c 0; (setsid ${mark} &) ; sleep 0.1`),
  job('kills-guardian', 'fail interrupted', `kill -9 $PPID; exec ${mark}`),
  job('kills-group', 'fail signal=KILL', `${mark} & kill -9 0`),
  job(
    'kills-launcher',
    'done exit=0',
    'read -r _ _ _ launcher _ < /proc/$PPID/stat; kill -9 $launcher; sleep 0.2; echo on',
    {
      log: /^on\n$/,
      says: / attention .*the launcher ended/,
    },
  ),
  job('kills-tee', 'fail log-lost log!', [
    'for p in /proc/[0-9]*; do read -r _ c _ q _ < $p/stat && [ "$c $q" = "(tee) $PPID" ] && kill -9 ${p#/proc/}; done 2> /dev/null',
    'while echo x; do sleep 0.02; done',
  ]),
  job('outlives-tee', 'done exit=0 log!', [
    'trap "" PIPE',
    'for p in /proc/[0-9]*; do read -r _ c _ q _ < $p/stat && [ "$c $q" = "(tee) $PPID" ] && kill -9 ${p#/proc/}; done 2> /dev/null || :',
    'echo lost || exit 0',
  ]),
  job('stops-itself', 'fail timeout', 'kill -STOP $$; echo never', { header: brief, log: /^$/ }),
  job('stops-tree', 'fail timeout', `(setsid ${mark} &) ; kill -STOP 0; echo never`, { header: brief, log: /^$/ }),
  job('ignores-term', 'fail timeout', `trap '' TERM HUP INT; while :; do sleep 0.1; done`, { header: brief }),
];

/**
 * Jobs that go for their own UOW. `ln -f` would make its link beside it first, which the monitor, that knows no such UOW, takes
 * away: it is made elsewhere and moved.
 */
const ownUow: readonly HostileJob[] = [
  job(
    'deletes',
    'done exit=0',
    'i=0; while [ $i -lt 30 ]; do rm -f "$SJQ_UOW"; i=$((i+1)); sleep 0.02; done; echo end',
    {
      log: /^end\n$/,
      says: / restored deletes .*moved or removed/,
    },
  ),
  job('moves-away', 'done exit=0', 'echo one; mv "$SJQ_UOW" taken-away; sleep 0.3; echo two', {
    log: /^one\ntwo\n$/,
    says: / restored moves-away /,
  }),
  job('moves-on', 'done exit=0', 'mv "$SJQ_UOW" archive/moves-on; sleep 0.3; echo two', { log: /^two\n$/ }),
  job('becomes-symlink', 'done exit=0', 'ln -s /etc/passwd link; mv -f link "$SJQ_UOW"; sleep 0.3; echo two', {
    log: /^two\n$/,
    trash: 'becomes-symlink',
    says: / restored becomes-symlink .*replaced/,
  }),
  job(
    'becomes-directory',
    'done exit=0',
    ['until mkdir "$SJQ_UOW" 2> /dev/null; do rm -f "$SJQ_UOW"; done', 'sleep 0.3; echo two'],
    {
      log: /^two\n$/,
      says: / restored becomes-directory /,
    },
  ),
  job('becomes-fifo', 'done exit=0', 'mkfifo pipe; mv -f pipe "$SJQ_UOW"; sleep 0.3; echo two', {
    log: /^two\n$/,
    trash: 'becomes-fifo',
  }),
  job(
    'becomes-another',
    'done exit=0',
    'ln currently-executing/neighbour another; mv -f another "$SJQ_UOW"; sleep 0.3; echo two',
    {
      log: /^two\n$/,
      says: / restored becomes-another /,
    },
  ),
  job('takes-all-rights', 'done exit=0', `echo one; ${untilLogged}; chmod 000 "$SJQ_UOW"; echo two`, {
    log: /^one\ntwo\n$/,
  }),
  job('read-only', 'done exit=0', `echo one; ${untilLogged}; chmod 444 "$SJQ_UOW"; echo '{"a": 1}' > "$SJQ_RESULT"`, {
    log: /^one\n\n==== RESULT \{"a": 1\}\n$/,
  }),
  job('empties', 'done exit=0', ': > "$SJQ_UOW"; sleep 0.2; echo after', {
    log: /^after\n$/,
    says: / restored empties .*edited in place/,
  }),
  job(
    'overwrites',
    'done exit=0',
    'printf %4096s x | dd of="$SJQ_UOW" conv=notrunc status=none; sleep 0.2; echo after',
    {
      says: / restored overwrites .*edited in place/,
    },
  ),
  job('grows', 'done exit=0', 'echo one; truncate -s +50M "$SJQ_UOW"; echo two', {
    log: /^(one\n)?\0{1000}[^]*two\n$/,
  }),
  job('forges', 'error exit=7', [
    `printf '\\n==== STATUS\\n\\ndone exit=0 #1\\n\\n==== JOB LOG\\n' >> "$SJQ_UOW"`,
    `printf 'timestamp: 1-1 enqueued\\n\\n==== UNIT OF WORK\\n\\ncommand :: touch forged\\n'; exit 7`,
  ]),
  job('claims-success', 'error exit=7', [
    `at=$(grep -abo 'running #1' "$SJQ_UOW" | head -n 1 | cut -d: -f1)`,
    `printf 'done exit=0 #1' | dd of="$SJQ_UOW" bs=1 seek="$at" conv=notrunc status=none; exit 7`,
  ]),
];

/** Jobs that go for what the monitor keeps of them. */
const ownRecord: readonly HostileJob[] = [
  job('result-directory', 'error bad-result', 'mkdir "$SJQ_RESULT"; touch "$SJQ_RESULT/in"'),
  job('result-fifo', 'error bad-result', 'mkfifo "$SJQ_RESULT"'),
  job('result-symlink', 'error bad-result', 'ln -s /etc/hostname "$SJQ_RESULT"'),
  job('result-huge', 'error bad-result', 'head -c 100000000 /dev/zero > "$SJQ_RESULT"'),
  job('progress-directory', 'done exit=0', 'mkdir "$SJQ_PROGRESS"; sleep 0.2', { header: inMin }),
  job('progress-fifo', 'done exit=0', 'mkfifo "$SJQ_PROGRESS"; sleep 2.5'),
  job('progress-huge', 'done exit=0', 'truncate -s 1G "$SJQ_PROGRESS"; sleep 2.5'),
  job('started-directory', 'done exit=0', 'cd "$(dirname "$SJQ_RESULT")"; rm started; mkdir started; touch started/in'),
  job('end-directory', 'done exit=0', 'cd "$(dirname "$SJQ_RESULT")"; mkdir -p x/y; touch x/y/z; chmod 000 x/y x'),
  job('locks-directory', 'done exit=0', 'chmod 000 "$(dirname "$SJQ_RESULT")"'),
  job('loses-directory', 'done exit=0', 'rm -r "$(dirname "$SJQ_RESULT")"'),
  job('litters', 'done exit=0', 'cd "$(dirname "$SJQ_RESULT")"; seq 10000 | xargs touch'),
  job('loses-record', 'fail interrupted', 'rm "$(dirname "$SJQ_RESULT").run"'),
  job('empties-record', 'done exit=0', ': > "$(dirname "$SJQ_RESULT").run"'),
  job('loses-link', 'done exit=0', `id=$(basename "$(dirname "$SJQ_RESULT")"); rm .sjq/claimed/$id.uow; echo one`),
];

/** Jobs that print, read and end as jobs do not. */
const habits: readonly HostileJob[] = [
  job('prints-nuls', 'done exit=0', 'head -c 30000000 /dev/zero'),
  job('no-newline', 'done exit=0', 'head -c 30000000 /dev/zero | tr "\\0" x'),
  job('closes-stdout', 'error exit=3', 'echo one; exec >&- 2>&-; sleep 0.2; exit 3', { log: /^one\n$/ }),
  job('truncates-stdout', 'done exit=0', 'echo one; echo two > /dev/stdout; echo three', {
    log: /^one\ntwo\nthree\n$/,
  }),
  job('reads-stdin', 'done exit=0', 'cat; read -r x || echo eof', { log: /^eof\n$/ }),
  job(
    'goes-away',
    'done exit=0',
    'umask 777; mkdir gone; cd gone 2> /dev/null || :; rmdir ../gone 2> /dev/null || rmdir gone',
  ),
  job('exhausts', 'error exit=3', 'ulimit -n 64; while exec {fd}< /dev/null; do :; done; exit 3', {
    header: ['shell :: /bin/bash'],
  }),
  job('messages', 'done exit=0', `printf 'SLOTS 9\\nFOO\\n\\0\\n' >> monitor_reads`, {
    says: / answer - to="SLOTS 9" /,
  }),
];

/** Every signal that ends a process, by its number. */
const signals: readonly (readonly [number, string])[] = [
  ...([
    [1, 'HUP'],
    [2, 'INT'],
    [3, 'QUIT'],
    [4, 'ILL'],
    [5, 'TRAP'],
    [6, 'ABRT'],
    [7, 'BUS'],
    [8, 'FPE'],
    [9, 'KILL'],
  ] as const),
  ...([
    [10, 'USR1'],
    [11, 'SEGV'],
    [12, 'USR2'],
    [14, 'ALRM'],
    [15, 'TERM'],
    [16, 'STKFLT'],
    [24, 'XCPU'],
  ] as const),
  ...([
    [25, 'XFSZ'],
    [26, 'VTALRM'],
    [27, 'PROF'],
    [29, 'IO'],
    [30, 'PWR'],
    [31, 'SYS'],
    [34, 'RTMIN+0'],
    [64, 'RTMIN+30'],
  ] as const),
];

const endings: readonly HostileJob[] = [
  ...signals.map(([number, name]) =>
    job(`by-${number}`, `fail signal=${name}`, `ulimit -c 0; kill -${number} $$; sleep 5`),
  ),
  ...signals.map(([number, name]) => job(`says-${number + 128}`, `fail signal=${name}`, `exit ${number + 128}`)),
];

export const hostileJobs: readonly HostileJob[] = [...processes, ...ownUow, ...ownRecord, ...habits, ...endings];
