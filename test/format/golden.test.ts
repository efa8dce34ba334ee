// Each NAME.uow in golden/uow stands beside what parsing it gives (NAME.json) and, if it is valid, the file after it was stamped
// (NAME.stamped). Files of a released version stay for ever.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canHoldStatus, stampedUow } from '../../src/format/uow-edit.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { bytesFromBuffer, type Bytes } from '../../src/model/bytes.ts';
import type { Status } from '../../src/model/status.ts';

const folder = join(import.meta.dirname, 'golden', 'uow');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.uow'))
  .map((name) => name.slice(0, -4));

const stamp = { seconds: 1_795_329_100, ordinal: 12 };
const status: Status = { word: 'waiting', flags: [], attempt: 0, at: Date.UTC(2026, 10, 22, 4, 31, 40) };

function golden(name: string): Bytes {
  return bytesFromBuffer(readFileSync(join(folder, name)));
}

describe('the golden UOW files', () => {
  it('are all there', () => {
    expect(names).toEqual([
      'block-boundary',
      'by-hand',
      'crlf-bom',
      'everything-wrong',
      'flow',
      'full',
      'hostile-log',
      'minimal',
    ]);
  });

  it.each(names)('%s is read as ever', (name) => {
    expect(parseUow(golden(`${name}.uow`))).toEqual(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  });

  it.each(names)('%s is stamped as ever', (name) => {
    const bytes = golden(`${name}.uow`);
    const parsed = parseUow(bytes);
    if (parsed.kind === 'invalid') return;
    const logOffset = parsed.head.layout.logOffset ?? bytes.length;
    const head = stampedUow(bytes.slice(0, logOffset) as Bytes, parsed.head, { stamp, event: 'enqueued', status });
    expect(head + bytes.slice(logOffset)).toBe(golden(`${name}.stamped`));
    const again = parseUow(head);
    expect(again.kind === 'uow' && canHoldStatus(again.head.layout)).toBe(true);
  });
});
