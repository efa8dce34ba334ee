import os from 'node:os';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { askCommand, realGauges } from '../../src/system/gauges.ts';
import { realProcesses } from '../../src/system/processes.ts';
import { eventually } from '../support/eventually.ts';
import { killAfterTest, scratchFolder } from '../support/scratch.ts';

describe('the gauges', () => {
  it('read the load average that the kernel tells', () => {
    const told = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
    expect(realGauges.load()).toBeGreaterThanOrEqual(0);
    expect(Math.abs(realGauges.load() - told)).toBeLessThan(1);
  });

  it('count memory as free that only caches hold', () => {
    const told = Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
    expect(Math.abs(realGauges.freeMemoryBytes() - told)).toBeLessThan(0.1 * os.totalmem());
    expect(realGauges.freeMemoryBytes()).toBeGreaterThan(1024 * 1024);
  });

  it('tell the free bytes of a file system and the CPUs', () => {
    expect(realGauges.freeDiskBytes(bytesFromUtf8(os.tmpdir()))).toBeGreaterThan(0);
    expect(realGauges.cpuCount()).toBeGreaterThanOrEqual(1);
  });
});

describe('askCommand', () => {
  it('is ok when the command exits 0, with what it printed on both streams', async () => {
    const answer = await askCommand('echo yes; echo but >&2');
    expect(answer.ok).toBe(true);
    expect(answer.text.split('\n').sort()).toEqual(['but', 'yes']);
  });

  it('is not ok when it exits otherwise or is killed, and says so', async () => {
    expect(await askCommand('echo no disk; exit 3')).toEqual({ ok: false, text: 'exit 3: no disk' });
    expect(await askCommand('kill -9 $$')).toEqual({ ok: false, text: 'ended by SIGKILL' });
    expect(await askCommand('no-such-program-at-all')).toMatchObject({ ok: false, text: /^exit 127: .*not found/ });
  });

  it('gives the command an empty stdin', async () => {
    expect(await askCommand('cat; echo end')).toEqual({ ok: true, text: 'end' });
  });

  it('keeps the last 2 KiB of much output, and lets the command finish', async () => {
    const answer = await askCommand('yes 0123456789 | head -n 100000; echo last');
    expect(answer.ok).toBe(true);
    expect(answer.text.length).toBeLessThanOrEqual(2048);
    expect(answer.text.length).toBeGreaterThan(2000);
    expect(answer.text).toMatch(/last$/);
  });

  it('ends the whole process group of one that takes too long', async () => {
    const pidFile = `${scratchFolder()}/pid`;
    const startedAt = performance.now();
    const answer = await askCommand(`trap '' TERM; sleep 600 & echo $! > ${pidFile}; wait`, 400);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(answer).toEqual({ ok: false, text: 'no answer within 0.4 s' });
    const sleeper = Number(readFileSync(pidFile, 'utf8'));
    killAfterTest(sleeper);
    await eventually(() => !realProcesses.isAlive(sleeper), { what: 'the background process was gone' });
  });

  it('does not wait for what the command left in the background', async () => {
    const startedAt = performance.now();
    const before = readdirSync('/proc/self/fd').length;
    const { ok, text } = await askCommand('sleep 600 & echo $!');
    killAfterTest(Number(text));
    expect(ok).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    await eventually(() => readdirSync('/proc/self/fd').length <= before, { what: 'its pipes were closed' });
  });

  it('answers no to what cannot be started', async () => {
    expect(await askCommand('a\0b')).toMatchObject({ ok: false });
    expect(await askCommand(`: ${'x'.repeat(3_000_000)}`)).toEqual({ ok: false, text: 'cannot start /bin/sh: E2BIG' });
  });
});
