// SUBMIT: a UOW of a job type, from one line.
import type { Config } from '../../model/config.ts';
import { fieldFault, fieldRow, Header } from '../../model/header.ts';
import { fieldNameFromText, pickJobType } from '../../model/job-type.ts';
import type { Message } from '../../model/message.ts';
import type { MessageSeen, Seen } from '../../model/seen.ts';
import { argvFromJobType } from '../job-argv.ts';
import { type Answer, refuse, sayTo } from './answer.ts';

/** Gives the answer to SUBMIT: what the job type would refuse at its start is refused here. */
export function answerSubmit(
  message: MessageSeen,
  { jobType, fields }: Extract<Message, { kind: 'submit' }>,
  seen: Seen,
  config: Config,
): Answer {
  const picked = pickJobType(seen.jobTypes, jobType);
  if (picked.kind !== 'job-type') return refuse(message, `${picked.message}: ${picked.remedy}`);
  const { jobType: type } = picked;
  if (fields.some(([name]) => fieldNameFromText(name) === 'array'))
    return refuse(message, 'array is not for SUBMIT: copy a file into wait-q, or use sjq submit');
  const lines = fields.map(([name, content]) => ({ name: fieldNameFromText(name), content, line: 0 }));
  for (const { name, content } of lines) {
    const row = fieldRow(name);
    const fault = row && fieldFault(row, content);
    if (fault !== undefined) return refuse(message, `${name}: ${fault}`);
  }
  const header = new Header(lines, config.defaults, type.defaults, config.jobTypeDefaults[type.name] ?? {});
  const filled = argvFromJobType(type, header);
  if (filled.kind === 'fault') return refuse(message, `${filled.message}: write ${type.name} with its FIELD=VALUE`);
  const { notice } = sayTo(message, 'submitted');
  return { actions: [{ kind: 'obey', message, deed: { kind: 'submit', jobType, fields }, answer: notice }] };
}
