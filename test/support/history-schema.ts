// The published schema of history.jsonl, for tests that hold lines to it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const path = join(import.meta.dirname, '../../docs/schemas/history.schema.json');
const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
  JSON.parse(readFileSync(path, 'utf8')) as object,
);

/** Gives what the schema has against a line's content; empty if it is valid. */
export function historyFaults(entry: unknown): readonly string[] {
  if (validate(entry)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
