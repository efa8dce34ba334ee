// Which runs are runs of the same job, though each UOW has a name of its own.

/**
 * Gives what all runs of a job have in common: the schedule that makes it, and in a flow its section; else its name without the `~2`
 * of a newcomer.
 */
export function jobOf(name: string, schedule: string | undefined): string {
  const section = schedule === undefined ? undefined : /@\d{4}-\d\d-\d\dT\d{6}Z(?:~\d+)?(\..+)$/.exec(name)?.[1];
  return schedule !== undefined ? `${schedule}${section ?? ''}` : name.replace(/~\d+$/, '');
}
