import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editUow, openRoot, parseUow, plan, SjqError } from '../src/index.ts';
import { eventually } from './support/eventually.ts';
import { scratchFolder } from './support/scratch.ts';

const project = join(import.meta.dirname, '..');

describe('the library', () => {
  it('is what another program imports under the package’s name: the example of its docs runs', () => {
    const folder = scratchFolder();
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(project, join(folder, 'node_modules/simple-job-q'));
    const source = readFileSync(join(project, 'src/index.ts'), 'utf8');
    const example = /```ts\n([^]*?)```/.exec(source)?.[1]?.replace(/^ \* ?/gm, '') ?? '';
    expect(example).toContain('openRoot(');
    writeFileSync(
      join(folder, 'example.mjs'),
      `${example.replace('/srv/queue', './queue')}\nconsole.log(name, parsed.kind);`,
    );
    const stdout = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toBe('report uow\n');
    expect(readdirSync(join(folder, 'queue/wait-q'))).toEqual(['report']);
    // Its types are there too.
    expect(readFileSync(join(project, 'dist/index.d.ts'), 'utf8')).toContain('export declare function openRoot(');
  });

  it('drops a UOW, tells what would be done, and runs the monitor', async () => {
    const root = openRoot(join(scratchFolder(), 'queue'));
    const text = '==== UNIT OF WORK\n\ncommand :: echo hi\n';
    expect(root.submit({ name: 'a', text })).toBe('a');
    expect(root.submit({ name: 'a', fields: [['command', 'exit 3']], queue: 'priority' })).toBe('a~2');
    expect(() => root.submit({ name: 'b', text: 'hello' })).toThrow(SjqError);
    expect(() => root.submit({ name: 'b/c', text })).toThrow(/cannot be the name of a UOW/);
    expect(plan(root.observe(), root.config)).toMatchObject([{ kind: 'claim', uow: { name: 'a~2' } }]);
    const lines: string[] = [];
    const monitor = await root.startMonitor({ echo: (line) => lines.push(line) });
    await expect(root.startMonitor()).rejects.toThrow(/another monitor holds/);
    await eventually(() => lines.join('').includes('ended a '), { withinMs: 20_000, what: 'both UOWs end' });
    monitor.shutdown();
    expect(await monitor.ended).toBe('shutdown');
    expect(lines.join('')).toMatch(/ended a~2 outcome=error reason=exit=3[^]*ended a outcome=done/);
    expect(readFileSync(join(root.dir, 'done-q/a'), 'utf8')).toMatch(/==== JOB LOG\n\nhi\n$/);
    // The lock was given up with it.
    const again = await root.startMonitor({ once: true });
    expect(await again.ended).toBe('idle');
    // A program that goes on holds nothing of the root, so that its file system can be unmounted.
    expect(openBelow(root.dir)).toEqual([]);
  });

  it('reads and edits UOWs', () => {
    const text = '==== UNIT OF WORK\n\n# über\ncommand :: true\n';
    const parsed = parseUow(text);
    expect(parsed).toMatchObject({ kind: 'uow', head: { header: [{ name: 'command', content: 'true', line: 4 }] } });
    expect(parseUow(Buffer.from(text))).toEqual(parsed);
    expect(parseUow('hello')).toMatchObject({ kind: 'invalid', problems: [{ line: 0 }] });
    expect(editUow(text, 'timeout', '2h')).toBe(`${text}timeout :: 2h\n`);
    expect(() => editUow('hello', 'timeout', '2h')).toThrow(SjqError);
  });
});

/** What this process has open in a directory. */
function openBelow(dir: string): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const path = existsSync(`/proc/self/fd/${fd}`) ? readlinkSync(`/proc/self/fd/${fd}`) : '';
    return path.startsWith(dir) ? [path] : [];
  });
}
