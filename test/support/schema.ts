// The JSON Schemas in docs/schemas, strictly.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Gives what is wrong with a document by the schema `docs/schemas/NAME.schema.json`; nothing if it is as it says. */
export function schemaFaults(name: string, document: unknown): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, `../../docs/schemas/${name}.schema.json`), 'utf8');
  const validate = new Ajv2020({ allErrors: true, strict: true }).compile(JSON.parse(text) as object);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
