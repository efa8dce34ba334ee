import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import layers from './eslint.layers.js';

const MACHINE = 'comes in through a port (src/system); only system/ and cli/ touch the machine';

const restrictedGlobals = [
  'console',
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
].map((name) => ({ name, message: `${name} ${MACHINE}` }));

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'queue-root/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Write a union of strings.' }],
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        // A `default` must not swallow the member that somebody adds tomorrow.
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Numbers print as anybody expects; everything else must still be converted on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => save()` for a callback is shorter than a block and hides nothing.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A wake loop is `while (true)`.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // An implementation of an async port may have nothing to wait for, and `async` still turns a throw into a rejection.
      '@typescript-eslint/require-await': 'off',
      // The texts handled here hold escape sequences and NULs, so patterns that look for them are meant.
      'no-control-regex': 'off',
    },
  },

  {
    files: ['src/**/*.ts'],
    plugins: { local: layers },
    rules: { 'local/imports-follow-layers': 'error' },
  },

  {
    files: ['src/**/*.ts'],
    ignores: ['src/system/**', 'src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', { globals: restrictedGlobals, checkGlobalObject: true }],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: `Time ${MACHINE}` },
        { object: 'Math', property: 'random', message: `Randomness ${MACHINE}` },
      ],
      // Said again in full: a later setting of a rule replaces the earlier one.
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Write a union of strings.' },
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: `Time ${MACHINE}` },
        { selector: 'CallExpression[callee.name="Date"]', message: `Time ${MACHINE}` },
      ],
    },
  },

  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // In a test a wrong `!` is a red test, which is what it is there for.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Tests hand over wrong values on purpose, and read JSON that they have just written.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      // A fake often has a method that does nothing.
      '@typescript-eslint/no-empty-function': 'off',
    },
  },

  {
    files: ['*.config.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },

  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly' } },
  },
);
