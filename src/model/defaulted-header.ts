// What a header says together with the defaults that stand where it says nothing: those of the settings, of the job type's own file,
// and of the settings for that type, the strongest last.
import type { Config, JobType } from './config.ts';
import { Header } from './header.ts';
import { type PickedJobType, pickJobType } from './job-type.ts';
import type { HeaderLine } from './uow.ts';

/** A header with its defaults, and the job type that it names, if it names one. */
export interface DefaultedHeader {
  readonly header: Header;
  readonly picked?: PickedJobType;
}

/** Gives the priority by which a UOW is served: that of its group is added to its own. */
export function servicePriority(header: Header, { groups }: Pick<Config, 'groups'>): number {
  const group = header.text('group');
  const added = group !== undefined && Object.hasOwn(groups, group) ? (groups[group]?.priority ?? 0) : 0;
  return (header.whole('priority') ?? 0) + added;
}

/** Gives the header with all that defaults say. A job type that nobody offers gives none. */
export function defaultedHeader(
  lines: readonly HeaderLine[],
  config: Pick<Config, 'defaults' | 'jobTypeDefaults' | 'defaultNeeds'>,
  jobTypes: readonly JobType[],
): DefaultedHeader {
  const wanted = lines.findLast(({ name }) => name === 'job')?.content;
  const picked = wanted === undefined ? undefined : pickJobType(jobTypes, wanted);
  const type = picked?.kind === 'job-type' ? picked.jobType : undefined;
  const weakest = config.defaultNeeds === undefined ? {} : { needs: config.defaultNeeds };
  const layers = type ? [type.defaults, config.jobTypeDefaults[type.name] ?? {}] : [];
  return { header: new Header(lines, weakest, config.defaults, ...layers), ...(picked && { picked }) };
}
