// Lets Node 20 run the bench as it is written, in TypeScript: its types are taken off as each file is loaded. Registers itself when
// it is imported (`node --import`); the checking is `npm run typecheck`'s.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import typescript from 'typescript';

if (isMainThread) register(import.meta.url);

const compilerOptions = {
  target: typescript.ScriptTarget.ES2023,
  module: typescript.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  return {
    format: 'module',
    shortCircuit: true,
    source: typescript.transpileModule(source, { compilerOptions }).outputText,
  };
}
