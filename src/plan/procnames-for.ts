// Which process names hold a UOW back: those of the config, and those of its job type.
import type { Config, JobType, Procname } from '../model/config.ts';

/** Gives the procnames that concern a UOW of that job type (none: a plain command). */
export function procnamesFor(
  config: Config,
  jobTypes: readonly JobType[],
  jobType: string | undefined,
): readonly Procname[] {
  const own = jobType === undefined ? [] : jobTypes.filter(({ name }) => name === jobType.replace(/@.*/, ''));
  return [...config.procnames, ...own.flatMap((type) => type.procnames)];
}

/** Gives every procname that concerns anybody, for the one look at the processes that all share. */
export function allProcnames(config: Config, jobTypes: readonly JobType[]): readonly Procname[] {
  return [...config.procnames, ...jobTypes.flatMap((type) => type.procnames)];
}
