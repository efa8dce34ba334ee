import { defineConfig } from 'vitest/config';

/** Tests of what only computes, or does its work in a folder of its own: these files may share a process, which saves each its start. */
const gentle = ['model', 'plan', 'format', 'monitor'].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    pool: 'forks',
    // The default leaves one core idle; and many tests only wait for a child.
    maxWorkers: '150%',
    // A noisy machine may starve a test of real processes; at a desk a test that fails once has failed.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Something of Vite's own holds the end up for as long as it may.
    teardownTimeout: 2000,
    projects: [
      {
        extends: true,
        test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: gentle },
      },
      { extends: true, test: { name: 'gentle', include: gentle, isolate: false } },
    ],
  },
});
