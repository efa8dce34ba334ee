// What becomes of a job's output: where it goes, how long it may be silent, how much of it is kept.
import type { Header } from '../../model/header.ts';
import type { Launch } from '../../model/run.ts';
import { sizeBytesFromText } from '../../model/size.ts';

/** The end is kept in memory until the job has ended. */
const tailAtMostBytes = 4 * 1024 * 1024;

/** Gives what a header says of the output; how much of it is kept counts from where it begins ({@link keptFrom}). */
export function outputOf(header: Header, output: Launch['output']): Pick<Launch, 'output' | 'idleMs' | 'keep'> {
  const idleMs = header.durationMs('idle-timeout');
  const idle = idleMs === undefined ? {} : { idleMs };
  const sizeBytes = sizeBytesFromText(header.text('log-max') ?? '');
  if (sizeBytes === undefined) return { output, ...idle };
  const tailBytes = Math.min(Math.floor(sizeBytes / 2), tailAtMostBytes);
  // Only a program between can leave a part of it out.
  return { output: 'tee', ...idle, keep: { fileKib: 0, headBytes: sizeBytes - tailBytes, tailBytes } };
}

/** Gives the launch of a job whose output begins there in its file. The file is limited in whole KiB: the head gets what is left of one. */
export function keptFrom(launch: Launch, logOffset: number): Launch {
  const { keep } = launch;
  if (!keep) return launch;
  const fileKib = Math.ceil((logOffset + keep.headBytes) / 1024);
  return { ...launch, keep: { ...keep, fileKib, headBytes: fileKib * 1024 - logOffset } };
}
