// The job types that applications registered: every file of job-types/ read, bad ones said and left out.
import { jobTypeFromYaml } from '../format/job-type-yaml.ts';
import { utf8FromBytes } from '../model/bytes.ts';
import type { JobType } from '../model/config.ts';
import { textFromProblem } from '../model/errors.ts';
import { join } from '../model/paths.ts';
import { isIgnoredName, isReadmeName } from '../model/queue.ts';
import type { Context } from './context.ts';

const limitBytes = 1024 * 1024;

/** Gives the job types in force; each bad file is said with its lines, and concerns its own type only. */
export function readJobTypes(context: Pick<Context, 'machine' | 'paths' | 'say'>): readonly JobType[] {
  const { machine, paths } = context;
  const types: JobType[] = [];
  for (const name of [...(machine.files.list(paths.jobTypes) ?? [])].sort()) {
    if (isIgnoredName(name) || isReadmeName(name) || !/\.ya?ml$/.test(name)) continue;
    const text = machine.files.read(join(paths.jobTypes, name), 0, limitBytes);
    if (text === undefined) continue;
    const parsed = jobTypeFromYaml(utf8FromBytes(name), utf8FromBytes(text));
    if (parsed.kind === 'job-type') types.push(parsed.jobType);
    else {
      const why = parsed.problems.map(textFromProblem).join('; ');
      context.say({ event: 'refused', name, fields: { in: 'job-types' }, text: why });
    }
  }
  return types;
}
