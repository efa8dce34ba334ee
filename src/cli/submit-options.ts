// The options that `submit` and `run` share.
import type { Command } from 'commander';
import type { SubmitOptions } from './commands/submit.ts';

/** The options as commander gives them. */
export interface GivenSubmitOptions {
  readonly name?: string;
  readonly priority: boolean;
  readonly field: readonly string[];
  readonly file?: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Gives the verb with the options and the command behind them. */
export function withSubmitOptions(verb: Command): Command {
  return verb
    .argument('[command...]', 'the command; one argument is a shell line, several are one command and its arguments')
    .option('-n, --name <name>', 'the UOW’s name (default: the command’s)')
    .option('-p, --priority', 'into priority-q', false)
    .option('--field <name=content>', 'a header field; may be repeated', collect, [])
    .option('-f, --file <file>', 'a UOW file, or - for standard input');
}

/** Gives the options as `submit` takes them. */
export function submitOptionsFrom({ name, priority, field, file }: GivenSubmitOptions): SubmitOptions {
  return { priorityQueue: priority, field, ...(name !== undefined && { name }), ...(file !== undefined && { file }) };
}
