import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They have a run of their own: npm run test:faults.
    exclude: [...configDefaults.exclude, 'test/faults/**'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two processes per test of the whole are enough for two cores.
    maxWorkers: 2,
    pool: 'forks',
  },
})
