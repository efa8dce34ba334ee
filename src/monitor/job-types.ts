// The job types that applications registered: every file of job-types/ read, bad ones said and left out.
import { jobTypeFromYaml } from '../format/job-type-yaml.ts';
import { type Bytes, utf8FromBytes } from '../model/bytes.ts';
import type { JobType } from '../model/config.ts';
import { errnoOf } from '../model/errno.ts';
import { textFromProblem } from '../model/errors.ts';
import { join } from '../model/paths.ts';
import { isIgnoredName, isReadmeName } from '../model/queue.ts';
import type { Context } from './context.ts';

const limitBytes = 1024 * 1024;

/** Gives the job types in force; each bad file is said with its lines, and concerns its own type only. */
export function readJobTypes(context: Pick<Context, 'machine' | 'paths' | 'say'>): readonly JobType[] {
  const { machine, paths } = context;
  const { files } = machine;
  const types: JobType[] = [];
  const refuse = (name: Bytes, why: string): void => {
    context.say({ event: 'refused', name, fields: { in: 'job-types' }, text: why });
  };
  const names = readable(
    () => files.list(paths.jobTypes),
    (why) => refuse(paths.jobTypes, why),
  );
  for (const name of [...(names ?? [])].sort()) {
    if (isIgnoredName(name) || isReadmeName(name) || !/\.ya?ml$/.test(name)) continue;
    const path = join(paths.jobTypes, name);
    const found = readable(
      () => ({ text: files.read(path, 0, limitBytes), stat: files.stat(path) }),
      (why) => refuse(name, why),
    );
    if (!found) continue;
    const { text, stat } = found;
    if (text === undefined) {
      if (stat && stat.kind !== 'file') refuse(name, 'no regular file: put the file itself here, no link is followed');
      continue;
    }
    const parsed = jobTypeFromYaml(utf8FromBytes(name), utf8FromBytes(text));
    if (parsed.kind === 'job-type') {
      const isClosed = stat !== undefined && (stat.mode & 0o004) === 0;
      types.push(isClosed ? { ...parsed.jobType, isClosed } : parsed.jobType);
    } else {
      const why = parsed.problems.map(textFromProblem).join('; ');
      refuse(name, why);
    }
  }
  return types;
}

/** Gives what `read` gives; what the disk refuses is told to `refuse`, and concerns nothing else. */
function readable<T>(read: () => T, refuse: (why: string) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    refuse(`cannot be read (${String(error)}): give the monitor’s user the right to`);
    return undefined;
  }
}
