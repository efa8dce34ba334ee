// Runs what a page tells its reader to type, in order, and compares what comes back with what the page shows.
//
//   ```sh      a block of commands, run by bash in one working directory
//   ```text    right behind one: what it prints (stdout and stderr), times, stamps, durations and pids aside. A line `…` stands
//              for any number of lines, also none
//
// A block of commands that only look is repeated until it prints what is shown, as a reader would. `sjq monitor` and `npm start`
// stay until the page is through; `tail -f` until it has printed what is shown.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterwards } from './afterwards.ts';

/** One block of commands of a page. */
export interface Step {
  readonly line: number;
  readonly commands: string;
  readonly output?: string;
}

/** Gives the blocks of a page in order. */
export function stepsFrom(page: string): readonly Step[] {
  const steps: Step[] = [];
  for (const match of page.matchAll(/^```sh\n([^]*?)^```\n(?:\n```text\n([^]*?)^```$)?/gm)) {
    const [, commands = '', output] = match;
    const line = page.slice(0, match.index).split('\n').length;
    steps.push({ line, commands, ...(output !== undefined && { output }) });
  }
  return steps;
}

/** Where a page is tried out. `home` stands for `/home/you` in it. */
export interface Place {
  readonly cwd: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

const withinMs = 40_000;
/** `npm start` builds first, which on a busy machine takes its time. */
const startWithinMs = 120_000;
const looks = /^(cat|ls|tail|head|grep|sjq (status|check|show|log)|git status)\b/;

/** Runs the steps. @throws Error with the page's line, what was shown and what came, at the first that differs */
export async function runSession(steps: readonly Step[], place: Place): Promise<void> {
  for (const step of steps) {
    const lines = step.commands.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
    if (/^(sjq monitor|npm start|tail -f)\b/m.test(step.commands)) await untilShown(step, place);
    else if (step.output !== undefined && lines.every((line) => looks.test(line))) await untilItMatches(step, place);
    else {
      const printed = await once(step, place);
      const isRight = printed.code === 0 && (step.output === undefined || isAsShown(step, printed.text, place));
      if (!isRight) throw differs(step, printed, place);
    }
  }
}

interface Printed {
  readonly code: number | null;
  readonly text: string;
}

function start(step: Step, { cwd, env, home }: Place): { readonly child: ChildProcess; readonly text: () => string } {
  const child = spawn('bash', ['-e', '-c', `exec 2>&1\n${step.commands}`], {
    cwd,
    env: { ...env, HOME: home, PATH: `${home}/.local/bin:${env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own, so that what npm starts ends with it.
    detached: true,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { child, text: () => text };
}

async function once(step: Step, place: Place): Promise<Printed> {
  const { child, text } = start(step, place);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, text: text() };
}

async function untilItMatches(step: Step, place: Place): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const printed = await once(step, place);
    if (isAsShown(step, printed.text, place)) return;
    if (performance.now() - startedAt > withinMs) throw differs(step, printed, place);
    await wait(100);
  }
}

async function untilShown(step: Step, place: Place): Promise<void> {
  const { child, text } = start(step, place);
  const life = { isThere: true };
  const ended = new Promise<void>((resolve) =>
    child.on('exit', () => {
      life.isThere = false;
      resolve();
    }),
  );
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && life.isThere) process.kill(-child.pid, signal);
  };
  afterwards(async () => {
    end('SIGTERM');
    await ended;
  });
  const startedAt = performance.now();
  const shown = (step.output ?? '…\nTIME monitor-started …').trimEnd();
  while (!isAsShown({ ...step, output: `${shown}\n…` }, text(), place)) {
    if (!life.isThere || performance.now() - startedAt > startWithinMs)
      throw differs(step, { code: child.exitCode, text: text() }, place);
    await wait(20);
  }
  if (/^tail -f/m.test(step.commands)) {
    end('SIGTERM');
    await ended;
  }
}

function differs(step: Step, { code, text }: Printed, place: Place): Error {
  return new Error(
    `line ${step.line} of the page: the commands\n${step.commands}\nended with ${code} and printed\n\n${likeAReader(text, place)}` +
      `\n\nand the page shows\n\n${step.output ?? 'nothing'}`,
  );
}

/** The text as the page would show it. */
function likeAReader(text: string, { home }: Place): string {
  return text.replaceAll(home, '/home/you').replace(/\x1b\[[0-9;]*m/g, '');
}

function isAsShown({ output = '' }: Step, text: string, place: Place): boolean {
  const shown = settled(output).split('\n');
  const pattern = shown.map((line) => (line === '…' ? '(?:.*\n)*?' : `${escaped(line)}\n`)).join('');
  return new RegExp(`^${pattern}$`).test(`${settled(likeAReader(text, place))}\n`);
}

/** What is different each time is made the same. */
function settled(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, 'TIME')
    .replace(/\b\d{10}-\d{1,6}\b/g, 'STAMP')
    .replace(/\b\d+(\.\d+)?s\b/g, 'N s')
    .replace(/\b(pid|size)([= ])\d+/g, '$1$2N')
    .replace(/[ \t]+$/gm, '')
    .replace(/ {2,}/g, '  ')
    .trimEnd();
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*');
}
