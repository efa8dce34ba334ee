// For `npm run mutation`: the tests of one folder, which Stryker names as `dir`, with one seed, so that two runs have one score.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['**/*.test.ts'], setupFiles: ['test/support/one-seed.ts'], testTimeout: 60_000 },
});
