// Faults of the protocol that somebody might make, each with the rigs that must catch it, the cheapest first: `from`, which stands in the
// file once, becomes `to`. test/mutants/faults.test.ts holds every one to the source as it is; run.mjs builds them in. Rigs are `FILE`
// or `FILE > part of a title`, which is a pattern; behind `all of ` a rig goes through everything it has, as in torture.

const power = 'test/crash/power-cuts.test.ts';
const durable = 'test/crash/durable.test.ts';
const storm = 'test/crash/kill-storm.test.ts';
const table = 'test/crash/table.test.ts';
const rows = 'test/crash/rows.test.ts';
const recover = 'test/plan/rules/recover.test.ts';
const launcher = 'test/system/launch.test.ts';
const inboxes = 'test/monitor/messages/inbox.test.ts';
/** Every instant of one scenario of the calls. */
const instants = (scenario) => `all of test/crash/calls.test.ts > ^${scenario} comes to its one end, whatever`;
const dropped = instants('an unstamped drop');

/** @type {readonly { readonly name: string, readonly file: string, readonly from: string, readonly to: string, readonly caughtBy: readonly string[] }[]} */
export const faults = [
  // Power: what is not synced, or in another order.
  {
    name: 'submit does not sync its file',
    file: 'src/monitor/submit.ts',
    from: 'files.create(beside, content, { mode: 0o644, sync });',
    to: 'files.create(beside, content, { mode: 0o644, sync: false });',
    caughtBy: [durable, power],
  },
  {
    name: 'a rerun says that it waits before its move is durable',
    file: 'src/monitor/apply/take-in.ts',
    from: '    batch.found(dir);\n',
    to: '',
    caughtBy: [durable],
  },
  {
    name: 'submit does not sync the directory',
    file: 'src/monitor/submit.ts',
    from: 'if (sync) files.syncDirectory(written.dir);',
    to: 'if (sync && written.name.length === 0) files.syncDirectory(written.dir);',
    caughtBy: [durable, power],
  },
  {
    name: 'a submitted batch does not sync its files',
    file: 'src/monitor/submit-batch.ts',
    from: 'if (sync)\n          await machine.syncFiles(',
    to: 'if (sync && all.length === 0)\n          await machine.syncFiles(',
    caughtBy: [durable],
  },
  {
    name: 'a submitted batch does not sync the directory',
    file: 'src/monitor/submit-batch.ts',
    from: 'if (sync) files.syncDirectory(dir);',
    to: 'if (sync && dir.length === 0) files.syncDirectory(dir);',
    caughtBy: [durable],
  },
  {
    name: 'no directory is synced before old names go and jobs start',
    file: 'src/monitor/apply/batch.ts',
    from: 'if (!guard(() => this.#sync(this.#made))) return this.#giveUp(guard);',
    to: 'if (!guard(() => this.#made.clear())) return this.#giveUp(guard);',
    caughtBy: [durable, power],
  },
  {
    name: 'a failed sync is believed',
    file: 'src/monitor/apply/batch.ts',
    from: 'if (!guard(() => this.#sync(this.#made))) return this.#giveUp(guard);',
    to: 'guard(() => this.#sync(this.#made));',
    caughtBy: ['test/monitor/apply/batch.test.ts', 'test/crash/disks.test.ts > a sync that fails once'],
  },
  {
    name: 'what must come after a removal does not wait for its sync',
    file: 'src/monitor/apply/batch.ts',
    from: 'if (!guard(() => this.#sync(this.#removed))) return this.#giveUp(guard);',
    to: 'this.#removed.clear();',
    caughtBy: ['test/monitor/apply/batch.test.ts', durable],
  },
  {
    name: 'jobs are launched before their claims are durable',
    file: 'src/monitor/apply/claim.ts',
    from: 'if (!result) batch.after(() => launch(context, run));',
    to: 'if (!result) launch(context, run);',
    caughtBy: [durable, power],
  },
  {
    name: 'the run record is not synced',
    file: 'src/monitor/apply/claim.ts',
    from: 'files.create(own.record, recordText(record, result), { mode: 0o600, sync: batch.sync });',
    to: 'files.create(own.record, recordText(record, result), { mode: 0o600, sync: false });',
    caughtBy: [durable, power],
  },
  {
    name: 'STATUS running is not synced before the launch',
    file: 'src/monitor/apply/claim.ts',
    from: 'writeStatus(machine.files, place, status, sync);',
    to: 'writeStatus(machine.files, place, status, sync && record.id === undefined);',
    caughtBy: [durable, power],
  },
  {
    name: 'the stamped copy is not synced at intake',
    file: 'src/monitor/apply/take-in.ts',
    from: '{ mode: (stat.mode & 0o777) | 0o600, sync });',
    to: '{ mode: (stat.mode & 0o777) | 0o600, sync: sync && false });',
    caughtBy: [durable, power],
  },
  {
    name: 'the destination and the result are not synced before the UOW is moved',
    file: 'src/monitor/apply/destination.ts',
    from: '    machine.files.overwrite(own.record, destinationOffset, textFromEnding(run), { sync });\n    const name =',
    to: '    machine.files.overwrite(own.record, destinationOffset, textFromEnding(run), { sync: false });\n    const name =',
    caughtBy: [durable, power],
  },
  {
    name: 'a message that waits to be done again is not synced when it is resolved',
    file: 'src/monitor/messages/drawer.ts',
    from: 'bytesFromUtf8(`${endOffset} ${id}\\n`), { sync });',
    to: 'bytesFromUtf8(`${endOffset} ${id}\\n`), { sync: sync && false });',
    caughtBy: [durable, power],
  },
  // Names: rename for link, and order.
  {
    name: 'the final move renames over what stands there',
    file: 'src/monitor/apply/destination.ts',
    from: 'const linked = machine.files.link(own.uow, path);',
    to: "const linked = machine.files.rename(join(paths.queue.executing, run.record.name), path) as 'ok' | 'exists' | 'gone';",
    caughtBy: ['test/e2e/hands.test.ts > of the same name'],
  },
  {
    name: 'submit renames over what stands there',
    file: 'src/monitor/submit.ts',
    from: "if (files.link(beside, path) !== 'ok') continue;",
    to: "if (files.rename(beside, path) !== 'ok') continue;",
    caughtBy: ['test/monitor/submit.test.ts'],
  },
  {
    name: 'intake drops the original before its copy stands in the queue',
    file: 'src/monitor/apply/take-in.ts',
    from: '  const copy = copyPath(context, queue, ino);\n  files.unlink(copy);\n  files.create(',
    to: '  const copy = copyPath(context, queue, ino);\n  files.unlink(copy);\n  files.unlink(aside);\n  files.create(',
    caughtBy: [dropped],
  },
  {
    name: 'recovery of an intake drops the original without looking at its copy',
    file: 'src/monitor/apply/take-in.ts',
    from: 'if ((files.stat(copy)?.links ?? 0) < 2) putBack(context, queue, name);',
    to: 'if ((files.stat(copy)?.links ?? 0) < 0) putBack(context, queue, name);',
    caughtBy: [dropped],
  },
  {
    name: 'recovery of an intake gives the original its name back beside its copy',
    file: 'src/monitor/apply/take-in.ts',
    from: 'if ((files.stat(copy)?.links ?? 0) < 2) putBack(context, queue, name);',
    to: 'if ((files.stat(copy)?.links ?? 0) < 9) putBack(context, queue, name);',
    caughtBy: [dropped],
  },
  {
    name: 'a name in archive counts as free',
    file: 'src/monitor/apply/names.ts',
    from: "if (queue === 'trash') continue;",
    to: "if (queue === 'trash' || queue === 'archive') continue;",
    caughtBy: ['test/monitor/apply/names.test.ts'],
  },
  {
    name: 'the record goes before the history has its line',
    file: 'src/monitor/apply/finish.ts',
    from: '    appendAttempt(context, run, ended, { isAgain, sync: false });\n',
    to: '    dropNow(context, run);\n    appendAttempt(context, run, ended, { isAgain, sync: false });\n',
    caughtBy: [dropped],
  },
  {
    name: 'the history is not searched before a line is written again',
    file: 'src/monitor/history.ts',
    from: 'if (tail !== undefined && hasEntry(tail, unless)) return;',
    to: "if (tail !== undefined && hasEntry('' as Bytes, unless)) return;",
    caughtBy: ['test/monitor/history.test.ts', dropped],
  },
  {
    name: 'a record that a crash left without its second link is launched',
    file: 'src/monitor/apply/claim.ts',
    from: '  batch.made(paths.runs, paths.claimed, paths.queue.executing);\n  if (uow',
    to: '  batch.made(paths.runs);\n  if (uow',
    caughtBy: [durable, power],
  },
  // What is concluded.
  {
    name: 'an interrupted UOW that is not idempotent runs again',
    file: 'src/plan/rules/recover.ts',
    from: 'if (!record.judging.idempotent) return',
    to: 'if (!record.judging.idempotent && record.attempt === 0) return',
    caughtBy: [recover, table],
  },
  {
    name: 'an interrupted idempotent UOW runs as the same attempt again',
    file: 'src/plan/rules/recover.ts',
    from: "back = { to: record.queue, attempts: record.attempt, why: 'interrupted' }",
    to: "back = { to: record.queue, attempts: record.attempt - 1, why: 'interrupted' }",
    caughtBy: [recover, table],
  },
  {
    name: 'what was withdrawn is launched',
    file: 'src/monitor/survey/runs.ts',
    from: "run.started = text.startsWith('withdrawn') ? 'withdrawn' : 'yes';",
    to: "run.started = text.startsWith('withdrawn') ? 'no' : 'yes';",
    caughtBy: [`${table} > withdrawn`],
  },
  {
    name: 'another boot is taken for this one',
    file: 'src/monitor/survey/runs.ts',
    from: 'const isSameBoot = record.bootId === now.bootId;',
    to: "const isSameBoot = record.bootId === now.bootId || now.bootId !== '';",
    caughtBy: [`${table} > other boot`],
  },
  {
    name: 'a guardian lives if its pid does',
    file: 'src/monitor/survey/runs.ts',
    from: 'if (pid !== undefined && processes.hasOpen(pid, run.recordFile)) run.guardianPid = pid;',
    to: 'if (pid !== undefined && processes.isAlive(pid)) run.guardianPid = pid;',
    caughtBy: [instants('a guardian that was killed')],
  },
  {
    name: 'the tree of a killed guardian is left alone',
    file: 'src/monitor/apply/ask.ts',
    from: 'const { survivors } = await processes.endTree({ token: run.record.token, groups }, graceMs, clock);',
    to: 'const { survivors } = await processes.endTree({ token: `none-${groups.length}` }, graceMs, clock);',
    caughtBy: [`${table} > its tree is ended`, storm],
  },
  {
    name: 'a UOW that says running without a record waits for its turn',
    file: 'src/plan/rules/intake.ts',
    from: "if (head.status?.word === 'running' && !isCopy) return { kind: 'interrupt', arrival };",
    to: "if (head.status?.word === 'running' && isCopy) return { kind: 'interrupt', arrival };",
    caughtBy: ['test/plan/rules/intake.test.ts', `${table} > STATUS running`],
  },
  {
    name: 'a stamp alone proves that a file is whole',
    file: 'src/plan/rules/intake.ts',
    from: 'return head.event === `submitted size=${arrival.sizeBytes}`;',
    to: 'return head.stamp !== undefined || head.event === `submitted size=${arrival.sizeBytes}`;',
    caughtBy: ['test/plan/rules/intake.test.ts'],
  },
  {
    name: 'nobody is asked who still writes to a young file',
    file: 'src/plan/rules/intake.ts',
    from: 'if (now - since >= youngMs || arrival.isBeingWritten === false) return undefined;',
    to: 'if (now - since >= 0 || arrival.isBeingWritten === false) return undefined;',
    caughtBy: ['test/plan/rules/intake.test.ts'],
  },
  // Files.
  {
    name: 'STATUS is written through an append descriptor',
    file: 'src/system/files.ts',
    from: 'withOpen(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {',
    to: 'withOpen(path, O_RDWR | O_APPEND | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {',
    caughtBy: ['test/system/files.test.ts'],
  },
  {
    name: 'a file that could not be written whole stays',
    file: 'src/system/files.ts',
    from: '          fs.unlinkSync(bufferFromBytes(path));\n          throw error;',
    to: '          throw error;',
    caughtBy: ['test/system/files.test.ts'],
  },
  {
    name: 'a FIFO is opened and waited for',
    file: 'src/system/files.ts',
    from: 'withOpen(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, (fd) => {\n        const stat',
    to: 'withOpen(path, O_RDONLY | O_NOFOLLOW, 0, (fd) => {\n        const stat',
    caughtBy: ['test/system/files.test.ts'],
  },
  // Messages.
  {
    name: 'messages are read and the file is truncated, not renamed aside',
    file: 'src/monitor/messages/inbox.ts',
    from: "    if (files.rename(path, aside) === 'gone') return false;\n",
    to: "    files.create(aside, files.read(path, 0, stat.sizeBytes) ?? ('' as Bytes), { sync: false });\n    files.unlink(path);\n",
    caughtBy: [inboxes, 'test/crash/survive.test.ts > promise 5'],
  },
  {
    name: 'a message is noted as done before it is answered',
    file: 'src/monitor/messages/inbox.ts',
    from: '      unnoted.push(message);\n      noteAll();\n',
    to: '      unnoted.push(message);\n      note(message);\n      unnoted.shift();\n      context.flush();\n',
    caughtBy: [instants('SLOTS 2, which is kept')],
  },
  {
    name: 'nobody looks whether a message was answered before the crash',
    file: 'src/monitor/messages/inbox.ts',
    from: 'const answerEnd = drawer.isFound ?',
    to: "const answerEnd = drawer.isFound && text === '' ?",
    caughtBy: [inboxes, instants('HOLD, NOTE and PRIORITY of a waiting UOW')],
  },
  {
    name: 'what a message means is not noted',
    file: 'src/monitor/messages/drawer.ts',
    from: '  drawer.resolved.set(endOffset, id);\n  files.append(',
    to: '  drawer.resolved.set(endOffset, id);\n  if (sync && endOffset < 0) files.append(',
    caughtBy: [inboxes],
  },
  // The lock, the launcher and the guardian.
  {
    name: 'a second monitor is let in',
    file: 'src/system/lock.ts',
    from: '  if (ended === 1) return false;',
    to: '  if (ended === 1) return true;',
    caughtBy: ['test/system/lock.test.ts > one of 20', 'test/crash/survive.test.ts > promise 8'],
  },
  {
    name: 'started is not created exclusively',
    file: 'src/system/launcher.sh',
    from: '  set -C\n',
    to: '  set +C\n',
    caughtBy: [`${launcher} > is started once`, storm],
  },
  {
    name: 'the job holds its record open',
    file: 'src/system/launcher.sh',
    from: '  exec -- "$@" 8>&-\n',
    to: '  exec -- "$@"\n',
    caughtBy: [`${launcher} > hold no descriptor`],
  },
  {
    name: 'the end is waited for until everybody has closed the output, not until the job has ended',
    file: 'src/system/launcher.sh',
    from: 'if ((tee_pid)); then\n    read -r -t 5 -u 6 _',
    to: 'if ((tee_pid)); then\n    read -r -u 6 _',
    caughtBy: [`${launcher} > is left if the record says so`],
  },
  {
    name: 'what a job left behind lives on',
    file: 'src/system/launcher.sh',
    from: '  if [[ $leftovers == kill ]]; then\n',
    to: '  if [[ $leftovers == never ]]; then\n',
    caughtBy: [`${launcher} > is ended and counted`],
  },
  {
    name: 'ignored signals reach the job',
    file: 'src/system/launcher.sh',
    from: '  trap - TERM HUP INT\n',
    to: '  trap - TERM\n',
    caughtBy: [`${launcher} > have all signals`],
  },
  {
    name: 'guardian, job and tee are one process group',
    file: 'src/system/launcher.sh',
    from: '  set -m\n',
    to: '  set +m\n',
    caughtBy: [`${launcher} > are a process group of its own`],
  },
  {
    name: 'processes are not found by their token',
    file: 'src/system/launcher.sh',
    from: '  if [[ $environment == *"SJQ_TOKEN=$token"* ]]; then\n',
    to: '  if [[ $environment == *"SJQ_TOKEN=$token-none"* ]]; then\n',
    caughtBy: [`${launcher} > is ended and counted`],
  },
  // What this list would be poorer without: what is trusted, kept, noted, and let go.
  {
    name: 'the log and the history are not synced before the record goes',
    file: 'src/monitor/apply/drop.ts',
    from: 'Promise.all([machine.files.syncFile(runPaths(paths, id).uow), syncHistory(context)])',
    to: 'Promise.all([machine.files.syncFile(runPaths(paths, id).dir), syncHistory])',
    caughtBy: [durable, power],
  },
  {
    name: 'the line of an attempt that runs again is not synced before its record goes',
    file: 'src/monitor/apply/finish.ts',
    from: 'sync: batch.sync && !isRetry }',
    to: 'sync: false }',
    caughtBy: [durable, power],
  },
  {
    name: 'a result without its last dot is believed',
    file: 'src/format/run-record.ts',
    from: 'left=(\\d+) \\.\\s*$/m;',
    to: 'left=(\\d+)(?: \\.)?\\s*$/m;',
    caughtBy: ['test/format/run-record.test.ts'],
  },
  {
    name: 'a record that is not the one that was written is believed',
    file: 'src/format/run-record.ts',
    from: 'return sum === sumOf(fields.slice(0, -1), rest) ?',
    to: 'return typeof sum === typeof sumOf(fields.slice(0, -1), rest) ?',
    caughtBy: ['test/format/run-record.test.ts'],
  },
  {
    name: 'second links without a record are left lying',
    file: 'src/monitor/survey/runs.ts',
    from: 'if (!known.has(id)) untilDone(context, () => keepOrDropOrphan(context, id));',
    to: 'if (known.has(id)) untilDone(context, () => keepOrDropOrphan(context, id));',
    caughtBy: [dropped, rows],
  },
  {
    name: 'a torn record takes the last name of its UOW with it',
    file: 'src/monitor/survey/runs.ts',
    from: '  if (stat?.links === 1) {',
    to: '  if (stat?.links === 0) {',
    caughtBy: [rows],
  },
  {
    name: 'what a job has for itself goes before its record',
    file: 'src/monitor/apply/drop.ts',
    from: '    dropRecord(context, record.id, run.hasNotes);\n    if (run.hooking',
    to: '    dropDirectory(context, record.id);\n    dropRecord(context, record.id);\n    if (run.hooking',
    caughtBy: [instants('a guardian that was killed, of a UOW that is idempotent')],
  },
  {
    name: 'withdrawn is written in place, not linked whole',
    file: 'src/monitor/apply/claim.ts',
    from: '  files.link(whole, started);\n',
    to: "  files.create(started, bytesFromUtf8('withdrawn\\n'), { mode: 0o644, sync: false });\n",
    caughtBy: [instants('a request that the launcher never came to')],
  },
  {
    name: 'that the end of a job was asked for is forgotten at a restart',
    file: 'src/monitor/survey/runs.ts',
    from: 'isEndAsked: files.stat(own.end) !== undefined,',
    to: 'isEndAsked: false,',
    caughtBy: ['test/monitor/survey/runs.test.ts'],
  },
  {
    name: 'a stamp goes back with the clock',
    file: 'src/model/stamp.ts',
    from: 'if (!last || compareStamps(last, now) < 0) return now;',
    to: 'if (!last || compareStamps(last, now) !== 0) return now;',
    caughtBy: ['test/model/stamp.test.ts'],
  },
  {
    name: 'where the output ends is not noted before something is appended to it',
    file: 'src/monitor/apply/finish.ts',
    from: 'if (!run.destination) files.overwrite(own.record, destinationOffset, textFromEnding(run), { sync });',
    to: 'if (run.destination) files.overwrite(own.record, destinationOffset, textFromEnding(run), { sync });',
    caughtBy: [instants('NOTE on a running job')],
  },
  {
    name: 'what was appended behind the output is not looked for before it is appended again',
    file: 'src/monitor/apply/finish.ts',
    from: 'const missing = end.startsWith(there) ? end.slice(there.length) : end;',
    to: 'const missing = end.startsWith(there) ? end : end.slice(there.length);',
    caughtBy: ['test/monitor/apply/finish.test.ts'],
  },
  {
    name: 'a disk that takes nothing is said by every step that meets it',
    file: 'src/monitor/apply/disk.ts',
    from: '  if (known?.code === code) return true;\n',
    to: '  if (known?.code !== code) return true;\n',
    caughtBy: ['test/monitor/apply/disk.test.ts'],
  },
  {
    name: 'while the disk refuses, launches go on',
    file: 'src/plan/rules/recover.ts',
    from: 'const mayLaunch = !trouble || seen.now >= trouble.until;',
    to: 'const mayLaunch = !trouble || seen.now >= 0;',
    caughtBy: [recover],
  },
  {
    name: 'the environment of the monitor leaks into jobs',
    file: 'src/system/launch.ts',
    from: '    env: { PATH: standardPath },\n',
    to: '    env: { ...process.env, PATH: standardPath },\n',
    caughtBy: [`${launcher} > is exactly what the record says`],
  },
  {
    name: 'a UOW with a second name is claimed',
    file: 'src/monitor/apply/claim.ts',
    from: ' || stat.mtimeMs !== uow.mtimeMs || stat.links !== 1;',
    to: ' || stat.mtimeMs !== uow.mtimeMs || stat.links < 1;',
    caughtBy: ['test/monitor/apply/claim.test.ts'],
  },
  {
    name: 'a UOW that was edited since it was looked at is claimed as it was',
    file: 'src/monitor/apply/claim.ts',
    from: 'stat.sizeBytes !== uow.sizeBytes || stat.mtimeMs !== uow.mtimeMs ||',
    to: 'stat.sizeBytes < 0 || stat.mtimeMs < 0 ||',
    caughtBy: ['test/monitor/apply/claim.test.ts'],
  },
  {
    name: 'a claim that a full disk undoes leaves its record',
    file: 'src/monitor/apply/claim.ts',
    from: '    dropRecord(context, record.id);\n    dropDirectory(context, record.id);\n    if (record',
    to: '    if (record',
    caughtBy: [instants('an unstamped drop')],
  },
  {
    name: 'a name in the last queue whose sync failed is believed in the next try',
    file: 'src/monitor/apply/destination.ts',
    from: '    if (isStillThere) machine.files.unlink(join(paths.queue[to], name));\n',
    to: '    if (!isStillThere) machine.files.unlink(join(paths.queue[to], name));\n',
    caughtBy: [durable],
  },
  {
    name: 'a claim whose sync failed is launched later',
    file: 'src/monitor/apply/claim.ts',
    from: '    hint(picture, uow.queue, uow.name);\n    withdraw(context, id);\n',
    to: '    hint(picture, uow.queue, uow.name);\n',
    caughtBy: [durable],
  },
  {
    name: 'the edited copy in the place of a running UOW is deleted',
    file: 'src/monitor/apply/restore.ts',
    from: '  const as = stat && moveToTrash(context, path, record.name, stat.ino);\n',
    to: '  const as = stat && record.name;\n  files.unlink(path);\n',
    caughtBy: ['test/crash/editor-saves.test.ts'],
  },
  {
    name: 'what goes to trash replaces what lies there',
    file: 'src/monitor/apply/trash.ts',
    from: "    if (other) continue;\n    if (linkOrRename(context, path, target) === 'exists') continue;\n",
    to: "    if (files.rename(path, target) === 'gone') continue;\n",
    caughtBy: ['test/monitor/apply/trash.test.ts'],
  },
  {
    name: 'the switches are written in place',
    file: 'src/monitor/apply/control.ts',
    from: "  const fresh = join(paths.own, 'control.new');\n",
    to: "  const fresh = join(paths.own, 'control');\n",
    caughtBy: ['test/monitor/apply/control.test.ts > are the old ones where the disk'],
  },
  {
    name: 'the lock of the root is handed to what the monitor starts',
    file: 'src/system/launcher.sh',
    from: 'then exec {fd}>&-; fi\n',
    to: 'then :; fi\n',
    caughtBy: [`${launcher} > what the monitor itself inherited`],
  },
  {
    name: 'a signal goes to whoever has the pid now',
    file: 'src/system/processes.ts',
    from: '    if (!isStill(target)) continue;\n    try {\n      process.kill(target.pid, name);',
    to: '    try {\n      process.kill(target.pid, name);',
    caughtBy: ['test/system/processes.test.ts > reaches only the process'],
  },
  {
    name: 'an attempt has a slot without having been started in 30 s',
    file: 'src/plan/rules/recover.ts',
    from: 'if (now - claim.askedAt >= startLimitMs) return',
    to: 'if (now - claim.askedAt >= startLimitMs * startLimitMs) return',
    caughtBy: [recover],
  },
  {
    name: 'a withdrawn attempt counts',
    file: 'src/plan/rules/recover.ts',
    from: "attempts: record.attempt - 1, why: 'withdrawn'",
    to: "attempts: record.attempt, why: 'withdrawn'",
    caughtBy: [recover],
  },
  {
    name: 'a piece of a line in the history swallows the next one',
    file: 'src/monitor/history.ts',
    from: "const start = picture.isHistoryWhole ? '' : newlineFor(files, paths.history);",
    to: "const start = '';",
    caughtBy: [instants('an unstamped drop')],
  },
];

/** Gives a source with the fault in it. @throws Error if its place is not there once */
export function withFault(source, { name, from, to }) {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${name}: its place stands ${parts.length - 1} times in the source`);
  return parts.join(to);
}

/** Gives what a rig's words say: its file, which of its tests, and whether all that it has is gone through. */
export function partsOfRig(rig) {
  const [file, title] = rig.replace(/^all of /, '').split(' > ');
  return { file, title, isWhole: rig.startsWith('all of ') };
}
