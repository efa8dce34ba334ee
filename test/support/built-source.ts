// The source as JavaScript, for tests that need it in processes of their own: Node 20 does not run TypeScript, and a test must
// not depend on when dist/ was built.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const project = dirname(dirname(import.meta.dirname));

/** Gives a folder that holds src/ as .js files, without type check, and how to remove it. Takes about a second. */
export function builtSource(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sjq-built-'));
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const path of readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(project, 'src', path), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path.replace(/ts$/, 'js')), outputText);
  }
  return {
    folder,
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}
