// What a job is started through that sets its limits.
import type { Header } from '../../model/header.ts';

/** Gives the programs before the job's own argv that set what a shell cannot: each costs an exec, so only where asked for. */
export function limiting(header: Header): readonly string[] {
  const prefix: string[] = [];
  const nice = header.whole('nice');
  const ionice = header.text('ionice');
  if (nice !== undefined) prefix.push('nice', '-n', String(nice));
  if (ionice !== undefined) {
    const [name = '', level] = ionice.toLowerCase().split(':');
    prefix.push(
      'ionice',
      '-c',
      { idle: '3', realtime: '1' }[name] ?? '2',
      ...(level === undefined ? [] : ['-n', level]),
    );
  }
  return prefix;
}
