import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two processes per test of the whole are enough for two cores.
    maxWorkers: 2,
    pool: 'forks',
  },
})
