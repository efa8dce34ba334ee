// The version of the program, from its package.json.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The version, such as `0.1.0`. */
export const version: string = (require('../../package.json') as { readonly version: string }).version;
