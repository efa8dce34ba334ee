// Faults of the protocol that somebody might make, each with the rigs that must catch it: `from`, which stands in the file once, becomes
// `to`. test/mutants/faults.test.ts holds every one to the source as it is; run.mjs builds them in. Rigs are `FILE` or `FILE > part of a title`.

const power = 'test/crash/power-cuts.test.ts';
const calls = 'test/crash/calls.test.ts';
const storm = 'test/crash/kill-storm.test.ts';
const rows = 'test/crash/rows.test.ts';
const table = 'test/crash/table.test.ts';

/** @type {readonly { readonly name: string, readonly file: string, readonly from: string, readonly to: string, readonly caughtBy: readonly string[] }[]} */
export const faults = [
  // Power: what is not synced, or in another order.
  {
    name: 'submit does not sync its file',
    file: 'src/monitor/submit.ts',
    from: 'files.create(beside, content, { mode: 0o644, sync });',
    to: 'files.create(beside, content, { mode: 0o644, sync: false });',
    caughtBy: [power],
  },
  {
    name: 'submit does not sync the directory',
    file: 'src/monitor/submit.ts',
    from: 'if (sync) files.syncDirectory(dir);',
    to: 'if (sync && dir === undefined) files.syncDirectory(dir);',
    caughtBy: [power],
  },
  {
    name: 'no directory is synced before old names go and jobs start',
    file: 'src/monitor/apply/batch.ts',
    from: 'if (!guard(() => this.#sync(this.#made))) return this.#giveUp(guard);',
    to: 'if (!guard(() => this.#made.clear())) return this.#giveUp(guard);',
    caughtBy: [power],
  },
  {
    name: 'a failed sync is believed',
    file: 'src/monitor/apply/batch.ts',
    from: 'if (!guard(() => this.#sync(this.#made))) return this.#giveUp(guard);',
    to: 'guard(() => this.#sync(this.#made));',
    caughtBy: [calls, 'test/monitor/apply/batch.test.ts'],
  },
  {
    name: 'what must come after a removal does not wait for its sync',
    file: 'src/monitor/apply/batch.ts',
    from: 'if (!guard(() => this.#sync(this.#removed))) return this.#giveUp(guard);',
    to: 'this.#removed.clear();',
    caughtBy: [power, 'test/monitor/apply/batch.test.ts'],
  },
  {
    name: 'jobs are launched before their claims are durable',
    file: 'src/monitor/apply/claim.ts',
    from: 'if (!result) batch.after(() => launch(context, run));',
    to: 'if (!result) launch(context, run);',
    caughtBy: [power],
  },
  {
    name: 'the run record is not synced',
    file: 'src/monitor/apply/claim.ts',
    from: 'files.create(own.record, recordText(record, result), { mode: 0o600, sync: batch.sync });',
    to: 'files.create(own.record, recordText(record, result), { mode: 0o600, sync: false });',
    caughtBy: [power],
  },
  {
    name: 'STATUS running is not synced before the launch',
    file: 'src/monitor/apply/claim.ts',
    from: 'writeStatus(machine.files, place, status, sync);',
    to: 'writeStatus(machine.files, place, status, sync && record.id === undefined);',
    caughtBy: [power],
  },
  {
    name: 'the stamped copy is not synced at intake',
    file: 'src/monitor/apply/take-in.ts',
    from: '{ mode: (stat.mode & 0o777) | 0o600, sync });',
    to: '{ mode: (stat.mode & 0o777) | 0o600, sync: sync && false });',
    caughtBy: [power],
  },
  {
    name: 'the destination and the result are not synced before the UOW is moved',
    file: 'src/monitor/apply/destination.ts',
    from: 'textFromDestination(run.destination), { sync });',
    to: 'textFromDestination(run.destination), { sync: sync && false });',
    caughtBy: [power],
  },
  {
    name: 'a message that waits to be done again is not synced when it is resolved',
    file: 'src/monitor/messages/drawer.ts',
    from: 'bytesFromUtf8(`${endOffset} ${id}\\n`), { sync });',
    to: 'bytesFromUtf8(`${endOffset} ${id}\\n`), { sync: sync && false });',
    caughtBy: [power],
  },
  // Names: rename for link, and order.
  {
    name: 'the final move renames over what stands there',
    file: 'src/monitor/apply/destination.ts',
    from: 'const linked = machine.files.link(own.uow, path);',
    to: "const linked = machine.files.rename(join(paths.queue.executing, run.record.name), path) as 'ok' | 'exists' | 'gone';",
    caughtBy: [calls, 'test/e2e/hands.test.ts'],
  },
  {
    name: 'submit renames over what stands there',
    file: 'src/monitor/submit.ts',
    from: "if (files.link(beside, path) !== 'ok') continue;",
    to: "if (files.rename(beside, path) !== 'ok') continue;",
    caughtBy: ['test/monitor/submit.test.ts', calls, 'test/cli/submit.test.ts'],
  },
  {
    name: 'intake drops the original before its copy stands in the queue',
    file: 'src/monitor/apply/take-in.ts',
    from: '  const copy = copyPath(context, queue, ino);\n  files.unlink(copy);\n  files.create(',
    to: '  const copy = copyPath(context, queue, ino);\n  files.unlink(copy);\n  files.unlink(aside);\n  files.create(',
    caughtBy: [calls],
  },
  {
    name: 'recovery of an intake drops the original without looking at its copy',
    file: 'src/monitor/apply/take-in.ts',
    from: 'if ((files.stat(copy)?.links ?? 0) < 2) putBack(context, queue, name);',
    to: 'if ((files.stat(copy)?.links ?? 0) < 0) putBack(context, queue, name);',
    caughtBy: [calls],
  },
  {
    name: 'recovery of an intake gives the original its name back beside its copy',
    file: 'src/monitor/apply/take-in.ts',
    from: 'if ((files.stat(copy)?.links ?? 0) < 2) putBack(context, queue, name);',
    to: 'if ((files.stat(copy)?.links ?? 0) < 9) putBack(context, queue, name);',
    caughtBy: [calls],
  },
  {
    name: 'a name in archive counts as free',
    file: 'src/monitor/apply/names.ts',
    from: "if (queue === 'trash') continue;",
    to: "if (queue === 'trash' || queue === 'archive') continue;",
    caughtBy: ['test/monitor/apply/names.test.ts', 'test/e2e/hands.test.ts'],
  },
  {
    name: 'the record goes before the history has its line',
    file: 'src/monitor/apply/finish.ts',
    from: '    appendAttempt(context, run, { name, outcome, facts: { ...facts, endedAt }, logBytes }, isAgain);\n',
    to: '    dropNow(context, run);\n    appendAttempt(context, run, { name, outcome, facts: { ...facts, endedAt }, logBytes }, isAgain);\n',
    caughtBy: [calls],
  },
  {
    name: 'the history is not searched before a line is written again',
    file: 'src/monitor/history.ts',
    from: 'if (tail !== undefined && hasEntry(tail, unless)) return;',
    to: 'if (tail === undefined && hasEntry(line, unless)) return;',
    caughtBy: [calls],
  },
  {
    name: 'a record that a crash left without its second link is launched',
    file: 'src/monitor/apply/claim.ts',
    from: '  batch.made(paths.runs, paths.claimed, paths.queue.executing);\n  if (uow',
    to: '  batch.made(paths.runs);\n  if (uow',
    caughtBy: [power],
  },
  // What is concluded.
  {
    name: 'an interrupted UOW that is not idempotent runs again',
    file: 'src/plan/rules/recover.ts',
    from: 'if (record.judging.idempotent) {',
    to: 'if (record.judging.idempotent || record.attempt > 0) {',
    caughtBy: [rows, table, storm],
  },
  {
    name: 'an interrupted idempotent UOW runs as the same attempt again',
    file: 'src/plan/rules/recover.ts',
    from: "back: { to: record.queue, attempts: record.attempt, why: 'interrupted' }",
    to: "back: { to: record.queue, attempts: record.attempt - 1, why: 'interrupted' }",
    caughtBy: [rows, calls, storm],
  },
  {
    name: 'what was withdrawn is launched',
    file: 'src/monitor/survey/runs.ts',
    from: "run.started = text.startsWith('withdrawn') ? 'withdrawn' : 'yes';",
    to: "run.started = text.startsWith('withdrawn') ? 'no' : 'yes';",
    caughtBy: [rows, calls],
  },
  {
    name: 'another boot is taken for this one',
    file: 'src/monitor/survey/runs.ts',
    from: 'const isSameBoot = record.bootId === bootId;',
    to: "const isSameBoot = record.bootId === bootId || bootId !== '';",
    caughtBy: [rows, table, power],
  },
  {
    name: 'a guardian lives if its pid does',
    file: 'src/monitor/survey/runs.ts',
    from: 'if (pid !== undefined && processes.hasOpen(pid, run.recordFile)) run.guardianPid = pid;',
    to: 'if (pid !== undefined && processes.isAlive(pid)) run.guardianPid = pid;',
    caughtBy: [table, rows, 'test/crash/kill.test.ts'],
  },
  {
    name: 'the tree of a killed guardian is left alone',
    file: 'src/monitor/apply/ask.ts',
    from: 'const { survivors } = await processes.endTree({ token: run.record.token, groups }, graceMs, clock);',
    to: 'const { survivors } = await processes.endTree({ token: `none-${groups.length}` }, graceMs, clock);',
    caughtBy: ['test/crash/kills.test.ts', storm],
  },
  {
    name: 'a UOW that says running without a record waits for its turn',
    file: 'src/plan/rules/intake.ts',
    from: "if (head.status?.word === 'running' && !arrival.hasOriginal) return { kind: 'interrupt', arrival };",
    to: "if (head.status?.word === 'running' && arrival.hasOriginal) return { kind: 'interrupt', arrival };",
    caughtBy: [rows, calls],
  },
  {
    name: 'a stamp alone proves that a file is whole',
    file: 'src/plan/rules/intake.ts',
    from: 'return head.event === `submitted size=${arrival.sizeBytes}`;',
    to: 'return head.stamp !== undefined || head.event === `submitted size=${arrival.sizeBytes}`;',
    caughtBy: ['test/plan/rules/intake.test.ts', 'test/e2e/arrivals.test.ts'],
  },
  {
    name: 'nobody is asked who still writes to a young file',
    file: 'src/plan/rules/intake.ts',
    from: "if (now - since >= youngMs || arrival.isBeingWritten === false) return 'settled';",
    to: "if (now - since >= 0 || arrival.isBeingWritten === false) return 'settled';",
    caughtBy: ['test/plan/rules/intake.test.ts', 'test/e2e/arrivals.test.ts'],
  },
  // Files.
  {
    name: 'STATUS is written through an append descriptor',
    file: 'src/system/files.ts',
    from: 'withOpen(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {',
    to: 'withOpen(path, O_RDWR | O_APPEND | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {',
    caughtBy: ['test/system/files.test.ts', calls],
  },
  {
    name: 'a file that could not be written whole stays',
    file: 'src/system/files.ts',
    from: '          fs.unlinkSync(bufferFromBytes(path));\n          throw error;',
    to: '          throw error;',
    caughtBy: ['test/crash/disks.test.ts', 'test/system/files.test.ts'],
  },
  {
    name: 'a FIFO is opened and waited for',
    file: 'src/system/files.ts',
    from: 'withOpen(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {\n        if (!fs.fstatSync(fd).isFile()) return undefined;\n        const buffer',
    to: 'withOpen(path, O_RDONLY | O_NOFOLLOW, 0, (fd) => {\n        if (!fs.fstatSync(fd).isFile()) return undefined;\n        const buffer',
    caughtBy: ['test/system/files.test.ts', 'test/crash/hostile-files.test.ts'],
  },
  // Messages.
  {
    name: 'messages are read and the file is truncated, not renamed aside',
    file: 'src/monitor/messages/inbox.ts',
    from: "    if (files.rename(path, aside) === 'gone') return;\n",
    to: "    files.create(aside, files.read(path, 0, stat.sizeBytes) ?? ('' as Bytes), { sync: false });\n    files.unlink(path);\n",
    caughtBy: ['test/e2e/messages.test.ts', 'test/crash/survive.test.ts > promise 5'],
  },
  {
    name: 'a message is noted as done before it is answered',
    file: 'src/monitor/apply/apply.ts',
    from: '      context.flush();\n      inbox.acted(action.message);\n      return',
    to: '      inbox.acted(action.message);\n      context.flush();\n      return',
    caughtBy: [calls],
  },
  {
    name: 'nobody looks whether a message was answered before the crash',
    file: 'src/monitor/messages/inbox.ts',
    from: 'const isAnswered = drawer.isFound && isAnsweredSince(saidUpTo, text);',
    to: "const isAnswered = drawer.isFound && text === '' && isAnsweredSince(saidUpTo, text);",
    caughtBy: [calls],
  },
  {
    name: 'what a message means is not noted',
    file: 'src/monitor/messages/drawer.ts',
    from: '  drawer.resolved.set(endOffset, id);\n  files.append(',
    to: '  drawer.resolved.set(endOffset, id);\n  if (sync && endOffset < 0) files.append(',
    caughtBy: [calls],
  },
  // The lock, the launcher and the guardian.
  {
    name: 'a second monitor is let in',
    file: 'src/system/lock.ts',
    from: '  if (result.exitCode === 1) return false;',
    to: '  if (result.exitCode === 1) return true;',
    caughtBy: ['test/system/lock.test.ts', 'test/crash/survive.test.ts > promise 8'],
  },
  {
    name: 'started is not created exclusively',
    file: 'src/system/launcher.sh',
    from: '  set -C\n',
    to: '  set +C\n',
    caughtBy: ['test/system/launch.test.ts', storm],
  },
  {
    name: 'the job holds its record open',
    file: 'src/system/launcher.sh',
    from: '  exec -- "$@" 8>&-\n',
    to: '  exec -- "$@"\n',
    caughtBy: ['test/system/launch.test.ts', 'test/crash/kill.test.ts'],
  },
  {
    name: 'the end is waited for until everybody has closed the output, not until the job has ended',
    file: 'src/system/launcher.sh',
    from: 'read -r -t 5 -u 6 _',
    to: 'read -r -u 6 _',
    caughtBy: ['test/system/launch.test.ts', 'test/crash/hostile-jobs.test.ts'],
  },
  {
    name: 'what a job left behind lives on',
    file: 'src/system/launcher.sh',
    from: '  if [[ $leftovers == kill ]]; then\n',
    to: '  if [[ $leftovers == never ]]; then\n',
    caughtBy: ['test/system/launch.test.ts', 'test/e2e/job-mix.test.ts'],
  },
  {
    name: 'ignored signals reach the job',
    file: 'src/system/launcher.sh',
    from: '  trap - TERM HUP INT\n',
    to: '  trap - TERM\n',
    caughtBy: ['test/system/launch.test.ts', 'test/e2e/job-mix.test.ts'],
  },
  {
    name: 'guardian, job and tee are one process group',
    file: 'src/system/launcher.sh',
    from: "  # From here on the attempt is this guardian's.\n  set -m\n",
    to: "  # From here on the attempt is this guardian's.\n  set +m\n",
    caughtBy: ['test/system/launch.test.ts'],
  },
  {
    name: 'processes are not found by their token',
    file: 'src/system/launcher.sh',
    from: '        *" SJQ_TOKEN=$token "*) found[$pid]=1 ;;\n',
    to: '        *" SJQ_TOKEN=$token-none "*) found[$pid]=1 ;;\n',
    caughtBy: ['test/system/launch.test.ts', 'test/crash/hostile-jobs.test.ts'],
  },
];

/** Gives a source with the fault in it. @throws Error if its place is not there once */
export function withFault(source, { name, from, to }) {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${name}: its place stands ${parts.length - 1} times in the source`);
  return parts.join(to);
}
