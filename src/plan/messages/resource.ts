// RESOURCE: how much there is of something from now on.
import type { Config } from '../../model/config.ts';
import type { Message } from '../../model/message.ts';
import type { MessageSeen, Seen } from '../../model/seen.ts';
import { resourcesOf } from '../resources.ts';
import { type Answer, refuse, sayTo } from './answer.ts';

/** Gives the answer to RESOURCE. Only what config.yaml names can be changed: another name is a typing error. */
export function answerResource(
  message: MessageSeen,
  { name, count }: Extract<Message, { kind: 'resource' }>,
  { control, claims }: Seen,
  config: Config,
): Answer {
  const known = Object.keys(config.resources);
  if (!known.includes(name)) {
    const remedy = known.length > 0 ? `there is ${known.join(', ')}` : 'write it under resources in config.yaml first';
    return refuse(message, `no resource ${name}: ${remedy}`);
  }
  const next = { ...control, resources: { ...control.resources, [name]: count } };
  const taken = resourcesOf(next, config, claims).get(name)?.taken ?? 0;
  const over = taken > count ? `; ${taken} are taken, and what has them runs on` : '';
  return {
    actions: [{ kind: 'control', control: next }, sayTo(message, `there is ${name} ${count} now${over}`)],
    control: next,
  };
}
