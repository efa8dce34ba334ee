// What stands in a root: each UOW with its queue, STATUS and log, as plain bytes.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type QueueName, queueNames } from '../root.ts';

export interface FoundUow {
  readonly queue: QueueName;
  readonly name: string;
  readonly ino: number;
  /** Its `label`; none if it has none, or is torn. */
  readonly id: string | undefined;
  /** Its STATUS line, with one blank behind it. */
  readonly status: string;
  readonly text: string;
  /** What stands behind its JOB LOG title. */
  readonly log: string;
}

/** Gives every file in the queues but READMEs and hidden ones. */
export function foundIn(root: string): readonly FoundUow[] {
  return queueNames.flatMap((queue) =>
    readdirSync(join(root, queue))
      .filter((name) => !name.startsWith('README') && !name.startsWith('.'))
      .map((name) => {
        const path = join(root, queue, name);
        const text = readFileSync(path, 'latin1');
        const title = /==== JOB LOG\n(\n)?/.exec(text);
        return {
          queue,
          name,
          ino: lstatSync(path).ino,
          id: /^label :: (\S+)/m.exec(text)?.[1],
          status: `${/==== STATUS\n\s*([^\n]*)/.exec(text)?.[1]?.trim() ?? ''} `,
          text,
          log: title ? text.slice(title.index + title[0].length) : '',
        };
      }),
  );
}
