import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests start processes, change umasks and send signals: each file gets a process of its own.
    pool: 'forks',
    // The default leaves one core idle, which on two cores is half of the machine; many tests only wait for a child.
    maxWorkers: '100%',
    // A noisy machine may starve a test of real processes; at a desk a test that fails once has failed.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Something of Vite's own holds the end up for as long as it may.
    teardownTimeout: 2000,
  },
});
