import { readdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultConfig } from '../../src/format/config-yaml.ts';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { rootPaths } from '../../src/model/paths.ts';
import { submit, textFromFields } from '../../src/monitor/submit.ts';
import { realClock } from '../../src/system/clock.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import { realHost } from '../../src/system/host.ts';
import { testRoot } from '../support/root.ts';

it('a UOW of the same name that passes by between look and link keeps it, and the newcomer gets another', () => {
  const root = testRoot();
  let isFirst = true;
  const files: Files = {
    ...realFiles,
    link(from, to) {
      // Submitted, taken in and started by others in this very instant.
      if (isFirst) writeFileSync(root.path('currently-executing/job'), 'theirs');
      isFirst = false;
      return realFiles.link(from, to);
    },
  };
  const paths = rootPaths(bytesFromUtf8(root.dir), defaultConfig());
  const text = textFromFields([['command', 'true']]);
  const name = submit({ files, clock: realClock, host: realHost() }, paths, {
    ...{ name: bytesFromUtf8('job'), text, queue: 'wait', durability: 'process' },
  });
  expect(name).toBe('job~2');
  expect(root.list('wait-q')).toEqual(['job~2']);
  expect(root.list('currently-executing')).toEqual(['job']);
});

it('a UOW whose last sync fails is not submitted, and not there', () => {
  const root = testRoot();
  const files: Files = {
    ...realFiles,
    syncDirectory() {
      throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
    },
  };
  const paths = rootPaths(bytesFromUtf8(root.dir), defaultConfig());
  const submission = {
    name: bytesFromUtf8('job'),
    text: textFromFields([['command', 'true']]),
    queue: 'wait',
  } as const;
  const tried = (): unknown =>
    submit({ files, clock: realClock, host: realHost() }, paths, { ...submission, durability: 'power' });
  expect(tried).toThrow('EIO');
  expect(readdirSync(root.path('wait-q'))).toEqual([]);
});
